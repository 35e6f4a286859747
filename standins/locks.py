"""File locks between processes (flock(2)).

A lock belongs to the open file: child processes inherit it with the descriptor. The kernel releases it when
the last process with the descriptor closes it or ends.
"""

import contextlib
import fcntl
import os
from collections.abc import Iterator
from pathlib import Path


def open_lock(path: Path) -> int:
    """Opens a folder or a lock file; returns the descriptor. Creates a missing file."""
    if path.is_dir():
        return os.open(path, os.O_RDONLY)
    try:
        return os.open(path, os.O_RDWR | os.O_CREAT, 0o644)  # NFS locks only writable files
    except PermissionError:
        return os.open(path, os.O_RDONLY)  # root created it


def try_exclusive(lock: int) -> bool:
    """Takes the exclusive lock if it is free, without waiting; returns whether it was free."""
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def is_exclusive(lock: int) -> bool:
    """Whether another open file has the exclusive lock. Takes and keeps a shared lock otherwise."""
    try:
        fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    return False


@contextlib.contextmanager
def opened(path: Path) -> Iterator[int]:
    """The descriptor of ``open_lock``, which is closed at the end of the context."""
    lock = open_lock(path)
    try:
        yield lock
    finally:
        os.close(lock)


@contextlib.contextmanager
def exclusive(path: Path) -> Iterator[int]:
    """Waits for the exclusive lock, and releases it at the end of the context. Returns the descriptor."""
    with opened(path) as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield lock
