"""The data of one PostgreSQL server, and the programs that create, start and stop it.

No method takes a lock; server.py holds the locks.
"""

import contextlib
import os
import re
import shlex
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from standins.postgres import programs
from standins.postgres.account import Account
from standins.postgres.errors import ServerError
from standins.postgres.programs import Programs

PORT = 5432  # part of the socket's name; nothing listens on TCP
USER = "postgres"
START_SECONDS = 60
DATA = "cluster"
FOLDER_PREFIX = "linguaflex-postgres-"

SETTINGS = {
    "listen_addresses": "",
    "port": str(PORT),
    "unix_socket_permissions": "0700",
    "max_connections": "100",
    "shared_buffers": "64MB",
    "timezone": "UTC",
    "log_timezone": "UTC",
}
INITDB_OPTIONS = (
    *("-U", USER, "--auth=trust", "--encoding=UTF8", "--locale=C", "--no-sync", "--no-instructions"),
)
BUILTIN_LOCALE = ("--locale-provider=builtin", "--builtin-locale=C.UTF-8")  # since version 17
PG_CTL_OPTIONS = ("-D", DATA, "--silent", "--wait", f"--timeout={START_SECONDS}")
# pg_trgm treats Chinese and Japanese characters as letters only with a UTF-8 LC_CTYPE. The first of these
# that exists on the machine is used.
CHARACTER_TYPES = ("C.UTF-8", "en_US.UTF-8", "UTF-8")


@dataclass(frozen=True)
class Listening:
    """A server's socket folder and readiness, as stored in its postmaster.pid."""

    folder: Path
    is_ready: bool

    @property
    def socket(self) -> Path:
        return self.folder / f".s.PGSQL.{PORT}"


