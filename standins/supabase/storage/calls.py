"""One request to Storage: its caller, its input, its transaction and its errors."""

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
from standins.supabase.storage import errors, multipart, names
from standins.supabase.storage.errors import StorageError
from standins.supabase.storage.files import Files
from standins.supabase.storage.multipart import UploadedFile

SERVICE_ROLE = "service_role"
ROLES = ("anon", "authenticated", SERVICE_ROLE)

logger = logging.getLogger(__name__)


@dataclass
class Call:
    """The arguments of an endpoint, which runs in one transaction.

    The cursor has all rights, except within ``as_caller``. ``after_commit`` and ``after_failure`` run after
    the transaction: they delete the files of removed rows, and files whose row was not inserted.
    """

    request: Request
    cursor: Cursor
    claims: dict[str, Any]
    body: Fields
    file: UploadedFile | None
    at: datetime = field(default_factory=lambda: datetime.now(UTC))
    after_commit: list[Callable[[], None]] = field(default_factory=list)
    after_failure: list[Callable[[], None]] = field(default_factory=list)

    @property
    def files(self) -> Files:
        config: Config = self.request.app.state.config
        return Files(config.storage_dir)

    @property
    def bucket(self) -> str:
        return names.valid_bucket(self.request.path_params["bucket"])

    @property
    def path(self) -> str:
        """The object's name."""
        return names.valid_object(self.request.path_params["path"])

    @property
    def owner(self) -> str | None:
        """The caller's user id; None for an API key."""
        try:
            return str(UUID(str(self.claims.get("sub"))))
        except ValueError:
            return None

    @contextmanager
    def as_caller(self) -> Iterator[None]:
        """Applies the policies of row level security within the context. The secret key bypasses them."""
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


Handler = Callable[[Call], Response]


def endpoint(handler: Handler, *, takes_file: bool = False) -> Callable[[Request], Awaitable[Response]]:
    """The Starlette endpoint for ``handler``. The body is JSON, or a form if ``takes_file``."""

    async def handle(request: Request) -> Response:
        body, file = Fields({}), None
        try:
            claims = _claims(request)
            if takes_file:
                file = await multipart.receive(request)
            else:
                body = Fields.from_json(await calls.read(request))
            return await run_in_threadpool(_respond, handler, request, claims, body, file)
        except AuthError as error:
            return errors.response(errors.from_auth(error))
        except StorageError as error:
            return errors.response(error)
        finally:
            if file is not None:
                file.content.close()

    return handle


def _claims(request: Request) -> dict[str, Any]:
    found = bearer.claims(request)
    if found.get("role") not in ROLES:
        raise errors.not_allowed("The role of the token is not valid in Storage")
    return found


def _respond(
    handler: Handler, request: Request, claims: dict[str, Any], body: Fields, file: UploadedFile | None
) -> Response:
    pool: Pool = request.app.state.pool
    call = None
    try:
        with pool.transaction() as cursor:
            call = Call(request, cursor, claims, body, file)
            response = handler(call)
    except BaseException as error:
        for action in call.after_failure if call else []:
            action()
        if isinstance(error, psycopg2.Error | PoolExhausted | OSError):
            raise _storage_error(error) from error
        raise
    for action in call.after_commit:
        action()
    return response


def _storage_error(error: Exception) -> StorageError:
    if converted := errors.from_database(error):
        return converted
    if isinstance(error, OSError):
        logger.error("A file cannot be stored or read: %s", error)
        return StorageError(503, "InternalError", "The file cannot be stored or read")
    logger.error("No database for a storage request: %s", type(error).__name__)
    return StorageError(503, "DatabaseError", "The database cannot be reached")
