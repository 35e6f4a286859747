"""Django's postgresql backend on the embedded server, which starts at the first connection.

Keys in DATABASES: ``DATA_DIR`` is the Path of the server's folder. ``PROGRAMS_DIR`` is the Path of the folder
of PostgreSQL's programs; if it is missing or None, they are searched for. ``SERVER_SETTINGS`` has optional
settings of PostgreSQL, such as ``{"fsync": "off"}`` for disposable data.
"""

import shutil
import sys
from collections.abc import Iterable
from typing import Any

from django.core.management.base import CommandError
from django.db.backends.postgresql import base, client, creation

if sys.platform == "win32":
    raise CommandError(
        "The local database needs Linux or macOS: use WSL, or set DATABASE_URL, SUPABASE_URL and the"
        " other variables of a hosted project (see .env.example)."
    )

from standins.postgres import server
from standins.postgres.cluster import PORT, USER
from standins.postgres.errors import ServerError


def _server_of(settings_dict: dict[str, Any]) -> server.Server:
    """The running server. Raises CommandError, because Django's commands print it without a traceback."""
    try:
        return server.running(
            settings_dict["DATA_DIR"], settings_dict.get("SERVER_SETTINGS"), settings_dict.get("PROGRAMS_DIR")
        )
    except ServerError as error:
        raise CommandError(str(error)) from error


class DatabaseClient(client.DatabaseClient):
    """``manage.py dbshell``; uses the psql beside the server's programs if none is on PATH."""

    @classmethod
    def settings_to_cmd_args_env(
        cls, settings_dict: dict[str, Any], parameters: Iterable[str]
    ) -> tuple[list[str], dict[str, str] | None]:
        running = _server_of(settings_dict)
        settings_dict = {**settings_dict, "HOST": running.host, "PORT": PORT, "USER": USER}
        arguments, environment = super().settings_to_cmd_args_env(settings_dict, parameters)
        psql = shutil.which("psql") or str(running.programs / "psql")
        return [psql, *arguments[1:]], environment


class DatabaseCreation(creation.DatabaseCreation):
    """Drops test databases even if a connection to them is open.

    Django's hooks for this are private and missing in its type stubs.
    """

    def _create_test_db(self, verbosity: int, autoclobber: bool, keepdb: bool = False) -> Any:
        if autoclobber and not keepdb:
            self._destroy_test_db(self._get_test_db_name(), verbosity)  # type: ignore[attr-defined]
        return super()._create_test_db(verbosity, autoclobber, keepdb)  # type: ignore[misc]

    def _destroy_test_db(self, test_database_name: str, verbosity: int) -> None:
        name = self.connection.ops.quote_name(test_database_name)
        with self.connection._nodb_cursor() as cursor:
            cursor.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")


class DatabaseWrapper(base.DatabaseWrapper):
    client_class = DatabaseClient
    creation_class = DatabaseCreation

    def get_connection_params(self) -> dict[str, Any]:
        """Django's parameters with the server's socket folder. Starts the server if necessary."""
        host = _server_of(self.settings_dict).host
        return {**super().get_connection_params(), "host": host, "port": PORT, "user": USER}
