"""Asks the database who may do what, away from the event loop."""

import logging
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from typing import Any, TypeVar

import psycopg2
from starlette.concurrency import run_in_threadpool

from standins.supabase.config import Config
from standins.supabase.pool import Cursor, Pool, PoolExhausted
from standins.supabase.realtime import callers, policies
from standins.supabase.realtime.callers import Caller, Refused

T = TypeVar("T")
AWAY = (psycopg2.OperationalError, psycopg2.InterfaceError, PoolExhausted)

logger = logging.getLogger(__name__)


class DatabaseAway(Refused):
    """Nobody can be asked now; says nothing about the caller."""

    def __init__(self) -> None:
        message = "Realtime was unable to connect to the project database"
        super().__init__("UnableToConnectToProject", message)


class Gate:
    """Each method is one transaction of the stand-in's pool."""

    def __init__(self, config: Config, pool: Pool) -> None:
        self._config = config
        self._pool = pool

    def identify(self, token: Any, api_role: str) -> Caller:
        """Who holds ``token``, by its signature alone; raises Refused."""
        return callers.identify(self._config.keys, token, api_role)

    async def check_account(self, caller: Caller) -> None:
        """Raises Refused unless account and session are still there."""
        await self._ask(lambda cursor: callers.check_account(cursor, caller, at=datetime.now(UTC)))

    async def readable(self, caller: Caller, topic: str, extensions: Iterable[str]) -> set[str]:
        """Which extensions of a private topic the caller may receive; raises Refused for none."""

        def ask(cursor: Cursor) -> set[str]:
            callers.check_account(cursor, caller, at=datetime.now(UTC))
            return policies.readable(cursor, caller, topic, extensions)

        refusal = Refused(
            "Unauthorized", f"You do not have permissions to read from this Channel topic: {topic}"
        )
        try:
            found = await self._ask(ask)
        except psycopg2.Error as error:
            logger.warning("A policy on realtime.messages failed: %s", error)
            raise refusal from None
        if not found:
            raise refusal
        return found

    async def may_write(self, caller: Caller, topic: str, extension: str, event: str | None = None) -> bool:
        """Whether the caller may send to a private topic; not, if the policy fails."""
        try:
            return await self._ask(lambda cursor: policies.may_write(cursor, caller, topic, extension, event))
        except psycopg2.Error as error:
            logger.warning("A policy on realtime.messages failed: %s", error)
            return False

    async def _ask(self, question: Callable[[Cursor], T]) -> T:
        def answer() -> T:
            with self._pool.transaction() as cursor:
                return question(cursor)

        try:
            return await run_in_threadpool(answer)
        except AWAY as error:
            logger.error("Realtime has no database: %s", type(error).__name__)
            raise DatabaseAway from error
