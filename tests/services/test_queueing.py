"""The waits between the attempts of a task."""

from datetime import timedelta

from accounts.services import queueing


def test_the_wait_after_a_failure_doubles_up_to_an_hour() -> None:
    waits = map(queueing.retry_delay, (1, 2, 3, 4, 6, 7, 1_000))
    assert [wait / timedelta(minutes=1) for wait in waits] == [1, 2, 4, 8, 32, 60, 60]
