"""File locks between processes. The kernel frees a lock when its holder ends, however it ends.

The lock belongs to the open file: a child that inherits the descriptor holds it too.
"""

import contextlib
import fcntl
import os
from collections.abc import Iterator
from pathlib import Path


def open_lock(path: Path) -> int:
    """The descriptor of a lock file, which is made when missing, or of a folder."""
    if path.is_dir():
        return os.open(path, os.O_RDONLY)
    try:
        return os.open(path, os.O_RDWR | os.O_CREAT, 0o644)  # NFS locks only what may be written
    except PermissionError:
        return os.open(path, os.O_RDONLY)  # root made it


def try_exclusive(lock: int) -> bool:
    """Takes the lock for this process alone, if no other holds it."""
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


@contextlib.contextmanager
def opened(path: Path) -> Iterator[int]:
    """Opens a lock without taking it; the end closes it."""
    lock = open_lock(path)
    try:
        yield lock
    finally:
        os.close(lock)


@contextlib.contextmanager
def exclusive(path: Path) -> Iterator[int]:
    """Waits for the lock and holds it."""
    with opened(path) as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield lock
