"""The simulator as a server in a thread."""

import socket

from standins import serving


def bind(port: int, host: str = serving.LOOPBACK) -> socket.socket:
    """A listening socket for the simulator; port 0 selects a free one. Raises serving.PortTaken."""
    return serving.bind(port, service="OpenAI simulator", variable="LINGUAFLEX_OPENAI_PORT", host=host)


def simulator() -> serving.Served:
    """Creates the simulator without starting it."""
    # Imported here, because the types of the official package take half a second.
    from standins.openai.app import create_app
    from standins.openai.realtime import MAX_FRAME_BYTES

    return serving.Served(create_app(), ws_max_size=MAX_FRAME_BYTES)
