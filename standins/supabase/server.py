"""The Supabase stand-in as a server in a thread."""

import socket

from standins import serving
from standins.supabase.app import create_app
from standins.supabase.config import Config
from standins.supabase.realtime import limits


def bind(port: int, host: str = serving.LOOPBACK) -> socket.socket:
    """A listening socket for the server; port 0 selects a free port. Raises serving.PortTaken."""
    return serving.bind(port, service="Supabase stand-in", variable="LINGUAFLEX_SUPABASE_PORT", host=host)


class StandIn(serving.Served):
    def __init__(self, config: Config) -> None:
        super().__init__(create_app(config), ws_max_size=limits.MAX_FRAME_BYTES)

    def stop(self) -> None:
        """Stops the server and closes its database connections."""
        super().stop()
        self.app.state.pool.close()
