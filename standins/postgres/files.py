"""The location of the embedded server's data, which its account must be able to access.

If root starts the server, it runs as another account, which may have no access to the checkout. Then the
data are stored in another folder. Permissions of existing folders are not changed.
"""

import contextlib
import os
import tempfile
from pathlib import Path

from standins import locks
from standins.postgres.account import Account
from standins.postgres.errors import ServerError


def home_of(data_dir: Path, account: Account) -> Path:
    """The folder of the data: ``data_dir``, or the target of its symbolic link.

    If root runs this, a ``data_dir`` that ``account`` cannot access is replaced by a link to a new folder.
    Raises ServerError.
    """
    data_dir.parent.mkdir(parents=True, exist_ok=True)
    if data_dir.is_symlink():
        return _linked(data_dir, account)
    if os.geteuid() != 0:
        data_dir.mkdir(mode=0o700, exist_ok=True)
        return data_dir
    with locks.exclusive(data_dir.parent):
        if not data_dir.is_symlink() and not _give(data_dir, account):
            _move_out(data_dir, account)
    return _linked(data_dir, account) if data_dir.is_symlink() else data_dir


def _linked(data_dir: Path, account: Account) -> Path:
    """The target of the link ``data_dir``. Raises ServerError if ``account`` does not own it."""
    home = data_dir.resolve()
    if home.is_dir() and home.stat().st_uid == account.uid:
        return home
    raise ServerError(
        f"The data of {data_dir} was in {home}, but that folder is missing or belongs to another account: "
        f"delete the link {data_dir} to start with an empty database."
    )


def _give(data_dir: Path, account: Account) -> bool:
    """Creates ``data_dir`` if missing and gives it to ``account``; returns whether that account can write."""
    data_dir.mkdir(mode=0o700, exist_ok=True)
    if data_dir.stat().st_uid == 0:
        with contextlib.suppress(OSError):  # some file systems have no owners
            os.chown(data_dir, account.uid, account.gid)
    return account.may(os.W_OK, data_dir)


def _move_out(data_dir: Path, account: Account) -> None:
    """Replaces ``data_dir`` by a link to a new private folder of ``account``.

    Raises ServerError if ``data_dir`` is not empty.
    """
    try:
        data_dir.rmdir()
    except OSError as error:
        raise ServerError(
            f"PostgreSQL would run as the account number {account.uid}, which cannot write to "
            f"{data_dir}: make that account its owner, or set LINGUAFLEX_DATA_DIR to another one."
        ) from error
    parent = next((p for p in ("/var/lib", "/var/tmp") if os.access(p, os.W_OK)), None)
    elsewhere = tempfile.mkdtemp(prefix="linguaflex-postgres-", dir=parent)
    os.chown(elsewhere, account.uid, account.gid)
    data_dir.symlink_to(elsewhere)
    # Account.for_directory reads the owner of the link.
    os.chown(data_dir, account.uid, account.gid, follow_symlinks=False)
