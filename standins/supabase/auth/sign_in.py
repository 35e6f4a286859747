"""Starting and continuing sessions: sign-up and the token endpoint."""

import uuid
from typing import Any

from starlette.responses import JSONResponse, Response

from standins.supabase.auth import (
    anonymous,
    flow_states,
    mails,
    objects,
    passwords,
    refresh_tokens,
    sessions,
    users,
)
from standins.supabase.auth.calls import Call
from standins.supabase.auth.errors import AuthError, OAuthError, validation_failed
from standins.supabase.auth.input import no_phone
from standins.supabase.auth.users import EmailTaken, User


def sign_up(call: Call) -> Response:
    """POST /signup: a session, or the user while the address waits for confirmation.

    Without an address it makes an anonymous account.
    """
    no_phone(call.body, "signups")
    flow_states.challenge_in(call.body)
    if not call.body.text("email"):
        user = anonymous.create(call.cursor, call.body.mapping("data"), at=call.at)
        return start_session(call, user, "anonymous")
    if not call.body.text("password"):
        raise validation_failed("Signup requires a valid password")
    # Hashed for a known address too: the time taken tells nothing.
    password_hash = passwords.new_hash(call.body.text("password"))
    user, is_new = register(call, call.body.email(), password_hash, call.body.mapping("data"))
    if call.config.confirm_email:
        if user.email_confirmed_at:
            return JSONResponse(_made_up_user(call, user.email))
        return JSONResponse(objects.user_object(call.cursor, mails.send(call, user, mails.SIGN_UP)))
    if not is_new:
        raise AuthError(422, "user_already_exists", "User already registered")
    return start_session(call, user, "password")


def register(call: Call, email: str, password_hash: str, metadata: dict[str, Any]) -> tuple[User, bool]:
    """The account with this address, locked, and whether it is new.

    An unconfirmed account stays as it is: nobody knows whose it is.
    """
    user_id, confirmed = uuid.uuid4(), not call.config.confirm_email
    try:
        users.create_user(
            call.cursor,
            email=email,
            password_hash=password_hash,
            user_metadata=_with_claims(metadata, user_id, email, confirmed),
            confirmed=confirmed,
            id=user_id,
            at=call.at,
        )
    except EmailTaken:
        pass
    user = users.find_by_email(call.cursor, email, lock=True)
    if user is None:
        raise AuthError(409, "conflict", "The account was removed meanwhile. Try again.")
    return user, user.id == user_id


def grant(call: Call) -> Response:
    """POST /token?grant_type="""
    grant_type = call.query.text("grant_type")
    if grant_type == "password":
        return _grant_by_password(call)
    if grant_type == "refresh_token":
        return _grant_by_refresh_token(call)
    if grant_type == "pkce":
        return _grant_by_code(call)
    raise OAuthError(400, "unsupported_grant_type", f"unsupported grant_type {grant_type!r}")


def start_session(call: Call, user: User, method: str) -> Response:
    """Answers with a new session of the account."""
    return JSONResponse(new_session(call, user, method))


def new_session(call: Call, user: User, method: str) -> dict[str, Any]:
    """A new session of the account, proved by ``method``."""
    request = call.request
    session = sessions.create_session(
        call.cursor,
        user.id,
        at=call.at,
        method=method,
        user_agent=request.headers.get("user-agent", ""),
        ip=request.client.host if request.client else None,
    )
    token = refresh_tokens.grant(call.cursor, session, at=call.at)
    user = users.get(call.cursor, user.id)
    return objects.session_object(call.cursor, call.config, user, session, token, at=call.at)


def _grant_by_password(call: Call) -> Response:
    no_phone(call.body, "logins")
    if not call.body.text("email"):
        raise validation_failed("missing email or phone")
    user = users.find_by_email(call.cursor, call.body.text("email").strip())
    stored = user.encrypted_password if user else None
    matches = passwords.matches(call.body.text("password"), stored)
    # Hashing takes long: the password may have been changed meanwhile, and its sessions ended.
    user = users.find(call.cursor, user.id, lock=True) if user and matches else None
    if user is None or user.encrypted_password != stored:
        raise AuthError(400, "invalid_credentials", "Invalid login credentials")
    if user.is_banned(call.at):
        raise AuthError(400, "user_banned", "User is banned")
    if user.email_confirmed_at is None:
        raise AuthError(400, "email_not_confirmed", "Email not confirmed")
    return start_session(call, user, "password")


def _grant_by_refresh_token(call: Call) -> Response:
    token = call.body.text("refresh_token")
    if not token:
        raise OAuthError(400, "invalid_request", "refresh_token required")
    session_id = refresh_tokens.session_of(call.cursor, token)
    # Two refreshes of one token take turns here; the second gets the first one's result.
    session = sessions.find(call.cursor, session_id, lock=True)
    user = users.find(call.cursor, session.user_id) if session else None
    if session is None or user is None:
        raise refresh_tokens.not_found()
    if user.is_banned(call.at):
        raise AuthError(400, "user_banned", "Invalid Refresh Token: User Banned")
    if session.not_after and session.not_after <= call.at:
        raise AuthError(400, "session_expired", "Invalid Refresh Token: Session Expired")
    token = refresh_tokens.rotate(call.cursor, session, token, at=call.at)
    return JSONResponse(objects.session_object(call.cursor, call.config, user, session, token, at=call.at))


def _grant_by_code(call: Call) -> Response:
    code, verifier = call.body.text("auth_code"), call.body.text("code_verifier")
    if not code or not verifier:
        message = "invalid request: both auth code and code verifier should be non-empty"
        raise validation_failed(message)
    user_id, method = flow_states.redeem(call.cursor, code, verifier, at=call.at)
    user = users.find(call.cursor, user_id, lock=True)
    if user is None:
        raise AuthError(404, "user_not_found", "User not found")
    if user.is_banned(call.at):
        raise AuthError(400, "user_banned", "User is banned")
    return start_session(call, user, method)


def _with_claims(metadata: dict[str, Any], user_id: uuid.UUID, email: str, confirmed: bool) -> dict[str, Any]:
    """Sign-up copies the identity into the metadata, as Supabase Auth does."""
    return metadata | {
        "sub": str(user_id),
        "email": email,
        "email_verified": confirmed,
        "phone_verified": False,
    }


def _made_up_user(call: Call, email: str) -> dict[str, Any]:
    """Answers a sign-up with a known address as if it were new, without its identity."""
    user_id, now = uuid.uuid4(), objects.rfc3339(call.at)
    return {
        "id": str(user_id),
        "aud": users.AUDIENCE,
        "role": "",
        "email": email,
        "phone": "",
        "app_metadata": {"provider": "email", "providers": ["email"]},
        "user_metadata": _with_claims(call.body.mapping("data"), user_id, email, False),
        "identities": [],
        "is_anonymous": False,
        "confirmation_sent_at": now,
        "created_at": now,
        "updated_at": now,
    }
