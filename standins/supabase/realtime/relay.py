"""Broadcasts of clients: to everybody here at once, to other stand-ins of this database through it.

Rows of ``realtime.messages`` need none of this, as every process listens for them; and a client's
broadcast is no such row, on Supabase either. Presence stays within one process.
"""

import logging
import uuid

import psycopg2
from starlette.concurrency import run_in_threadpool

from standins.supabase.pool import Pool, PoolExhausted
from standins.supabase.realtime.hub import Hub, Member
from standins.supabase.realtime.protocol import Payload, UserBroadcast, dumps

TO_OTHERS = """
insert into standin.client_broadcasts (process, topic, private, event, payload, binary_payload)
values (%s, %s, %s, %s, %s, %s)"""

logger = logging.getLogger(__name__)


class Relay:
    """The one way out for what clients send, over a socket or over HTTP."""

    def __init__(self, hub: Hub, pool: Pool) -> None:
        self.process = str(uuid.uuid4())
        self._hub = hub
        self._pool = pool

    async def broadcast(
        self, topic: str, payload: Payload, *, private: bool, but: Member | None = None
    ) -> None:
        """Sends to the room wherever its members are, except to ``but``."""
        self._hub.broadcast(topic, payload, private=private, but=but)
        try:
            await run_in_threadpool(self._store, topic, payload, private)
        except (psycopg2.Error, PoolExhausted) as error:
            logger.warning("A broadcast stayed in this process: %s", type(error).__name__)

    def _store(self, topic: str, payload: Payload, private: bool) -> None:
        with self._pool.transaction() as cursor:
            cursor.execute(TO_OTHERS, (self.process, topic, private, *_columns(payload)))


def _columns(payload: Payload) -> tuple[str | None, str | None, bytes | None]:
    """Event, JSON and bytes; without an event the JSON is the whole message's."""
    if not isinstance(payload, UserBroadcast):
        return None, dumps(payload), None
    if payload.is_json:
        return payload.event, payload.payload.decode(), None
    return payload.event, None, payload.payload
