"""One request to Auth: its input, its transaction and its errors."""

import logging
from collections import deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import psycopg2
from psycopg2 import errors as postgres
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from standins.supabase.auth import errors
from standins.supabase.auth.errors import AuthError
from standins.supabase.auth.input import Fields
from standins.supabase.config import Config
from standins.supabase.pool import Cursor, Pool, PoolExhausted

MAX_BODY_BYTES = 1024 * 1024
GUESS_WINDOW = timedelta(hours=1)  # the lifetime of a mailed code
MAX_WRONG_GUESSES = 1000
# Another request holds the row lock, or has deleted the account of a new row.
BUSY = (postgres.LockNotAvailable, postgres.DeadlockDetected, postgres.ForeignKeyViolation)

logger = logging.getLogger(__name__)


class GuessLimit:
    """Limits wrong codes per GUESS_WINDOW, over all accounts, because a wrong link identifies no account.

    The probability that 1,000 guesses find one of a million codes is 0.1 %.
    """

    def __init__(self) -> None:
        self._wrong: deque[datetime] = deque(maxlen=MAX_WRONG_GUESSES)

    def check(self, at: datetime) -> None:
        """Raises AuthError (429) after MAX_WRONG_GUESSES within GUESS_WINDOW."""
        if len(self._wrong) == MAX_WRONG_GUESSES and self._wrong[0] > at - GUESS_WINDOW:
            raise AuthError(429, "over_request_rate_limit", "Request rate limit reached")

    def record(self, at: datetime) -> None:
        self._wrong.append(at)


@dataclass
class Call:
    """The arguments of an endpoint, which runs in one transaction. ``at`` is the current time.

    ``after_commit`` runs after the transaction, unless the endpoint fails.
    """

    request: Request
    config: Config
    cursor: Cursor
    guesses: GuessLimit
    body: Fields
    query: Fields
    at: datetime = field(default_factory=lambda: datetime.now(UTC))
    after_commit: list[Callable[[], None]] = field(default_factory=list)


Endpoint = Callable[[Call], Response]
ErrorResponse = Callable[[Request, AuthError], Response]


def endpoint(
    run: Endpoint, error_response: ErrorResponse = errors.response
) -> Callable[[Request], Awaitable[Response]]:
    """The Starlette endpoint for ``run``. ``error_response`` formats its errors."""

    async def handle(request: Request) -> Response:
        try:
            body = Fields.from_json(await read(request))
            query = Fields.from_query(request.query_params)
            return await run_in_threadpool(_run, run, request, body, query)
        except AuthError as error:
            return error_response(request, error)

    return handle


async def read(request: Request) -> bytes:
    """The request's body. Raises AuthError (413) as soon as it exceeds MAX_BODY_BYTES."""
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > MAX_BODY_BYTES:
            raise AuthError(413, "request_entity_too_large", "Request body is too large")
    return bytes(body)


def _run(run: Endpoint, request: Request, body: Fields, query: Fields) -> Response:
    state = request.app.state
    kept_error: AuthError | None = None
    pool: Pool = state.pool
    try:
        with pool.transaction() as cursor:
            call = Call(request, state.config, cursor, state.guesses, body, query)
            try:
                response = run(call)
            except AuthError as error:
                if not error.keep_changes:
                    raise
                kept_error = error
    except (psycopg2.Error, PoolExhausted) as error:
        raise _from_database(error) from error
    if kept_error is not None:
        raise kept_error
    for action in call.after_commit:
        action()
    return response


def _from_database(error: Exception) -> AuthError:
    """The response to a database error. Clients retry a 503, so invalid input gets another status."""
    if isinstance(error, postgres.UniqueViolation):
        return errors.email_exists()
    if isinstance(error, BUSY):
        return AuthError(409, "conflict", "Another request is changing the same data. Try again.")
    if isinstance(error, psycopg2.DataError):
        return errors.validation_failed("The request contains a value that cannot be stored")
    logger.error("No database for a request: %s", type(error).__name__)
    return AuthError(503, "unexpected_failure", "The database cannot be reached")
