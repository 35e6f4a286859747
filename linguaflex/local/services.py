"""The database and the Supabase stand-in of the local environment."""

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any

import psycopg2
from django.conf import settings
from django.contrib.auth.hashers import check_password, make_password
from django.core.management import call_command
from django.db import connection

from standins.supabase import key_file, server
from standins.supabase.config import Config
from standins.supabase.hashing import PasswordHasher


def prepare_database() -> None:
    """Applies the migrations. The first connection starts the embedded PostgreSQL."""
    call_command("migrate", verbosity=0, interactive=False)


def stand_in(*, print_mails: bool = True) -> server.StandIn:
    """Creates the Supabase stand-in on Django's default database, without starting it."""
    config = Config(
        url=settings.SUPABASE_URL,
        site_url=settings.LINGUAFLEX_SITE_URL,
        load_keys=partial(key_file.load_or_create, settings.LINGUAFLEX_DATA_DIR),
        connect=connect,
        storage_dir=settings.LINGUAFLEX_DATA_DIR / "storage",
        # Django hashes the passwords of the demo users before the stand-in runs.
        password_hasher=PasswordHasher(make_password, check_password),
        confirm_email=settings.LINGUAFLEX_CONFIRM_EMAIL,
        print_mails=print_mails,
    )
    return server.StandIn(config)


def connect() -> Any:
    """A new connection to Django's default database, independent of Django's own."""
    parameters = connection.get_connection_params()
    parameters.pop("cursor_factory", None)  # a class of Django
    parameters.pop("context", None)
    return psycopg2.connect(**parameters)


@contextmanager
def stand_in_running() -> Iterator[None]:
    """Runs the stand-in within the context, unless Supabase is hosted or the stand-in already runs."""
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
    """Whether a process on this machine listens on ``port``."""
    with socket.socket() as probe:
        probe.settimeout(1)
        return probe.connect_ex(("127.0.0.1", port)) == 0
