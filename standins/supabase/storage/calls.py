"""One storage request on its way through an endpoint: who asks, what came, the open transaction."""

import json
import logging
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import psycopg2
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from standins.supabase.auth import bearer, calls
from standins.supabase.auth.errors import AuthError
from standins.supabase.auth.input import Fields
from standins.supabase.config import Config
from standins.supabase.pool import Cursor, Pool, PoolExhausted
from standins.supabase.storage import errors, incoming, names
from standins.supabase.storage.errors import StorageError
from standins.supabase.storage.files import Files
from standins.supabase.storage.incoming import Upload

SERVICE_ROLE = "service_role"
ROLES = ("anon", "authenticated", SERVICE_ROLE)

logger = logging.getLogger(__name__)


@dataclass
class Call:
    """What an endpoint works with; it runs in one transaction, at one instant.

    Its cursor may do everything, except within ``as_caller``. Files follow the transaction:
    ``after_commit`` removes what became old, ``after_failure`` what became of nothing.
    """

    request: Request
    config: Config
    cursor: Cursor
    claims: dict[str, Any]
    body: Fields
    query: Fields
    upload: Upload | None
    at: datetime = field(default_factory=lambda: datetime.now(UTC))
    after_commit: list[Callable[[], None]] = field(default_factory=list)
    after_failure: list[Callable[[], None]] = field(default_factory=list)

    @property
    def files(self) -> Files:
        """What objects hold."""
        return Files(self.config.storage_dir)

    @property
    def bucket(self) -> str:
        """The bucket in the address."""
        return names.valid_bucket(self.request.path_params["bucket"])

    @property
    def path(self) -> str:
        """The object's name in the address."""
        return names.valid_object(self.request.path_params["path"])

    @property
    def owner(self) -> str | None:
        """The caller's id; None for an API key."""
        try:
            return str(UUID(str(self.claims.get("sub"))))
        except ValueError:
            return None

    @contextmanager
    def as_caller(self) -> Iterator[None]:
        """Lets PostgreSQL's policies decide, as in production; the secret key may all."""
        role = self.claims.get("role")
        if role == SERVICE_ROLE:
            yield
            return
        self.cursor.execute(
            "select set_config('role', %s, true), set_config('request.jwt.claims', %s, true)",
            (role, json.dumps(self.claims)),
        )
        yield
        self.cursor.execute("set local role none")


Answer = Callable[[Call], Response]
Endpoint = Callable[[Request], Awaitable[Response]]


def endpoint(answer: Answer, *, takes_file: bool = False) -> Endpoint:
    """Makes ``answer`` a Starlette endpoint, for a JSON body or for a file."""

    async def handle(request: Request) -> Response:
        upload = None
        try:
            claims = _claims(request)
            query = Fields.from_query(request.query_params)
            if takes_file:
                body, upload = Fields({}), await incoming.receive(request)
            else:
                body = Fields.from_json(await calls.read(request))
            return await run_in_threadpool(_answer, answer, request, claims, body, query, upload)
        except AuthError as error:
            return errors.response(errors.from_auth(error))
        except StorageError as error:
            return errors.response(error)
        finally:
            if upload is not None:
                upload.file.close()

    return handle


def _claims(request: Request) -> dict[str, Any]:
    found = bearer.claims(request)
    if found.get("role") not in ROLES:
        raise errors.not_allowed("The token has no role that Storage knows")
    return found


def _answer(
    answer: Answer,
    request: Request,
    claims: dict[str, Any],
    body: Fields,
    query: Fields,
    upload: Upload | None,
) -> Response:
    pool: Pool = request.app.state.pool
    call = None
    try:
        with pool.transaction() as cursor:
            call = Call(request, request.app.state.config, cursor, claims, body, query, upload)
            response = answer(call)
    except BaseException as error:
        for action in call.after_failure if call else []:
            action()
        if isinstance(error, psycopg2.Error | PoolExhausted | OSError):
            raise _refusal_of(error) from error
        raise
    for action in call.after_commit:
        action()
    return response


def _refusal_of(error: Exception) -> StorageError:
    if refusal := errors.from_database(error):
        return refusal
    if isinstance(error, OSError):
        logger.error("A file cannot be stored or read: %s", error)
        return StorageError(503, "InternalError", "The file cannot be stored or read")
    logger.error("No database for a storage request: %s", type(error).__name__)
    return StorageError(503, "DatabaseError", "The database cannot be reached")
