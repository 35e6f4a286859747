"""Sign-up and the token endpoint."""

import uuid
from dataclasses import replace
from typing import Any
from uuid import UUID

from starlette.responses import JSONResponse, Response

from standins.supabase.auth import flow_states, mails, objects, passwords, refresh_tokens, sessions, users
from standins.supabase.auth.calls import Call
from standins.supabase.auth.errors import AuthError, OAuthError, user_banned, validation_failed
from standins.supabase.auth.users import EmailTaken, User


def sign_up(call: Call) -> Response:
    """POST /signup: creates an account; returns a session or, with ``confirm_email``, the user."""
    flow_states.challenge_in(call.body)
    if not call.body.text("email"):
        raise AuthError(422, "anonymous_provider_disabled", "Anonymous sign-ins are disabled")
    if not call.body.text("password"):
        raise validation_failed("Signup requires a valid password")
    user_id = uuid.uuid4()
    user = _create_or_find(call, user_id)
    if call.config.confirm_email:
        if user.email_confirmed_at:
            return JSONResponse(_made_up_user(call, user))
        return JSONResponse(objects.user_object(call.cursor, mails.send(call, user, mails.SIGN_UP)))
    if user.id != user_id:
        raise AuthError(422, "user_already_exists", "User already registered")
    return JSONResponse(new_session(call, user, "password"))


def _create_or_find(call: Call, user_id: UUID) -> User:
    """Creates the account, with ``user_id``, unless its address is in use. Returns the locked account."""
    # Hashed before the lookup, so that the response time does not reveal whether the address is known.
    password_hash = passwords.new_hash(call.config.password_hasher, call.body.text("password"))
    email, confirmed = call.body.email(), not call.config.confirm_email
    try:
        users.create_user(
            call.cursor,
            email=email,
            password_hash=password_hash,
            user_metadata=call.body.mapping("data") | users.identity(user_id, email, confirmed),
            confirmed=confirmed,
            id=user_id,
            at=call.at,
        )
    except EmailTaken:
        pass  # an existing account is not changed: the caller may not be its owner
    user = users.find_by_email(call.cursor, email, lock=True)
    if user is None:
        raise AuthError(409, "conflict", "The account was deleted meanwhile. Try again.")
    return user


def grant(call: Call) -> Response:
    """POST /token: returns a session for the credentials of ``grant_type``."""
    grant_type = call.query.text("grant_type")
    grants = {"password": _by_password, "refresh_token": _by_refresh_token, "pkce": _by_code}
    if grant_type not in grants:
        raise OAuthError(400, "unsupported_grant_type", f"unsupported grant_type {grant_type!r}")
    return JSONResponse(grants[grant_type](call))


def new_session(call: Call, user: User, method: str) -> dict[str, Any]:
    """Creates a session; returns its JSON object. ``method`` is the method of authentication."""
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


def _by_password(call: Call) -> dict[str, Any]:
    hasher, password = call.config.password_hasher, call.body.text("password")
    if not call.body.text("email"):
        raise validation_failed("missing email or phone")
    user = users.find_by_email(call.cursor, call.body.text("email").strip())
    if user and user.is_banned(call.at):
        raise user_banned(400)  # Supabase Auth checks this before the password
    stored = user.encrypted_password if user else ""
    matches = passwords.matches(hasher, password, stored)
    # Hashing is slow: the password may have been changed meanwhile, so the row is read again.
    user = users.find(call.cursor, user.id, lock=True) if user and matches else None
    if user is None or user.encrypted_password != stored:
        raise AuthError(400, "invalid_credentials", "Invalid login credentials")
    if user.is_banned(call.at):
        raise user_banned(400)  # banned while the password was hashed
    if user.email_confirmed_at is None:
        raise AuthError(400, "email_not_confirmed", "Email not confirmed")
    return new_session(call, user, "password")


def _by_refresh_token(call: Call) -> dict[str, Any]:
    token = call.body.text("refresh_token")
    if not token:
        raise OAuthError(400, "invalid_request", "refresh_token required")
    session_id = refresh_tokens.session_of(call.cursor, token)
    # The lock serialises two refreshes with the same token: both return the same new token.
    session = sessions.find(call.cursor, session_id, lock=True)
    user = users.find(call.cursor, session.user_id) if session else None
    if session is None or user is None:
        raise refresh_tokens.not_found()
    if user.is_banned(call.at):
        raise AuthError(400, "user_banned", "Invalid Refresh Token: User Banned")
    if session.not_after and session.not_after <= call.at:
        raise AuthError(400, "session_expired", "Invalid Refresh Token: Session Expired")
    token = refresh_tokens.rotate(call.cursor, session, token, at=call.at)
    return objects.session_object(call.cursor, call.config, user, session, token, at=call.at)


def _by_code(call: Call) -> dict[str, Any]:
    code, verifier = call.body.text("auth_code"), call.body.text("code_verifier")
    if not code or not verifier:
        message = "invalid request: both auth code and code verifier should be non-empty"
        raise validation_failed(message)
    user_id, method = flow_states.redeem(call.cursor, code, verifier, at=call.at)
    user = users.find(call.cursor, user_id, lock=True)
    if user is None:
        raise AuthError(404, "user_not_found", "User not found")
    if user.is_banned(call.at):
        raise user_banned(400)
    return new_session(call, user, method)


def _made_up_user(call: Call, user: User) -> dict[str, Any]:
    """The response to a sign-up with a known address: a made-up user, so that the address is not revealed."""
    user_id = uuid.uuid4()
    instants: Any = dict.fromkeys(objects.INSTANTS) | dict.fromkeys(
        ("confirmation_sent_at", "created_at", "updated_at"), call.at
    )
    metadata = call.body.mapping("data") | users.identity(user_id, user.email, False)
    columns = {"app_metadata": users.APP_METADATA, "user_metadata": metadata, **instants}
    made_up = replace(user, id=user_id, role="", email_change="", **columns)
    return objects.user_object(call.cursor, made_up)
