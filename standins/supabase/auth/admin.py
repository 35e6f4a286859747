"""The admin API: accounts, for whoever holds the secret key."""

import re
from typing import Any
from uuid import UUID

from django.contrib.auth.hashers import identify_hasher
from starlette.responses import JSONResponse, Response

from standins.supabase.auth import bans, mails, objects, one_time_tokens, passwords, sessions, users
from standins.supabase.auth.bearer import require_admin
from standins.supabase.auth.calls import Call
from standins.supabase.auth.errors import AuthError, email_exists, validation_failed
from standins.supabase.auth.input import Fields, no_phone
from standins.supabase.auth.users import EmailTaken, User

PER_PAGE = 50
MAX_PER_PAGE = 1000


def create(call: Call) -> Response:
    """POST /admin/users"""
    require_admin(call)
    body = call.body
    no_phone(body, "signups")
    if not body.text("email"):
        raise validation_failed("Cannot create a user without either an email or phone")
    if body.text("password") and body.text("password_hash"):
        raise validation_failed("Only a password or a password hash should be provided")
    banned_until = bans.until(body.text("ban_duration"), call.at)
    user = _make(call, body)
    if banned_until:
        users.update(call.cursor, user.id, at=call.at, banned_until=banned_until)
    if body.flag("email_confirm"):
        users.confirm(call.cursor, user, at=call.at)
    return _answer(call, users.get(call.cursor, user.id))


def _make(call: Call, body: Fields) -> User:
    try:
        return users.create_user(
            call.cursor,
            email=body.email(),
            password_hash=_password_hash(body) or passwords.random_hash(),
            user_metadata=body.mapping("user_metadata"),
            app_metadata=body.mapping("app_metadata"),
            role=body.text("role", "authenticated"),
            confirmed=False,
            id=_uuid(body.text("id")) if body.text("id") else None,
            at=call.at,
        )
    except EmailTaken:
        raise email_exists() from None


def listing(call: Call) -> Response:
    """GET /admin/users?page=&per_page=: the page's neighbours are in ``Link`` (RFC 8288)."""
    require_admin(call)
    page = _number(call.query, "page", 1)
    per_page = min(_number(call.query, "per_page", PER_PAGE), MAX_PER_PAGE)
    found, total = users.page(call.cursor, limit=per_page, offset=(page - 1) * per_page)
    last = max(1, -(-total // per_page))
    # supabase-js reads the digits after the first "=", so page has to come first.
    link = '</admin/users?page={}&per_page={}>; rel="{}"'
    links = [link.format(page + 1, per_page, "next")] if page < last else []
    links.append(link.format(last, per_page, "last"))
    answer = [objects.user_object(call.cursor, user) for user in found]
    headers = {"X-Total-Count": str(total), "Link": ", ".join(links)}
    return JSONResponse({"users": answer, "aud": users.AUDIENCE}, headers=headers)


def read(call: Call) -> Response:
    """GET /admin/users/{id}"""
    require_admin(call)
    return _answer(call, _target(call))


def change(call: Call) -> Response:
    """PUT /admin/users/{id}: takes the fields of ``create``."""
    require_admin(call)
    user, body = _target(call), call.body
    no_phone(body, "signups")
    columns: dict[str, Any] = {}
    if body.text("role"):
        columns["role"] = body.text("role")
    if body.text("ban_duration"):
        columns["banned_until"] = bans.until(body.text("ban_duration"), call.at)
    for name, column in (("user", "raw_user_meta_data"), ("app", "raw_app_meta_data")):
        given = body.mapping(f"{name}_metadata")
        columns[column] = users.merge_metadata(getattr(user, f"{name}_metadata"), given)
    if password_hash := _password_hash(body):
        columns["encrypted_password"] = password_hash
        one_time_tokens.clear(call.cursor, user.id)
        sessions.end_all(call.cursor, user.id)
    user = users.update(call.cursor, user.id, at=call.at, **columns)
    if body.text("email") and body.email() != user.email:
        user = users.change_email(call.cursor, user, body.email(), at=call.at)
    if body.flag("email_confirm"):
        user = users.confirm(call.cursor, user, at=call.at)
    return _answer(call, user)


def delete(call: Call) -> Response:
    """DELETE /admin/users/{id}; ``should_soft_delete`` keeps an unusable row."""
    require_admin(call)
    user = _target(call)
    if call.body.flag("should_soft_delete"):
        users.soft_delete(call.cursor, user, at=call.at)
        sessions.end_all(call.cursor, user.id)
        one_time_tokens.clear(call.cursor, user.id)
    else:
        users.delete(call.cursor, user.id)
    return JSONResponse({})


def invite(call: Call) -> Response:
    """POST /invite: an account whose mail sets it up; an unconfirmed one is invited again."""
    require_admin(call)
    email, data = call.body.email(), call.body.mapping("data")
    try:
        users.create_user(call.cursor, email=email, user_metadata=data, confirmed=False, at=call.at)
    except EmailTaken:
        pass
    user = users.find_by_email(call.cursor, email, lock=True)
    if user is None or user.email_confirmed_at:
        raise email_exists()
    return _answer(call, mails.send(call, user, mails.INVITE))


def _target(call: Call) -> User:
    """The account in the path, locked."""
    user = users.find(call.cursor, _uuid(call.request.path_params["id"]), lock=True)
    if user is None:
        raise AuthError(404, "user_not_found", "User not found")
    return user


def _answer(call: Call, user: User) -> Response:
    return JSONResponse(objects.user_object(call.cursor, user))


def _password_hash(body: Fields) -> str:
    """The hash to store, or "" when none is given; ``password_hash`` is Django's encoding."""
    if body.text("password"):
        return passwords.new_hash(body.text("password"))
    given = body.text("password_hash")
    if given:
        try:
            identify_hasher(given)
        except ValueError:
            raise validation_failed("Invalid password hash") from None
    return given


def _uuid(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise validation_failed("user_id must be an UUID", status=404) from None


def _number(query: Fields, name: str, default: int) -> int:
    word = query.text(name) or str(default)
    if not re.fullmatch("[1-9][0-9]{0,8}", word):
        raise validation_failed(f"Bad Pagination Parameters: {name}")
    return int(word)
