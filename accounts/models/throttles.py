"""Counts of throttled requests and of guesses, in a table that all processes share.

Each function is one statement, and takes effect at once if it is called outside of a transaction: a
request that fails later has still been counted. The functions, and the table ``accounts_throttle``, are in
``migrations/sql/0021_throttles.sql``. A key is a text of at most 64 characters.
"""

from typing import Any

from django.db import connection


def count_request(*, key: str, maximum: int, seconds: int) -> float:
    """Counts a request, or returns the seconds until the next one is allowed. 0.0 if it was counted.

    In any period of this many seconds, at most ``maximum`` requests are counted.
    """
    wait: float = _value("count_request(%s, %s, make_interval(secs => %s))", key, maximum, seconds)
    return wait


def count_guess(*, account_key: str, source_key: str) -> float:
    """Counts a guess at an account, or returns the seconds until the next one. 0.0 if it was counted.

    ``source_key`` is the key of one source at this account, for which alone the wait holds.
    """
    wait: float = _value("count_guess(%s, %s)", account_key, source_key)
    return wait


def forget_guesses(*, account_key: str, source_key: str) -> None:
    """Removes the guesses of this source, and the sum of all sources, at the account."""
    _value("forget_guesses(%s, %s)", account_key, source_key)


def _value(call: str, *parameters: Any) -> Any:
    """The result of a function of the schema ``private``."""
    with connection.cursor() as cursor:
        cursor.execute(f"select private.{call}", parameters)
        return cursor.fetchone()[0]
