"""File locks between processes. The kernel releases the lock of a process that ends or is killed.

A lock belongs to the open file, so a child process that inherits the descriptor holds it too.
"""

import contextlib
import fcntl
import os
from collections.abc import Iterator
from pathlib import Path


def open_lock(path: Path) -> int:
    """Opens a lock file, which is created if missing, or a folder; returns the descriptor."""
    if path.is_dir():
        return os.open(path, os.O_RDONLY)
    try:
        return os.open(path, os.O_RDWR | os.O_CREAT, 0o644)  # NFS locks only writable files
    except PermissionError:
        return os.open(path, os.O_RDONLY)  # root created it


def try_exclusive(lock: int) -> bool:
    """Takes the exclusive lock if no other process holds it; returns whether it did."""
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


@contextlib.contextmanager
def opened(path: Path) -> Iterator[int]:
    lock = open_lock(path)
    try:
        yield lock
    finally:
        os.close(lock)


@contextlib.contextmanager
def exclusive(path: Path) -> Iterator[int]:
    """Waits for the exclusive lock and holds it within the context."""
    with opened(path) as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield lock
