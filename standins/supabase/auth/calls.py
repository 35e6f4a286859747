"""One request on its way through an endpoint: input read, transaction open, refusals answered."""

import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime

import psycopg2
from psycopg2 import errors as postgres
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from standins.supabase.auth import errors
from standins.supabase.auth.errors import AuthError
from standins.supabase.auth.guesses import GuessLimit
from standins.supabase.auth.input import Fields
from standins.supabase.config import Config
from standins.supabase.pool import Cursor, Pool, PoolExhausted

MAX_BODY_BYTES = 1024 * 1024
# Somebody else holds the row, or removed the account that a new row belongs to.
BUSY = (postgres.LockNotAvailable, postgres.DeadlockDetected, postgres.ForeignKeyViolation)

logger = logging.getLogger(__name__)


@dataclass
class Call:
    """What an endpoint works with; it runs in one transaction, at one instant."""

    request: Request
    config: Config
    cursor: Cursor
    guesses: GuessLimit
    body: Fields
    query: Fields
    at: datetime = field(default_factory=lambda: datetime.now(UTC))
    after_commit: list[Callable[[], None]] = field(default_factory=list)


Answer = Callable[[Call], Response]
Failure = Callable[[Request, AuthError], Response]


def endpoint(answer: Answer, failure: Failure = errors.response) -> Callable[[Request], Awaitable[Response]]:
    """Makes ``answer`` a Starlette endpoint; ``failure`` words its refusals."""

    async def handle(request: Request) -> Response:
        try:
            body = Fields.from_json(await read(request))
            query = Fields.from_query(request.query_params)
            return await run_in_threadpool(_answer, answer, request, body, query)
        except AuthError as error:
            return failure(request, error)

    return handle


async def read(request: Request) -> bytes:
    """The body; refused as soon as it is longer than allowed."""
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > MAX_BODY_BYTES:
            raise AuthError(413, "request_entity_too_large", "Request body is too large")
    return bytes(body)


def _answer(answer: Answer, request: Request, body: Fields, query: Fields) -> Response:
    state = request.app.state
    refusal: AuthError | None = None
    pool: Pool = state.pool
    try:
        with pool.transaction() as cursor:
            call = Call(request, state.config, cursor, state.guesses, body, query)
            try:
                response = answer(call)
            except AuthError as error:
                if not error.keep_changes:
                    raise
                refusal = error
    except (psycopg2.Error, PoolExhausted) as error:
        raise _refusal_of(error) from error
    if refusal is not None:
        raise refusal
    for action in call.after_commit:
        action()
    return response


def _refusal_of(error: Exception) -> AuthError:
    """Our answer to what the database said; clients repeat a 503, so it is no answer to bad input."""
    if isinstance(error, postgres.UniqueViolation):
        return errors.email_exists()
    if isinstance(error, BUSY):
        return AuthError(409, "conflict", "Another request is changing the same data. Try again.")
    if isinstance(error, psycopg2.DataError):
        return errors.validation_failed("The request holds a value that cannot be stored")
    logger.error("No database for a request: %s", type(error).__name__)
    return AuthError(503, "unexpected_failure", "The database cannot be reached")
