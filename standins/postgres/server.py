"""Shares the PostgreSQL server of a data directory between processes: the first starts it, the last
one out stops it.

Three lock files lie beside the data:

* ``users.lock``, shared: held by each process that uses the server, as long as it lives.
* ``change.lock``, exclusive: held by the process that starts or stops the server.
* ``running.lock``, exclusive: held by the server itself, which inherits the open file. It is free
  exactly when no process of the server lives, so the number in a pid file is never believed.
"""

import atexit
import fcntl
import os
import threading
import time
from collections.abc import Mapping
from pathlib import Path

from standins.postgres import files, locks
from standins.postgres.account import Account
from standins.postgres.cluster import START_SECONDS, Cluster, Listening
from standins.postgres.errors import ServerError


class Server:
    """The server of one data directory, as one process sees it.

    ``home`` is where the data lies: ``data_dir``, or elsewhere (see files.home_of).
    """

    def __init__(self, data_dir: Path, settings: Mapping[str, str]) -> None:
        account = Account.for_directory(data_dir)
        self.home = files.home_of(data_dir, account)
        self._cluster = Cluster(self.home, account, settings)
        self._listening: Listening | None = None
        self._users_lock: int | None = None

    @property
    def host(self) -> str:
        """The private folder of the server's socket, to connect to."""
        assert self._listening is not None, "join() comes first"
        return str(self._listening.folder)

    def is_up(self) -> bool:
        """Whether the server this process joined still runs, in reach; costs microseconds."""
        if self._listening is None or not self._cluster.is_reachable(self._listening):
            return False
        return self._lives()

    def join(self) -> None:
        """Makes this process a user of the server, which is started when it is down."""
        with locks.exclusive(self.home / "change.lock") as change:
            if self._users_lock is None:
                self._users_lock = locks.open_lock(self.home / "users.lock")
                fcntl.flock(self._users_lock, fcntl.LOCK_SH)
            self._bring_up(change)
            self._listening = self._cluster.listening()

    def leave(self) -> None:
        """Stops the server when this process was its last user.

        The server of a data directory that was deleted meanwhile ends by itself, within a minute.
        """
        if self._users_lock is not None and self._is_same_home(self._users_lock):
            with locks.exclusive(self.home / "change.lock"):
                if locks.try_exclusive(self._users_lock) and self._lives():
                    self._cluster.stop()
        self.forget()

    def forget(self) -> None:
        """Ends this process's use without a look at the server."""
        self._listening = None
        if self._users_lock is not None:
            os.close(self._users_lock)
            self._users_lock = None

    def _bring_up(self, change: int) -> None:
        """Returns once the server accepts connections.

        It may be up, down, between the two (as who started or stopped it was killed), or up without
        its socket (as the temporary folder was cleaned), which only a restart repairs.
        """
        deadline = time.monotonic() + START_SECONDS
        while not self._cluster.answers() and not self._start(change):
            listening = self._cluster.listening()
            if listening and listening.is_ready and not self._cluster.is_reachable(listening):
                self._cluster.stop()
            elif time.monotonic() > deadline:
                raise ServerError(
                    f"PostgreSQL runs but does not answer: end its processes and start again "
                    f"(its log is {self._cluster.log})."
                )
            time.sleep(0.02)

    def _start(self, change: int) -> bool:
        """Starts the server, and makes its data the first time; False when one runs."""
        with locks.opened(self.home / "running.lock") as running:
            if not locks.try_exclusive(running):
                return False
            if not self._cluster.data.exists():
                self._cluster.create(hold=change)
            self._cluster.start(hold=running)
            return True

    def _lives(self) -> bool:
        with locks.opened(self.home / "running.lock") as running:
            return not locks.try_exclusive(running)

    def _is_same_home(self, users_lock: int) -> bool:
        try:
            return os.path.samestat(os.fstat(users_lock), (self.home / "users.lock").stat())
        except FileNotFoundError:
            return False


_servers: dict[Path, Server] = {}
_servers_lock = threading.Lock()


def running(data_dir: Path, settings: Mapping[str, str] | None = None) -> Server:
    """The server of ``data_dir``, started when it is down, with this process among its users.

    ``settings`` are PostgreSQL's, beside cluster.SETTINGS; they count when the server starts.
    """
    data_dir = data_dir.absolute()
    with _servers_lock:
        try:
            server = _servers.get(data_dir) or Server(data_dir, settings or {})
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
    """A forked child joins at its own first connection: its parent's locks are not its own."""
    while _servers:
        _servers.popitem()[1].forget()
    _servers_lock.release()


atexit.register(_leave_all)
# No fork happens while a thread is joining, so a child never inherits half of a change.
os.register_at_fork(
    before=_servers_lock.acquire,
    after_in_parent=_servers_lock.release,
    after_in_child=_forget_all_in_child,
)
