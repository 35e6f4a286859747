"""Long commands show their progress on a terminal, and write nothing of it elsewhere."""

import io
from contextlib import redirect_stderr
from datetime import timedelta
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection
from django.utils import timezone

from accounts.management import progress
from accounts.models import User
from linguaflex.local import demo
from linguaflex.operations.management.commands import migrate
from tests.fixtures.people import Person


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.fixture(params=[Terminal, io.StringIO], ids=["terminal", "file"])
def stream(request: pytest.FixtureRequest) -> Any:
    """A terminal, or a file."""
    return request.param()


def assert_shown(stream: Any, text: str) -> None:
    """Asserts that a terminal shows ``text``, and that a file is empty."""
    assert text in stream.getvalue() if stream.isatty() else stream.getvalue() == ""


@pytest.mark.slow
def test_the_seeding_counts_the_demo_users(stream: Any, db: None, supabase: object) -> None:
    with redirect_stderr(stream):
        assert demo.seed_if_empty()
    assert_shown(stream, f"Demo users:   0%|          | 0/{len(demo.USERS)} ")


def test_finish_deletions_counts_the_deletions(stream: Any, student: Person) -> None:
    student.user.anonymise(at=timezone.now() - timedelta(hours=1))
    with redirect_stderr(stream):
        call_command("finish_deletions")
    assert User.objects.get().deletion_finished_at
    assert_shown(stream, "Deletions:   0%|          | 0/1 ")


def test_migrate_counts_the_changed_rows(
    stream: Any, student: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(progress, "DELAY_SECONDS", 0)
    command = migrate.Command(stdout=type(stream)())
    command.verbosity = 1
    with redirect_stderr(stream):
        command.migration_progress_callback("apply_start", "accounts.0099_fill")
        with connection.execute_wrapper(command.count_rows):
            assert [User.objects.update(bio="new") for _ in range(3)] == [1, 1, 1]
            assert User.objects.count() == 1
        assert command.rows is not None
        command.rows.refresh()
        command.migration_progress_callback("apply_success", "accounts.0099_fill")
    assert_shown(stream, "Applying accounts.0099_fill: 3 rows")
    printed = command.stdout.getvalue()
    assert printed.rpartition("\r")[2] == "  Applying accounts.0099_fill... OK\n"
