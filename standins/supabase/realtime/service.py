"""Realtime of one server: the rooms, the authorizer and the listener."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from standins.supabase.config import Config
from standins.supabase.pool import Pool
from standins.supabase.realtime.authorizer import Authorizer
from standins.supabase.realtime.hub import Hub
from standins.supabase.realtime.listener import DatabaseBroadcast, Listener


class Realtime:
    """The state that all sockets share."""

    def __init__(self, config: Config, pool: Pool) -> None:
        self.authorizer = Authorizer(config, pool)
        self.hub = Hub()
        self._config = config

    def deliver(self, broadcasts: list[DatabaseBroadcast]) -> None:
        """Sends broadcasts of the database to their rooms."""
        for each in broadcasts:
            self.hub.broadcast(each.topic, each.payload, private=each.private)

    @asynccontextmanager
    async def listening(self) -> AsyncIterator[None]:
        """Delivers rows of ``realtime.messages`` that are committed within the context."""
        loop = asyncio.get_running_loop()
        listener = Listener(self._config.connect, lambda rows: loop.call_soon_threadsafe(self.deliver, rows))
        await asyncio.to_thread(listener.start)
        try:
            yield
        finally:
            await asyncio.to_thread(listener.stop)
