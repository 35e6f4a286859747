"""Django's postgresql backend, on a server that starts at the first connection.

In DATABASES: ``DATA_DIR`` is the Path of the server's folder, ``SERVER_SETTINGS`` may hold more
settings of PostgreSQL, such as ``{"fsync": "off"}`` for data that may be lost.
"""

import shutil
from collections.abc import Iterable
from typing import Any

from django.db.backends.postgresql import base, client, creation

from standins.postgres import files, server
from standins.postgres.cluster import PORT, USER


def _server_of(settings_dict: dict[str, Any]) -> server.Server:
    return server.running(settings_dict["DATA_DIR"], settings_dict.get("SERVER_SETTINGS"))


class DatabaseClient(client.DatabaseClient):
    """``manage.py dbshell``, with the package's psql where the machine has none."""

    @classmethod
    def settings_to_cmd_args_env(
        cls, settings_dict: dict[str, Any], parameters: Iterable[str]
    ) -> tuple[list[str], dict[str, str] | None]:
        host = _server_of(settings_dict).host
        settings_dict = {**settings_dict, "HOST": host, "PORT": PORT, "USER": USER}
        arguments, environment = super().settings_to_cmd_args_env(settings_dict, parameters)
        psql = shutil.which("psql") or str(files.package_programs() / "psql")
        return [psql, *arguments[1:]], environment


class DatabaseCreation(creation.DatabaseCreation):
    """Test databases, dropped even while a forgotten connection is open to them.

    Django's hooks for this are private, so its type stubs do not know them.
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
        """The address of the server, which runs from here on, and Django's other parameters."""
        host = _server_of(self.settings_dict).host
        return {**super().get_connection_params(), "host": host, "port": PORT, "user": USER}
