"""Realtime while the server runs: the rooms, the gate, and the listener between them and PostgreSQL."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from standins.supabase.config import Config
from standins.supabase.pool import Pool
from standins.supabase.realtime.gate import Gate
from standins.supabase.realtime.hub import Hub
from standins.supabase.realtime.listener import Listener, Stored
from standins.supabase.realtime.relay import Relay


@dataclass(frozen=True)
class Realtime:
    """What sockets and the REST endpoints share."""

    gate: Gate
    hub: Hub
    relay: Relay

    def deliver(self, rows: list[Stored]) -> None:
        """Sends committed rows to their rooms."""
        for row in rows:
            self.hub.broadcast(row.topic, row.payload, private=row.private)

    @asynccontextmanager
    async def listening(self, config: Config) -> AsyncIterator[None]:
        """Delivers what is committed meanwhile."""
        loop = asyncio.get_running_loop()
        listener = Listener(
            config.connect,
            lambda rows: loop.call_soon_threadsafe(self.deliver, rows),
            process=self.relay.process,
        )
        await asyncio.to_thread(listener.start)
        try:
            yield
        finally:
            await asyncio.to_thread(listener.stop)


def make(config: Config, pool: Pool) -> Realtime:
    """Realtime over the stand-in's database."""
    hub = Hub()
    return Realtime(Gate(config, pool), hub, Relay(hub, pool))
