"""When background jobs run: the save of a session that nobody finishes, and retries."""

from datetime import UTC, datetime, timedelta

import pytest

from accounts.models import VoiceSession
from accounts.services import queueing, voice_saving

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