class Cluster:
    """The cluster in ``home``.

    Programs run in ``home`` with relative paths: pg_ctl passes paths to a shell in double quotes, in which
    characters of a folder's name could be special.
    """

    def __init__(
        self, home: Path, account: Account, settings: Mapping[str, str], chosen_programs: Path | None = None
    ) -> None:
        self.home = home
        self.account = account
        self.settings = {**SETTINGS, **settings}
        self.chosen_programs = chosen_programs
        self.data = home / DATA
        self.pid_file = self.data / "postmaster.pid"
        self.log = home / "server.log"

    @cached_property
    def programs(self) -> Programs:
        return programs.find(self.account, self.home, self.chosen_programs)

    def create(self, *, hold: int) -> None:
        """Creates the data atomically. Raises ServerError.

        initdb inherits the lock ``hold``. If this process is killed, the next process waits for the end of
        initdb before it removes the unfinished data.
        """
        unfinished = self.home / "cluster.new"
        provider = BUILTIN_LOCALE if self.programs.major >= 17 else ()
        errors = []
        for character_type in CHARACTER_TYPES:
            shutil.rmtree(unfinished, ignore_errors=True)
            options = ("-D", unfinished.name, *INITDB_OPTIONS, *provider, f"--lc-ctype={character_type}")
            done = self._run("initdb", *options, hold=hold)
            if done.returncode == 0:
                unfinished.rename(self.data)
                return
            errors.append(_reason(done.stderr))
        raise ServerError(
            f"PostgreSQL could not create its data in {self.home}; repair this and start again: {errors[0]}"
        )

    def start(self, *, hold: int) -> None:
        """Starts the server, which inherits the lock ``hold``; returns when it is ready.

        Raises ServerError.
        """
        self._check_version()
        self._clear_crash()
        folder = self._make_folder()
        quoted = '"{}"'.format(
            str(folder).replace('"', '""')
        )  # PostgreSQL parses the setting as a list of folders
        settings = {**self.settings, "unix_socket_directories": quoted}
        options = shlex.join(f"--{name}={value}" for name, value in settings.items())
        if self.log.exists():
            self.log.replace(self.log.with_suffix(".log.1"))
        log_options = ("-l", self.log.name, "-o", options)
        done = self._run("pg_ctl", "start", *PG_CTL_OPTIONS, *log_options, hold=hold)
        if done.returncode != 0:
            with contextlib.suppress(OSError):  # a slow server may have created its socket meanwhile
                folder.rmdir()
            reason = self._log_end() or "it could not write its log; perhaps the disk is full"
            raise ServerError(
                f"PostgreSQL did not start; repair this and start again: {reason} (see {self.log})"
            )

    def stop(self) -> None:
        """Stops the server and removes the folder of its socket."""
        listening = self.listening()
        done = self._run("pg_ctl", "stop", *PG_CTL_OPTIONS, "-m", "fast")
        if done.returncode == 0 and listening is not None:
            _remove(listening.folder)

    def listening(self) -> Listening | None:
        """The contents of the pid file, which remains after a crash; None if it is missing or incomplete."""
        try:
            lines = os.fsdecode(self.pid_file.read_bytes()).splitlines()
        except FileNotFoundError:
            return None
        return Listening(Path(lines[4]), lines[7].strip() == "ready") if len(lines) > 7 else None

    def is_reachable(self, listening: Listening) -> bool:
        """Whether the socket exists in a folder that belongs to the account."""
        try:
            owner = listening.folder.lstat().st_uid
        except OSError:
            return False
        return owner == self.account.uid and listening.socket.is_socket()

    def answers(self) -> bool:
        """Whether the server accepts a connection."""
        listening = self.listening()
        if listening is None or not listening.is_ready or not self.is_reachable(listening):
            return False
        with socket.socket(socket.AF_UNIX) as probe:
            return probe.connect_ex(str(listening.socket)) == 0

    def _run(self, program: str, *options: str, hold: int | None = None) -> subprocess.CompletedProcess[str]:
        command = [str(self.programs.folder / program), *options]
        return self.account.run(command, cwd=self.home, pass_fds=[] if hold is None else [hold])

    def _check_version(self) -> None:
        """Raises ServerError if another major version has created the data."""
        try:
            creator = (self.data / "PG_VERSION").read_text().strip()
        except FileNotFoundError:
            return  # the server reports it
        if creator == str(self.programs.major):
            return
        raise ServerError(
            f"PostgreSQL {creator} created the data in {self.data}, and PostgreSQL {self.programs.major} in "
            f"{self.programs.folder} cannot open them: set {programs.VARIABLE} to the folder of the programs "
            f"of PostgreSQL {creator}, or delete {self.data} to start with an empty database."
        )

    def _clear_crash(self) -> None:
        """Removes the socket and the pid file of a crashed server, because its pid may be reused.

        Keeps the files of a server that was started manually: it has no lock, so it may be running.
        """
        listening = self.listening()
        if listening is not None and not listening.folder.name.startswith(FOLDER_PREFIX):
            return
        if listening is not None:
            _remove(listening.folder)
        self.pid_file.unlink(missing_ok=True)

    def _make_folder(self) -> Path:
        """Creates a private folder for the socket; the path of a socket has at most 103 bytes on macOS.

        Raises ServerError.
        """
        for parent in (tempfile.gettempdir(), "/tmp"):
            folder = Path(tempfile.mkdtemp(prefix=FOLDER_PREFIX, dir=parent))
            os.chown(folder, self.account.uid, self.account.gid)
            if len(os.fsencode(folder)) < 80 and self.account.may(os.W_OK, folder):
                return folder
            folder.rmdir()
        raise ServerError(
            "PostgreSQL has no folder for its socket: set TMPDIR to a folder with a short path "
            "that every account can access."
        )

    def _log_end(self) -> str:
        try:
            return _reason(self.log.read_text(errors="replace"))
        except FileNotFoundError:
            return ""


def _remove(folder: Path) -> None:
    """Removes the folder of a socket, if this module created it and it contains nothing else."""
    if not folder.name.startswith(FOLDER_PREFIX):
        return
    with contextlib.suppress(OSError):
        for name in (f".s.PGSQL.{PORT}", f".s.PGSQL.{PORT}.lock"):
            (folder / name).unlink(missing_ok=True)
        folder.rmdir()


def _reason(output: str) -> str:
    """The error lines of a program's output, or else its last lines."""
    lines = [line.strip() for line in output.strip().splitlines()]
    reasons = [line for line in lines if re.search("error:|ERROR:|FATAL:|PANIC:|DETAIL:|HINT:", line)]
    return " ".join((reasons or lines)[-3:])
