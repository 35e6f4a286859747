"""gunicorn reads this file from its working directory, in the process that starts the workers."""

from typing import Any

from linguaflex.operations import gunicorn_sockets, metric_files

# Here and not in a hook: with --preload, gunicorn loads the application before it calls the first one.
metric_files.prepare()
gunicorn_sockets.install()


def on_exit(server: Any) -> None:
    """Called once, after the workers have ended."""
    metric_files.remove()
