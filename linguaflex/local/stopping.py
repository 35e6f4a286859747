"""How the processes of ``runserver`` end."""

import os
import signal
import sys
import time

STOP_SIGNALS = (signal.SIGTERM, signal.SIGHUP)


def exit_on_stop_signals() -> None:
    """Exits normally on SIGTERM and SIGHUP, so that exit handlers stop PostgreSQL.

    A signal that the parent process ignores, as ``nohup`` does, stays ignored.
    """
    for number in STOP_SIGNALS:
        if signal.getsignal(number) is signal.SIG_DFL:
            signal.signal(number, lambda *_: sys.exit(0))


def ignore_stop_signals() -> None:
    """Ignores further stop signals, so that a second Ctrl-C does not interrupt the stop of PostgreSQL."""
    for number in (signal.SIGINT, *STOP_SIGNALS):
        signal.signal(number, signal.SIG_IGN)


def end_with_parent(parent: int) -> None:
    """Ends this process if ``parent`` no longer exists, for instance after SIGKILL."""
    while os.getppid() == parent:
        time.sleep(0.5)
    os._exit(0)
