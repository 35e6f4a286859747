"""When background jobs run, and when a queue of them is late or without a worker."""

from datetime import UTC, datetime, timedelta

import pytest

from accounts.models import VoiceSession
from accounts.services import queueing, voice_saving
from accounts.services.worker_health import Queue

END = datetime(2026, 3, 1, 12, tzinfo=UTC)


def minutes(number: int | None) -> datetime | None:
    """The instant a number of minutes after END."""
    return None if number is None else END + timedelta(minutes=number)


@pytest.mark.parametrize(
    ("hung_up", "last_event", "due"),
    [
        (None, None, 2),
        (None, -5, 2),
        (None, 1, 3),
        (None, 28, 30),
        (None, 29, 30),
        (-10, None, -8),
        (-10, -11, -8),
        (-10, -3, -1),
        (1, None, 2),  # a hang-up after the end changes nothing
    ],
)
def test_a_session_is_saved_after_its_call_and_two_quiet_minutes(
    hung_up: int | None, last_event: int | None, due: int
) -> None:
    session = VoiceSession(ends_at=END, hung_up_at=minutes(hung_up), last_event_at=minutes(last_event))
    assert voice_saving.save_due_at(session) == minutes(due)


@pytest.mark.parametrize(
    ("failures", "wait"), [(1, 1), (2, 2), (3, 4), (6, 32), (7, 60), (11, 60), (100_000, 60)]
)
def test_the_wait_is_doubled_by_each_failure_up_to_an_hour(failures: int, wait: int) -> None:
    assert queueing.retry_delay(failures) == timedelta(minutes=wait)


@pytest.mark.parametrize(("seen", "has"), [(-60, True), (-60.001, False), (5, True), (None, False)])
def test_a_worker_is_there_for_a_minute_after_its_last_report(seen: float | None, has: bool) -> None:
    at = None if seen is None else END + timedelta(seconds=seen)
    assert Queue("default", at, 0, None).has_worker(END) == has


@pytest.mark.parametrize(
    ("name", "due", "late"),
    [
        *(("calls", -30, False), ("calls", -30.001, True)),
        *(
            ("default", -300, False),
            ("default", -300.001, True),
            ("default", 9, False),
            ("default", None, False),
        ),
    ],
)
def test_a_queue_is_late_if_its_oldest_job_waits_too_long(name: str, due: float | None, late: bool) -> None:
    queue = Queue(name, END, 1, None if due is None else END + timedelta(seconds=due))
    assert queue.is_late(END) == late
    assert queue.oldest_age(END) == timedelta(seconds=max(-(due or 0), 0))
