"""Free ports for stand-ins whose default port is in use."""

import os
import sys
from collections.abc import Callable
from socket import socket

from django.conf import settings
from django.utils.autoreload import get_child_arguments

from linguaflex import environment
from standins.serving import PortTaken

# The Supabase CLI uses 54320 to 54329 (supabase.com/docs/guides/local-development/cli/config).
STEP, TRIES = 10, 20


def moved(stand_ins: dict[str, Callable[[int], socket]]) -> dict[str, int]:
    """Free ports, by variable, for the stand-ins whose variable is unset and whose port is in use.

    ``stand_ins`` has the function that binds a port, by variable. Raises PortTaken if no port is free.
    """
    return {
        variable: _next_free(getattr(settings, variable), bind)
        for variable, bind in stand_ins.items()
        if not environment.text(variable) and not _is_free(getattr(settings, variable), bind)
    }


def restart(ports: dict[str, int]) -> None:
    """Replaces this process by one with these variables: addresses in the settings depend on them."""
    os.environ.update({variable: str(port) for variable, port in ports.items()})
    sys.stdout.flush()
    command = get_child_arguments()
    os.execv(command[0], command)


def _next_free(taken: int, bind: Callable[[int], socket]) -> int:
    *others, last = range(taken + STEP, taken + STEP * TRIES, STEP)
    for port in others:
        if _is_free(port, bind):
            return port
    bind(last).close()
    return last


def _is_free(port: int, bind: Callable[[int], socket]) -> bool:
    try:
        bind(port).close()
    except PortTaken:
        return False
    return True
