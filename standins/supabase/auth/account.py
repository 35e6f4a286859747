"""Endpoints of the signed-in account."""

from starlette.responses import JSONResponse, Response

from standins.supabase.auth import (
    factors,
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
from standins.supabase.auth.sessions import Session
from standins.supabase.auth.users import User


def read(call: Call) -> Response:
    user, _ = current_user(call)
    return JSONResponse(objects.user_object(call.cursor, user))


def change(call: Call) -> Response:
    """PUT /user: changes the metadata, the password and the e-mail address, if given."""
    user, session = current_user(call, lock=True)
    flow_states.challenge_in(call.body)
    if call.body.mapping("app_metadata"):
        raise AuthError(403, "not_admin", "Updating app_metadata requires admin privileges")
    _require_second_factor(call, user, session)
    if "data" in call.body:
        metadata = users.merge_metadata(user.user_metadata, call.body.mapping("data"))
        user = users.update(call.cursor, user.id, at=call.at, raw_user_meta_data=metadata)
    if call.body.text("password"):
        user = _change_password(call, user, session)
    if call.body.text("email") and call.body.email() != user.email:
        user = _change_email(call, user, call.body.email())
    return JSONResponse(objects.user_object(call.cursor, user))


def sign_out(call: Call) -> Response:
    """POST /logout: ends this session ("local"), the others ("others") or all ("global", the default)."""
    scope = call.query.text("scope", "global")
    user, session = current_user(call)
    if scope not in ("global", "local", "others"):
        raise validation_failed(f"Unsupported logout scope {scope!r}")
    if scope == "local" and session:
        sessions.end(call.cursor, session.id)
    else:
        sessions.end_all(call.cursor, user.id, but=session.id if session and scope == "others" else None)
    return Response(status_code=204)


def _require_second_factor(call: Call, user: User, session: Session | None) -> None:
    """Raises AuthError for a new password or address in an ``aal1`` session, if a factor is verified."""
    email = call.body.text("email")
    if not call.body.text("password") and (not email or email == user.email):
        return
    has_factor = any(factor.status == "verified" for factor in factors.of_user(call.cursor, user.id))
    if has_factor and (session is None or session.aal != "aal2"):
        message = "AAL2 session is required to update email or password when MFA is enabled."
        raise AuthError(401, "insufficient_aal", message)


def _change_password(call: Call, user: User, session: Session | None) -> User:
    """Sets the password, ends the other sessions and deletes the mailed codes."""
    password, hasher = call.body.text("password"), call.config.password_hasher
    password_hash = passwords.new_hash(hasher, password)
    if passwords.matches(hasher, password, user.encrypted_password):
        raise AuthError(422, "same_password", "New password should be different from the old password.")
    one_time_tokens.clear(call.cursor, user.id)
    sessions.end_all(call.cursor, user.id, but=session.id if session else None)
    return users.update(call.cursor, user.id, at=call.at, encrypted_password=password_hash)


def _change_email(call: Call, user: User, email: str) -> User:
    """Mails both addresses. The change waits for both codes with ``confirm_email``, otherwise for one."""
    if users.find_by_email(call.cursor, email):
        raise email_exists()
    users.update(call.cursor, user.id, at=call.at, email_change=email, email_change_confirm_status=0)
    mails.send(call, user, mails.OLD_EMAIL)
    return mails.send(call, user, mails.NEW_EMAIL, to=email)
