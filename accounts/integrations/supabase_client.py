"""A Supabase client for each call, over one shared HTTP client. Replaces its errors by domain errors.

A client adopts the token of the user who signs in with it, so no client is shared between calls.
It keeps the session in memory: implicit flow, no storage, no refresh timer.

The Supabase packages are imported at the first call, which keeps the start of the server short.
They are therefore typed as Any.
"""

import logging
import os
import threading
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

from django.conf import settings

from accounts.errors import (
    InvalidInput,
    InvalidToken,
    LinguaFlexError,
    SupabaseRejected,
    SupabaseUnavailable,
    TooManyRequests,
)

# The time limit of a whole call, with all its requests.
TIMEOUT_SECONDS = 8
# Our code for a refusal in which Supabase states none.
NO_CODE = "account_refused"
FIELD_OF_CODE = {
    "weak_password": "password",
    "same_password": "password",
    "user_already_exists": "email",
    "email_exists": "email",
    "email_address_invalid": "email",
    "email_address_not_authorized": "email",
}
# Sentences in place of Supabase's. They state neither the reason nor the end of a ban.
SENTENCE_OF_CODE = {"user_banned": "This account is suspended. Contact the people who run this service."}
# Auth states a code in each of its refusals. Without a code, these are from the gateway, for the API key.
STATUSES_OF_REFUSED_KEYS = {401, 403}
# Codes for a call with the publishable key, or with no key, in place of the secret key.
CODES_OF_REFUSED_KEYS = {"not_admin", "no_authorization"}
# Codes for a user's access token whose session has ended, with one of the statuses above.
CODES_OF_ENDED_SESSIONS = {"bad_jwt", "session_not_found", "session_expired", "user_not_found"}
# Statuses, without a code, of a paused project or of a server that is not Supabase Auth.
STATUSES_OF_OTHER_SERVERS = {402, 404, 405}

# The client library does not validate each response: reading one of another shape raises one of these.
# Pydantic's ValidationError is a ValueError.
READ_ERRORS = (AttributeError, KeyError, TypeError, ValueError, RecursionError)

logger = logging.getLogger(__name__)
_first_use = threading.Lock()


@contextmanager
def for_one_call(
    *, admin: bool = False, client_ip: str | None = None, access_token: str = ""
) -> Iterator[Any]:
    """Yields a client (``supabase.Client``) and replaces its errors by domain errors.

    ``admin`` uses the secret key. ``client_ip`` makes Supabase count its rate limits by that address;
    Supabase accepts it with the secret key only. ``access_token`` signs the client in. The requests of the
    client end within TIMEOUT_SECONDS in all.

    Raises InvalidInput (with Supabase's own code), InvalidToken, TooManyRequests, SupabaseRejected or
    SupabaseUnavailable only.
    """
    from supabase_auth.errors import AuthError

    from accounts.integrations import bounded_http

    try:
        with bounded_http.limited(seconds=TIMEOUT_SECONDS):
            yield _create_client(admin=admin, client_ip=client_ip, access_token=access_token)
    except AuthError as error:
        raise _ours(error, key_name=_key_name(admin, client_ip), admin=admin) from None
    except READ_ERRORS as error:
        # Its message may quote a token.
        place = traceback.extract_tb(error.__traceback__)[-1]
        name = type(error).__name__
        logger.error("Supabase sent a response that cannot be read: %s in %s", name, place.name)
        raise SupabaseUnavailable from None


def _create_client(*, admin: bool, client_ip: str | None, access_token: str) -> Any:
    from supabase import create_client
    from supabase.lib.client_options import SyncClientOptions

    key = getattr(settings, _key_name(admin, client_ip))
    options = SyncClientOptions(
        flow_type="implicit",
        auto_refresh_token=False,
        storage=_storage_of(access_token),
        persist_session=bool(access_token),
        httpx_client=http(),
        headers={"Sb-Forwarded-For": client_ip} if client_ip else {},
    )
    return create_client(settings.SUPABASE_URL, key, options=options)


def _storage_of(access_token: str) -> Any:
    """A storage in memory, with a session of this access token, if there is one.

    ``set_session`` would parse the token, and refuse an ``amr`` of another form than Supabase's own.
    Only the access token is sent: the other values are required by the library.
    """
    from supabase_auth import SyncMemoryStorage
    from supabase_auth.constants import STORAGE_KEY
    from supabase_auth.types import Session, User

    storage = SyncMemoryStorage()
    if access_token:
        now = datetime.now(UTC)
        unused: Any = {"refresh_token": "unused", "token_type": "bearer", "expires_in": 3600}
        user = User(id="", aud="", app_metadata={}, user_metadata={}, created_at=now)
        expires_at = int(now.timestamp()) + 3600  # Supabase decides whether the token has expired
        session = Session(access_token=access_token, expires_at=expires_at, user=user, **unused)
        storage.set_item(STORAGE_KEY, session.model_dump_json())
    return storage


def _key_name(admin: bool, client_ip: str | None) -> str:
    """The setting with the API key of a call."""
    return "SUPABASE_SECRET_KEY" if admin or client_ip else "SUPABASE_PUBLISHABLE_KEY"


def http() -> Any:
    """The ``httpx.Client`` of this process. The lock makes threads share it, also at the first use."""
    with _first_use:
        return http_of_process(os.getpid())


@lru_cache(maxsize=1)
def http_of_process(pid: int) -> Any:
    """A client for process ``pid``: sockets must not be shared across a fork."""
    from accounts.integrations import bounded_http

    return bounded_http.client()


def rejected(key_name: str, answer: str) -> SupabaseRejected:
    """The error for an API key that Supabase refuses with ``answer``. Logs a sentence for operators."""
    reason = f"{key_name} is not accepted by {settings.SUPABASE_URL}. Copy it from the project's API keys."
    logger.error("%s Supabase answered: %s", reason, answer)
    return SupabaseRejected(reason=reason)


def _ours(error: Any, *, key_name: str, admin: bool) -> LinguaFlexError:
    """The domain error for a supabase-py ``AuthError``. Supabase's code decides, not its status."""
    status, code = getattr(error, "status", None), error.code
    if not status or status >= 500 or (not code and status in STATUSES_OF_OTHER_SERVERS):
        logger.error("Supabase Auth failed: %s (status %s)", type(error).__name__, status)
        return SupabaseUnavailable()
    if status == 429:
        return TooManyRequests(error.message, code=code or NO_CODE)
    if status in STATUSES_OF_REFUSED_KEYS:
        if not code or code in CODES_OF_REFUSED_KEYS or (admin and code == "bad_jwt"):
            return rejected(key_name, f"{error.message} (status {status}, code {code})")
        if code in CODES_OF_ENDED_SESSIONS:
            return InvalidToken("This session has ended. Sign in again.")
    return refusal(error.message, code or NO_CODE)


def refusal(message: str, code: str) -> InvalidInput:
    """The error for input that Supabase refuses, with Supabase's own code."""
    field, message = FIELD_OF_CODE.get(code), SENTENCE_OF_CODE.get(code, message)
    return InvalidInput(message, code=code, errors={field: [message]} if field else {})
