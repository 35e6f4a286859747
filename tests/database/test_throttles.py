"""The functions that count throttled requests and guesses."""

import threading
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection, transaction

from accounts.models import throttles
from tests.fixtures.threads import at_once, wait_until_blocked
from tests.fixtures.throttles import pass_seconds

pytestmark = pytest.mark.django_db


def count(key: str = "a", maximum: int = 3, seconds: int = 60) -> int:
    """The seconds to wait, rounded: between two statements some milliseconds pass."""
    return round(throttles.count_request(key=key, maximum=maximum, seconds=seconds))


def guess(source: str = "home", account: str = "ana") -> int:
    return round(throttles.count_guess(account_key=account, source_key=f"{source} {account}"))


def forget(source: str = "home", account: str = "ana") -> None:
    throttles.forget_guesses(account_key=account, source_key=f"{source} {account}")


def keys() -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute("select key from accounts_throttle order by key")
        return [key for (key,) in cursor.fetchall()]


def after(seconds: float, call: Callable[..., Any] = count, *arguments: Any) -> Any:
    pass_seconds(seconds)
    return call(*arguments)


def test_table_is_not_written_to_the_log_of_the_server() -> None:
    with connection.cursor() as cursor:
        cursor.execute("select relpersistence from pg_class where relname = 'accounts_throttle'")
        assert cursor.fetchone() == ("u",)


def test_limit_holds_in_every_period() -> None:
    assert [count(), count(), after(50), count()] == [0, 0, 0, 10]
    assert [after(10), count(), count()] == [0, 0, 50]
    assert after(60) == 0


def test_refused_requests_do_not_count() -> None:
    assert [count(maximum=1) for _ in range(3)] == [0, 60, 60]
    assert after(60) == 0


def test_lowered_limit_is_open_when_it_is_no_longer_exceeded() -> None:
    assert [count(), after(10), after(10), count(maximum=1)] == [0, 0, 0, 60]
    assert count(maximum=2) == 50


def test_keys_are_counted_apart() -> None:
    assert [count(key, 1) for key in "aab"] == [0, 60, 0]


@pytest.mark.django_db(transaction=True)
def test_concurrent_requests_do_not_exceed_the_limit() -> None:
    waits = at_once(8, lambda _: [count(maximum=20) for _ in range(10)])
    assert [wait for several in waits for wait in several].count(0) == 20


def test_first_requests_remove_expired_rows_ten_at_a_time() -> None:
    for number in range(25):
        count(f"old {number}")
    count("lives")
    pass_seconds(7200)
    count("lives")
    left = [len(keys()) for key in ("new", "new", "newer", "newest") if count(key) == 0]
    assert left == [7, 7, 3, 4]
    assert keys() == ["lives", "new", "newer", "newest"]


# ------------------------------------------------------------------------------------ guesses


def test_wait_doubles_with_each_wrong_guess_up_to_a_minute() -> None:
    assert [guess() for _ in range(5)] == [0] * 5
    waits = [(wait := guess(), after(wait, guess)) for _ in range(8)]
    assert waits == [(seconds, 0) for seconds in (1, 2, 4, 8, 16, 32, 60, 60)]


def test_right_guess_ends_the_wait() -> None:
    for _ in range(5):
        guess()
    forget()
    assert keys() == []
    assert [guess() for _ in range(5)] == [0] * 5


def test_guesses_are_forgotten_after_an_hour() -> None:
    for _ in range(5):
        guess()
    assert after(3600, guess) == 0
    assert guess() == 0


def test_guesses_of_one_source_do_not_delay_another() -> None:
    for _ in range(30):
        guess("attacker")
    assert guess("attacker") > 0
    assert guess("home") == 0
    assert guess("attacker", "zoe") == 0


def guesses_from(sources: int) -> int:
    """The wait of a new source, after one guess of each of so many others at the account."""
    for number in range(sources):
        guess(f"attacker {number}")
    return guess("home")


def test_guesses_of_many_sources_delay_each_source() -> None:
    assert guesses_from(49) == 0
    assert (guess("another"), guess("home")) == (1, 1)


def test_wait_that_has_begun_is_not_extended_by_others() -> None:
    assert guesses_from(50) == 1
    others = [f"another {number}" for number in range(20)]
    assert [guess(other) for other in others] == [1] * 20
    pass_seconds(1)
    assert [guess(other) for other in others] == [0] * 20
    assert guess("home") == 0
    forget("home")
    assert guess("newcomer") == 0


def test_longest_wait_of_a_new_source_is_a_minute() -> None:
    others = [f"attacker {number}" for number in range(250)]
    for other in others:
        guess(other)
    pass_seconds(1)
    assert [guess(other) for other in others[50:]] == [0] * 200
    assert guess("newcomer") == 60
    with connection.cursor() as cursor:
        cursor.execute("select max(cardinality(counted)) from accounts_throttle")
        assert cursor.fetchone() == (200,)
    assert after(60, guess, "newcomer") == 0


@pytest.mark.django_db(transaction=True)
def test_concurrent_guesses_do_not_escape_the_delay() -> None:
    waits = at_once(8, lambda _: [guess() for _ in range(3)])
    assert [wait for several in waits for wait in several].count(0) == 5


@pytest.mark.django_db(transaction=True)
def test_guess_that_waits_for_its_row_holds_no_row_of_others() -> None:
    for key in ("ana", "other"):
        count(key)
    pass_seconds(7200)  # both rows have expired, so that any request may remove them

    def guess_once() -> None:
        guess()
        connection.close()

    thread = threading.Thread(target=guess_once)
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("delete from accounts_throttle where key = 'ana'")
        thread.start()
        wait_until_blocked(thread)
        cursor.execute("select key from accounts_throttle where key = 'other' for update nowait")
    thread.join()
    assert keys() == ["ana", "home ana"]
