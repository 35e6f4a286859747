"""A stand-in of OpenAI's API for a laptop without an account.

It serves the calls that LinguaFlex makes, in OpenAI's shapes, validated by the types of the
official package. What it says is made from what it is told, always the same, and labelled.

Practice by typing goes through ``realtime`` (the socket), ``sessions`` (what a client's event does),
``conversation`` and ``answering``, with ``events`` to check what comes and goes and ``tutor`` to speak.
"""

import socket

from standins import serving


def bind(port: int) -> socket.socket:
    """A listening socket for the simulator; port 0 takes any free one. Raises serving.PortTaken."""
    return serving.bind(port, service="OpenAI simulator", variable="LINGUAFLEX_OPENAI_PORT")


def simulator() -> serving.Served:
    """The simulator, not yet serving."""
    # The types of the official package take half a second, for those who want it.
    from standins.openai.app import create_app
    from standins.openai.realtime import MAX_FRAME_BYTES

    return serving.Served(create_app(), ws_max_size=MAX_FRAME_BYTES)
