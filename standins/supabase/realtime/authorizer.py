"""Authorisation of callers by the database. Queries run in threads beside the event loop."""

import logging
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from typing import Any, TypeVar

import psycopg2
from starlette.concurrency import run_in_threadpool

from standins.supabase.config import Config
from standins.supabase.pool import Cursor, Pool, PoolExhausted
from standins.supabase.realtime import callers, policies
from standins.supabase.realtime.callers import Caller, RealtimeError

T = TypeVar("T")
UNAVAILABLE = (psycopg2.OperationalError, psycopg2.InterfaceError, PoolExhausted)

logger = logging.getLogger(__name__)


class DatabaseUnavailable(RealtimeError):
    """The database cannot be reached, so the caller cannot be checked."""

    def __init__(self) -> None:
        message = "Realtime was unable to connect to the project database"
        super().__init__("UnableToConnectToProject", message)


class Authorizer:
    """Each coroutine runs one transaction of the stand-in's connection pool."""

    def __init__(self, config: Config, pool: Pool) -> None:
        self._config = config
        self._pool = pool

    def identify(self, token: Any, api_role: str) -> Caller:
        """The caller with ``token``, of which only signature and expiry are checked. Raises RealtimeError."""
        return callers.identify(self._config.keys, token, api_role)

    async def check_account(self, caller: Caller) -> None:
        """Raises RealtimeError if the account or its session is no longer valid."""
        await self._run(lambda cursor: callers.check_account(cursor, caller, at=datetime.now(UTC)))

    async def readable(self, caller: Caller, topic: str, extensions: Iterable[str]) -> set[str]:
        """The extensions of a private topic that the caller may read. Raises RealtimeError for none."""

        def query(cursor: Cursor) -> set[str]:
            callers.check_account(cursor, caller, at=datetime.now(UTC))
            return policies.readable(cursor, caller, topic, extensions)

        denied = RealtimeError(
            "Unauthorized", f"You do not have permissions to read from this Channel topic: {topic}"
        )
        try:
            found = await self._run(query)
        except psycopg2.Error as error:
            logger.warning("A policy on realtime.messages failed: %s", error)
            raise denied from None
        if not found:
            raise denied
        return found

    async def may_write(self, caller: Caller, topic: str, extension: str, event: str | None = None) -> bool:
        """Whether the caller may send to a private topic; False if a policy fails."""
        try:
            return await self._run(lambda cursor: policies.may_write(cursor, caller, topic, extension, event))
        except psycopg2.Error as error:
            logger.warning("A policy on realtime.messages failed: %s", error)
            return False

    async def _run(self, query: Callable[[Cursor], T]) -> T:
        def transaction() -> T:
            with self._pool.transaction() as cursor:
                return query(cursor)

        try:
            return await run_in_threadpool(transaction)
        except UNAVAILABLE as error:
            logger.error("Realtime has no database: %s", type(error).__name__)
            raise DatabaseUnavailable from error
