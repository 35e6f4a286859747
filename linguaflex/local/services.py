"""What the local default starts around Django: the migrated database and the stand-in."""

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg2
from django.conf import settings
from django.core.management import call_command
from django.db import connection

from standins.supabase import server
from standins.supabase.config import Config
from standins.supabase.key_file import KeyFile

# Development servers of the usual frontends, which a mailed link may lead back to.
REDIRECT_PATTERNS = ("http://localhost:*/**", "http://127.0.0.1:*/**")


def prepare_database() -> None:
    """Migrates; the first connection starts PostgreSQL."""
    call_command("migrate", verbosity=0, interactive=False)


def stand_in(*, print_mails: bool = True) -> server.StandIn:
    """The stand-in for the configured database, not yet serving."""
    config = Config(
        url=settings.SUPABASE_URL,
        site_url="http://127.0.0.1:3000",
        load_keys=KeyFile(settings.LINGUAFLEX_DATA_DIR),
        connect=connect,
        storage_dir=settings.LINGUAFLEX_DATA_DIR / "storage",
        redirect_patterns=REDIRECT_PATTERNS,
        confirm_email=settings.LINGUAFLEX_CONFIRM_EMAIL,
        print_mails=print_mails,
    )
    return server.StandIn(config)


def connect() -> Any:
    """A connection of the stand-in's own, beside Django's thread-local ones."""
    parameters = connection.get_connection_params()
    parameters.pop("cursor_factory", None)  # Django's
    parameters.pop("context", None)
    return psycopg2.connect(**parameters)


@contextmanager
def stand_in_running() -> Iterator[None]:
    """Serves the stand-in for a while, unless another process of this project does."""
    if not settings.SUPABASE_STAND_IN or is_listening(settings.LINGUAFLEX_SUPABASE_PORT):
        yield
        return
    served = stand_in()
    served.start(server.bind(settings.LINGUAFLEX_SUPABASE_PORT))
    try:
        yield
    finally:
        served.stop()


def is_listening(port: int) -> bool:
    """Whether something on this machine answers at ``port``."""
    with socket.socket() as probe:
        probe.settimeout(1)
        return probe.connect_ex(("127.0.0.1", port)) == 0
