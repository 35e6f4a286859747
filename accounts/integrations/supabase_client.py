"""A Supabase client for each call, over one shared HTTP client. Replaces its errors by domain errors.

A client adopts the token of the user who signs in with it, so no client is shared between calls.
It keeps the session in memory: implicit flow, no storage, no refresh timer.

The Supabase packages are imported at the first call, which keeps the start of the server short.
They are therefore typed as Any.
"""

import logging
import os
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from typing import Any

from django.conf import settings

from accounts.errors import InvalidInput, SupabaseUnavailable, TooManyRequests

TIMEOUT_SECONDS = 8
MAX_CONNECTIONS = 50
FIELD_OF_CODE = {
    "weak_password": "password",
    "same_password": "password",
    "user_already_exists": "email",
    "email_exists": "email",
    "email_address_invalid": "email",
    "email_address_not_authorized": "email",
}
# Statuses for a wrong API key or project: the server's settings are at fault, not the caller.
OUR_FAULT = {401, 402, 405}

logger = logging.getLogger(__name__)


@contextmanager
def for_one_call(*, admin: bool = False, client_ip: str | None = None) -> Iterator[Any]:
    """Yields a client (``supabase.Client``) and replaces its errors by domain errors.

    ``admin`` uses the secret key. ``client_ip`` makes Supabase count its rate limits by that address;
    Supabase accepts it with the secret key only. Raises InvalidInput (with Supabase's own code),
    TooManyRequests or SupabaseUnavailable only.
    """
    from pydantic import ValidationError
    from supabase_auth.errors import AuthError

    try:
        yield _create_client(admin=admin, client_ip=client_ip)
    except AuthError as error:
        raise _ours(error) from None
    except ValidationError:
        logger.error("Supabase sent a response that its client library cannot parse.")
        raise SupabaseUnavailable from None


def _create_client(*, admin: bool, client_ip: str | None) -> Any:
    from supabase import create_client
    from supabase.lib.client_options import SyncClientOptions

    key = settings.SUPABASE_SECRET_KEY if admin or client_ip else settings.SUPABASE_PUBLISHABLE_KEY
    options = SyncClientOptions(
        flow_type="implicit",
        auto_refresh_token=False,
        persist_session=False,
        httpx_client=http(os.getpid()),
        headers={"Sb-Forwarded-For": client_ip} if client_ip else {},
    )
    return create_client(settings.SUPABASE_URL, key, options=options)


@lru_cache(maxsize=1)
def http(pid: int) -> Any:
    """The ``httpx.Client`` of process ``pid``: sockets must not be shared across a fork."""
    import httpx

    limits = httpx.Limits(max_connections=MAX_CONNECTIONS)
    return httpx.Client(timeout=TIMEOUT_SECONDS, limits=limits)


def _ours(error: Any) -> Exception:
    """The domain error for a supabase-py ``AuthError``."""
    status, code = getattr(error, "status", None), error.code or "account_refused"
    if status is None or status == 0 or status >= 500 or status in OUR_FAULT:
        logger.error("Supabase Auth failed: %s (status %s)", type(error).__name__, status)
        return SupabaseUnavailable()
    if status == 429:
        return TooManyRequests(error.message, code=code)
    field = FIELD_OF_CODE.get(code)
    return InvalidInput(error.message, code=code, errors={field: [error.message]} if field else {})
