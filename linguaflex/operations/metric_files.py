"""The folder in which gunicorn's processes share their metrics. gunicorn.conf.py creates and removes it.

prometheus_client reads PROMETHEUS_MULTIPROC_DIR when it is imported. Each process then writes files of its
own there, and a scrape sums them up. Without the variable, metrics are those of one process.
"""

import os
import shutil
import tempfile

VARIABLE = "PROMETHEUS_MULTIPROC_DIR"
PREFIX = "linguaflex-metrics-"
_created: list[str] = []  # by this process


def prepare() -> None:
    """Creates an empty folder, once in a process, and names it in the environment, which workers inherit."""
    if not _created:
        _created.append(tempfile.mkdtemp(prefix=PREFIX))
        os.environ[VARIABLE] = _created[0]


def remove() -> None:
    """Removes the folder that this process has created."""
    while _created:
        shutil.rmtree(_created.pop(), ignore_errors=True)
