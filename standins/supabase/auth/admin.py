"""Endpoints of the admin API, which requires the secret key."""

import re
import secrets
from datetime import datetime, timedelta

from starlette.responses import JSONResponse, Response

from standins.supabase.auth import objects, passwords, users
from standins.supabase.auth.bearer import require_admin
from standins.supabase.auth.calls import Call
from standins.supabase.auth.errors import AuthError, email_exists, validation_failed
from standins.supabase.auth.input import uuid_of
from standins.supabase.auth.users import EmailTaken, User

SECONDS = {"h": 3600, "m": 60, "s": 1}
MAX_BAN_SECONDS = (2**63 - 1) // 10**9  # Go counts nanoseconds in 64 bits


def create(call: Call) -> Response:
    """POST /admin/users: creates an account from email, email_confirm, password and user_metadata."""
    require_admin(call)
    body = call.body
    if not body.text("email"):
        raise validation_failed("Cannot create a user without either an email or phone")
    password = body.text("password") or secrets.token_urlsafe(32)
    try:
        user = users.create_user(
            call.cursor,
            email=body.email(),
            password_hash=passwords.new_hash(call.config.password_hasher, password, by_admin=True),
            user_metadata=body.mapping("user_metadata"),
            confirmed=False,
            at=call.at,
        )
    except EmailTaken:
        raise email_exists() from None
    if body.flag("email_confirm"):
        user = users.confirm(call.cursor, user, at=call.at)
    return JSONResponse(objects.user_object(call.cursor, user))


def read(call: Call) -> Response:
    """GET /admin/users/{id}. supabase-js reads an account before it deletes it."""
    require_admin(call)
    return JSONResponse(objects.user_object(call.cursor, _target(call)))


def change(call: Call) -> Response:
    """PUT /admin/users/{id}: sets or confirms the address, bans for ``ban_duration`` or ends the ban."""
    require_admin(call)
    user, duration = _target(call), call.body.text("ban_duration")
    if duration:
        user = users.update(call.cursor, user.id, at=call.at, banned_until=_end_of_ban(duration, call.at))
    if call.body.text("email"):
        other = users.find_by_email(call.cursor, call.body.email())
        if other and other.id != user.id:
            # Supabase Auth does not expect it: its constraint fails.
            raise AuthError(500, "unexpected_failure", "Error updating user")
        user = users.change_email(call.cursor, user, call.body.email(), at=call.at)
    if call.body.flag("email_confirm"):
        user = users.confirm(call.cursor, user, at=call.at)
    return JSONResponse(objects.user_object(call.cursor, user))


def delete(call: Call) -> Response:
    require_admin(call)
    users.delete(call.cursor, _target(call).id)
    return JSONResponse({})


def _target(call: Call) -> User:
    """The account in the path; locks its row. Raises AuthError (404)."""
    user_id = uuid_of(call.request.path_params["id"], "user_id")
    user = users.find(call.cursor, user_id, lock=True)
    if user is None:
        raise AuthError(404, "user_not_found", "User not found")
    return user


def _end_of_ban(duration: str, at: datetime) -> datetime | None:
    """The end of a ban, such as ``24h`` or ``1h30m``; None for ``none``. Raises AuthError.

    Supabase Auth reads it with Go's ``time.ParseDuration``. Fractions and smaller units are not imitated.
    """
    if duration == "none":
        return None
    parts = re.findall("([0-9]{1,10})([hms])", duration)
    seconds = sum(int(number) * SECONDS[unit] for number, unit in parts)
    if duration != "".join(map("".join, parts)) or seconds > MAX_BAN_SECONDS:
        raise validation_failed("invalid format for ban duration, expected for example 24h or none")
    return at + timedelta(seconds=seconds)
