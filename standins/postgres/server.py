"""Shares the PostgreSQL server of a data directory between processes.

The first process starts the server and the last one stops it.

Three lock files lie beside the data:

* ``users.lock``, shared: held by each process that uses the server, until it leaves or ends.
* ``change.lock``, exclusive: held by the process that starts or stops the server.
* ``running.lock``, exclusive: held by the server itself, which inherits the open file. It is free only
  if no process of the server exists. The pid file is not proof, because a pid may be reused.
"""

import atexit
import fcntl
import os
import threading
import time
from collections.abc import Mapping
from pathlib import Path

from standins import locks
from standins.postgres import files
from standins.postgres.account import Account
from standins.postgres.cluster import START_SECONDS, Cluster, Listening
from standins.postgres.errors import ServerError


class Server:
    """This process's use of the server of a data directory; ``home`` is the folder of the data."""

    def __init__(
        self, data_dir: Path, settings: Mapping[str, str], chosen_programs: Path | None = None
    ) -> None:
        account = Account.for_directory(data_dir)
        self.home = files.home_of(data_dir, account)
        self._cluster = Cluster(self.home, account, settings, chosen_programs)
        self._listening: Listening | None = None
        self._users_lock: int | None = None

    @property
    def host(self) -> str:
        assert self._listening is not None, "call join() first"
        return str(self._listening.folder)

    @property
    def programs(self) -> Path:
        """The folder of PostgreSQL's programs. Raises ServerError."""
        return self._cluster.programs.folder

    def is_up(self) -> bool:
        """Whether the server runs and its socket exists. Takes microseconds."""
        if self._listening is None or not self._cluster.is_reachable(self._listening):
            return False
        return self._has_process()

    def join(self) -> None:
        """Registers this process as a user of the server and starts the server if necessary.

        Raises ServerError.
        """
        with locks.exclusive(self.home / "change.lock") as change:
            if self._users_lock is None:
                self._users_lock = locks.open_lock(self.home / "users.lock")
                fcntl.flock(self._users_lock, fcntl.LOCK_SH)
            self._bring_up(change)
            self._listening = self._cluster.listening()

    def leave(self) -> None:
        """Stops the server if this process is its last user.

        If the data directory was deleted, the server ends by itself within a minute.
        """
        if self._users_lock is not None and self._is_same_home(self._users_lock):
            with locks.exclusive(self.home / "change.lock"):
                if locks.try_exclusive(self._users_lock) and self._has_process():
                    self._cluster.stop()
        self.forget()

    def forget(self) -> None:
        """Unregisters this process; the server keeps running."""
        self._listening = None
        if self._users_lock is not None:
            os.close(self._users_lock)
            self._users_lock = None

    def _bring_up(self, change: int) -> None:
        """Returns when the server accepts connections. Raises ServerError after START_SECONDS.

        Besides running and stopped, the server may be starting or stopping, if the process that did this
        was killed. It may also run without its socket, if the temporary folder was cleaned; then it is
        restarted.
        """
        deadline = time.monotonic() + START_SECONDS
        while not self._cluster.answers() and not self._start(change):
            listening = self._cluster.listening()
            if listening and listening.is_ready and not self._cluster.is_reachable(listening):
                self._cluster.stop()
            elif time.monotonic() > deadline:
                raise ServerError(
                    f"PostgreSQL runs but does not respond: end its processes and start again "
                    f"(its log is {self._cluster.log})."
                )
            time.sleep(0.02)

    def _start(self, change: int) -> bool:
        """Creates the data if missing and starts the server; returns False if it already runs."""
        with locks.opened(self.home / "running.lock") as running:
            if not locks.try_exclusive(running):
                return False
            if not self._cluster.data.exists():
                self._cluster.create(hold=change)
            self._cluster.start(hold=running)
            return True

    def _has_process(self) -> bool:
        """Whether a process of the server exists."""
        with locks.opened(self.home / "running.lock") as running:
            return not locks.try_exclusive(running)

    def _is_same_home(self, users_lock: int) -> bool:
        """Whether ``home`` has not been deleted or replaced since ``join``."""
        try:
            return os.path.samestat(os.fstat(users_lock), (self.home / "users.lock").stat())
        except FileNotFoundError:
            return False


_servers: dict[Path, Server] = {}
_servers_lock = threading.Lock()


def running(
    data_dir: Path, settings: Mapping[str, str] | None = None, chosen_programs: Path | None = None
) -> Server:
    """The running server of ``data_dir``, with this process among its users. Raises ServerError.

    ``settings`` extend cluster.SETTINGS, ``chosen_programs`` is an argument of programs.find; neither
    changes a server that already runs.
    """
    data_dir = data_dir.absolute()
    with _servers_lock:
        try:
            server = _servers.get(data_dir) or Server(data_dir, settings or {}, chosen_programs)
            _servers[data_dir] = server
            if not server.is_up():
                server.join()
        except OSError as error:
            raise ServerError(
                f"The local database cannot use its folder: {error}. Make room, give this user "
                "access, or set LINGUAFLEX_DATA_DIR to another folder."
            ) from error
        return server


def _leave_all() -> None:
    with _servers_lock:
        while _servers:
            _servers.popitem()[1].leave()


def _forget_all_in_child() -> None:
    """A forked child does not own its parent's locks; it joins at its own first connection."""
    while _servers:
        _servers.popitem()[1].forget()
    _servers_lock.release()


atexit.register(_leave_all)
# The lock delays a fork while a thread joins a server, so that the child inherits a complete state.
os.register_at_fork(
    before=_servers_lock.acquire, after_in_parent=_servers_lock.release, after_in_child=_forget_all_in_child
)
