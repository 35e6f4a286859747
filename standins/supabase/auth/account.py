"""What a signed-in person does with the account: reading, changing, signing out."""

from starlette.responses import JSONResponse, Response

from standins.supabase.auth import (
    anonymous,
    flow_states,
    mails,
    objects,
    one_time_tokens,
    passwords,
    sessions,
    users,
)
from standins.supabase.auth.bearer import current_user
from standins.supabase.auth.calls import Call
from standins.supabase.auth.errors import AuthError, email_exists, validation_failed
from standins.supabase.auth.input import no_phone
from standins.supabase.auth.sessions import Session
from standins.supabase.auth.users import User


def read(call: Call) -> Response:
    """GET /user"""
    user, _ = current_user(call)
    return JSONResponse(objects.user_object(call.cursor, user))


def change(call: Call) -> Response:
    """PUT /user: metadata, password, e-mail address."""
    user, session = current_user(call, lock=True)
    no_phone(call.body, "signups")
    flow_states.challenge_in(call.body)
    if user.is_anonymous and call.body.text("password") and not call.body.text("email"):
        message = "Updating password of an anonymous user without an email or phone is not allowed"
        raise validation_failed(message, status=422)
    if "data" in call.body:
        metadata = users.merge_metadata(user.user_metadata, call.body.mapping("data"))
        user = users.update(call.cursor, user.id, at=call.at, raw_user_meta_data=metadata)
    if call.body.text("password"):
        user = _change_password(call, user, session)
    if call.body.text("email") and call.body.email() != user.email:
        user = _change_email(call, user, call.body.email())
    return JSONResponse(objects.user_object(call.cursor, user))


def sign_out(call: Call) -> Response:
    """POST /logout?scope=: this session, the others, or all (the default)."""
    scope = call.query.text("scope", "global")
    user, session = current_user(call)
    if scope == "global" or (session is None and scope in ("local", "others")):
        sessions.end_all(call.cursor, user.id)
    elif scope == "local" and session:
        sessions.end(call.cursor, session.id)
    elif scope == "others" and session:
        sessions.end_all(call.cursor, user.id, but=session.id)
    else:
        raise validation_failed(f"Unsupported logout scope {scope!r}")
    return Response(status_code=204)


def reauthenticate(call: Call) -> Response:
    """GET /reauthenticate: mails a code that PUT /user takes as ``nonce``."""
    user, _ = current_user(call, lock=True)
    mails.send(call, user, mails.REAUTHENTICATION)
    return JSONResponse({})


def _change_password(call: Call, user: User, session: Session | None) -> User:
    """Other sessions and all pending codes end with the old password."""
    password = call.body.text("password")
    if call.body.text("nonce"):
        _check_nonce(call, user)
    password_hash = passwords.new_hash(password)
    if passwords.matches(password, user.encrypted_password):
        message = "New password should be different from the old password."
        raise AuthError(422, "same_password", message)
    one_time_tokens.clear(call.cursor, user.id)
    sessions.end_all(call.cursor, user.id, but=session.id if session else None)
    return users.update(call.cursor, user.id, at=call.at, encrypted_password=password_hash)


def _check_nonce(call: Call, user: User) -> None:
    call.guesses.check(call.at)
    nonce = call.body.text("nonce")
    if one_time_tokens.take_by_code(call.cursor, "reauthentication", user.email, nonce, at=call.at):
        return
    call.guesses.record(call.at)
    message = "Nonce has expired or is invalid"
    raise AuthError(422, "reauthentication_not_valid", message)


def _change_email(call: Call, user: User, email: str) -> User:
    """At once without confirmation; else the old address, if there is one, and the new one agree."""
    if users.find_by_email(call.cursor, email):
        raise email_exists()
    if not call.config.confirm_email:
        if user.is_anonymous:
            return anonymous.identify(call.cursor, user, email, at=call.at)
        return users.change_email(call.cursor, user, email, at=call.at)
    agreed = 0 if user.email else 1
    users.update(call.cursor, user.id, at=call.at, email_change=email, email_change_confirm_status=agreed)
    if user.email:
        mails.send(call, user, mails.OLD_EMAIL)
    return mails.send(call, user, mails.NEW_EMAIL, to=email)
