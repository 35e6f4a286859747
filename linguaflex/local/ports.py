"""The file that names the ports of the running stand-ins, for commands in other terminals.

``runserver`` locks the file while it runs. The settings of other commands with the same data folder read it.
The kernel releases the lock of a killed process, so that the file of an ended ``runserver`` has no effect.
"""

import json
import os
import time
from pathlib import Path

from standins import locks

FILE_NAME = "running-ports.json"
LOCK_SECONDS = 1  # a command that reads the file has a shared lock for a moment


def running(folder: Path) -> dict[str, int]:
    """The ports of the ``runserver`` that runs with this data folder, by variable; empty if none runs."""
    path = folder / FILE_NAME
    if not path.exists():
        return {}
    with locks.opened(path) as lock:
        is_running = locks.is_exclusive(lock)
    try:
        return dict(json.loads(path.read_text())) if is_running else {}
    except ValueError:  # it is being written
        return {}


def hold(folder: Path, ports: dict[str, int]) -> None:
    """Writes the file, and locks it until this process ends. If another ``runserver`` holds it, it stays."""
    path = folder / FILE_NAME
    lock = locks.open_lock(path)
    deadline = time.monotonic() + LOCK_SECONDS
    while not locks.try_exclusive(lock):
        if time.monotonic() > deadline:
            os.close(lock)
            return
        time.sleep(0.05)
    path.write_text(json.dumps(ports))
