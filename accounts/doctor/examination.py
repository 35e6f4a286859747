"""Runs the checks one after the other. Each has a time limit, and runs even if another one fails."""

import logging
import threading
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime

from django.conf import settings
from django.db import DEFAULT_DB_ALIAS, connections
from django.db.backends.base.base import BaseDatabaseWrapper

from accounts.doctor import configuration, database, deployment, openai, realtime, storage, supabase, workers
from accounts.doctor.findings import NOT_RUN, Check, Finding, Level
from accounts.doctor.report import Result

SECONDS_PER_CHECK = 5.0
# Settings whose values no output may contain.
SECRETS = ("SECRET_KEY", "SUPABASE_SECRET_KEY", "SUPABASE_JWT_SECRET", "OPENAI_API_KEY", "METRICS_TOKEN")


def examine(topics: Iterable[Sequence[Check]], *, seconds: float = SECONDS_PER_CHECK) -> Iterator[Result]:
    """The result of each check, in order. ``seconds`` is the time limit of one check."""
    with _silent_logs():
        for checks in topics:
            closed_by = ""
            for check in checks:
                if closed_by:
                    found = [NOT_RUN.found(reason=f"the check '{closed_by}' has failed")]
                else:
                    found = run(check, seconds=seconds)
                if check.is_gate and any(each.kind.level != Level.OK for each in found):
                    closed_by = check.name
                yield Result(check.name, [_without_secrets(each) for each in found])


def run(check: Check, *, seconds: float) -> list[Finding]:
    """The findings of a check. One that fails or takes longer has the finding NOT_RUN besides.

    The check runs in a thread with this thread's database connection. After the time limit the thread is
    abandoned, and this thread gets a new connection.
    """
    found: list[Finding] = []
    failures: list[Exception] = []
    connection = connections[DEFAULT_DB_ALIAS]

    def work() -> None:
        connections[DEFAULT_DB_ALIAS] = connection
        try:
            for finding in check.run():
                found.append(finding)
        except Exception as failure:
            failures.append(failure)

    with _shared(connection):
        thread = threading.Thread(target=work, name=check.name, daemon=True)
        thread.start()
        thread.join(seconds)
    if thread.is_alive():
        connections[DEFAULT_DB_ALIAS] = connection.copy()
        return [*found, NOT_RUN.found(reason=f"it took longer than {seconds:g} seconds")]
    return found + [NOT_RUN.found(reason=reason_of(failure)) for failure in failures]


def reason_of(failure: Exception) -> str:
    """The class of an exception, and the first line of its text. Later lines may quote a row."""
    lines = str(failure).strip().splitlines()
    return ": ".join([type(failure).__name__, *lines[:1]]).rstrip(".")


@contextmanager
def _shared(connection: BaseDatabaseWrapper) -> Iterator[None]:
    """Permits other threads to use the connection."""
    connection.inc_thread_sharing()
    try:
        yield
    finally:
        connection.dec_thread_sharing()


@contextmanager
def _silent_logs() -> Iterator[None]:
    """Silences the log: the report says the same."""
    before = logging.root.manager.disable
    logging.disable(logging.CRITICAL)
    try:
        yield
    finally:
        logging.disable(before)


def _without_secrets(finding: Finding) -> Finding:
    """The finding without values of secret settings, which an error of another system may quote."""
    secrets = {str(getattr(settings, name, "") or "") for name in SECRETS}
    secrets.add(str(settings.DATABASES[DEFAULT_DB_ALIAS].get("PASSWORD") or ""))

    def redacted(value: object) -> object:
        text = str(value)
        for secret in secrets - {""}:
            text = text.replace(secret, "***")
        return text if text != str(value) else value

    return Finding(finding.kind, {name: redacted(value) for name, value in finding.details.items()})


def topics(at: datetime) -> list[list[Check]]:
    """The checks that apply to these settings, by topic."""
    return [
        configuration.checks(),
        deployment.checks(),
        supabase.checks(),
        [*database.checks(), *realtime.checks(), *storage.checks(), *workers.checks(at)],
        openai.checks(at),
    ]
