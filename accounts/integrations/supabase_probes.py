"""Requests that examine a project of Supabase, for ``manage.py doctor``. They change nothing.

Each raises SupabaseUnavailable.
"""

import time
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

from django.conf import settings
from django.utils.http import parse_http_date_safe

from accounts.errors import InvalidInput, SupabaseRejected, SupabaseUnavailable
from accounts.integrations import supabase_client

TIMEOUT_SECONDS = 4  # below the time limit of the doctor's checks


@dataclass(frozen=True)
class Answer:
    """Supabase Auth's answer about its settings.

    ``seconds_ahead`` is how far this machine's clock is ahead of Supabase's; None without a date.
    """

    status: int
    is_auth: bool
    seconds_ahead: float | None


def auth_settings() -> Answer:
    """Requests the project's public settings with the publishable key. Raises SupabaseUnavailable.

    The answer is not cached, so that its header Date (RFC 9110, section 6.6.1) is Supabase's time now, in
    whole seconds.
    """
    import httpx  # at the first call, which keeps the start of commands short

    from accounts.integrations import bounded_http

    before = time.time()
    headers = {"apikey": settings.SUPABASE_PUBLISHABLE_KEY}
    try:
        with bounded_http.limited(seconds=TIMEOUT_SECONDS):
            response = supabase_client.http().get(
                f"{settings.SUPABASE_URL}/auth/v1/settings", headers=headers
            )
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        raise SupabaseUnavailable(type(error).__name__) from None
    date = parse_http_date_safe(response.headers.get("date", ""))
    now = (before + time.time()) / 2
    ahead = None if date is None else now - (date + 0.5)
    return Answer(response.status_code, _is_auth(response), ahead)


def is_secret_key(*, admin: bool) -> bool:
    """Whether Supabase grants the rights of a secret key to SUPABASE_SECRET_KEY, or to the publishable key.

    Reads an account that does not exist. Raises SupabaseUnavailable.
    """
    from accounts.integrations import bounded_http

    try:
        with (
            bounded_http.limited(seconds=TIMEOUT_SECONDS),
            supabase_client.for_one_call(admin=admin) as client,
        ):
            client.auth.admin.get_user_by_id(str(uuid4()))
    except SupabaseRejected:
        return False
    except InvalidInput as error:
        return error.code == "user_not_found"
    return True


def _is_auth(response: Any) -> bool:
    """Whether a response is from Supabase Auth, and not from another server."""
    try:
        return "external" in response.json()
    except (ValueError, TypeError, RecursionError):
        return False
