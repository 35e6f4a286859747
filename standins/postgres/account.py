"""The system account that PostgreSQL runs under.

PostgreSQL refuses to run as root. If root starts it, it runs as the owner of its data directory, or as
``nobody`` if root owns the directory.
"""

import contextlib
import os
import pwd
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

from standins.postgres.errors import OWN_DATABASE, ServerError

TEST_FLAGS = {os.W_OK: "-w", os.X_OK: "-x"}


@dataclass(frozen=True)
class Account:
    uid: int
    gid: int

    @classmethod
    def for_directory(cls, directory: Path) -> Self:
        """The account for a server with its data in ``directory``, an absolute path that may not exist yet.

        Raises ServerError.
        """
        if os.geteuid() != 0:
            return cls(os.geteuid(), os.getegid())
        nearest = next(p for p in (directory, *directory.parents) if os.path.lexists(p))
        entry = _entry(nearest.lstat().st_uid)
        return cls(entry.pw_uid, entry.pw_gid)

    def run(
        self, command: Sequence[str], *, cwd: Path | None = None, pass_fds: Sequence[int] = ()
    ) -> subprocess.CompletedProcess[str]:
        """Runs ``command`` as this account; it and its children inherit ``pass_fds``."""
        identity: dict[str, Any] = {}
        if os.geteuid() == 0:
            identity = {"user": self.uid, "group": self.gid, "extra_groups": []}
        return subprocess.run(
            command,
            cwd=cwd,
            pass_fds=pass_fds,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            errors="replace",
            check=False,
            **identity,
        )

    def may(self, mode: int, path: Path) -> bool:
        """Whether this account has the access ``mode`` (os.W_OK or os.X_OK) to ``path``."""
        if os.geteuid() != 0:
            return os.access(path, mode)
        # A process of the account tests it, because parent folders, ACLs and mount options matter too.
        test = ["/bin/sh", "-c", 'test "$1" "$2"', "sh", TEST_FLAGS[mode], str(path)]
        return self.run(test).returncode == 0


def _entry(uid: int) -> pwd.struct_passwd:
    """The account ``uid``; ``nobody`` for root and for a uid without a name, which initdb refuses.

    A folder that is mounted into a container may have such a uid. Raises ServerError.
    """
    if uid != 0:
        with contextlib.suppress(KeyError):
            return pwd.getpwuid(uid)
    try:
        return pwd.getpwnam("nobody")
    except KeyError as error:
        raise ServerError(
            "PostgreSQL does not run as root and there is no account named nobody: "
            f"start LinguaFlex as another user, or {OWN_DATABASE}."
        ) from error
