"""Limits of sizes, lengths, numbers and times, each at its last accepted and its first refused value."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from accounts.values import exact_json, passwords
from accounts.values.content_length import announces_more
from accounts.values.windows import seconds_until_below

AT = datetime(2026, 3, 1, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)


@pytest.mark.parametrize(
    ("uses", "limit", "seconds"),  # uses: seconds before AT, and amounts
    [
        ([], 1, 0),
        ([], 0, 0),
        ([(600, 1)], 2, 0),
        ([(600, 1)], 1, 3000),
        ([(600, 1), (300, 1)], 2, 3000),
        ([(600, 1), (300, 1)], 1, 3300),
        ([(600, 5), (300, 1), (60, 9)], 10, 3300),
        ([(600, 5), (300, 1), (60, 9)], 11, 3000),
        ([(3600, 1)], 1, 0),
        ([(3599.2, 1)], 1, 1),  # rounded up: a retry after it is not too early
        ([(600, 1)], 0, 3000),  # with a limit of 0, until the last use has left the window
    ],
)
def test_a_limited_use_is_possible_again_when_enough_has_left_the_window(
    uses: list[tuple[float, int]], limit: int, seconds: int
) -> None:
    instants = [(AT - timedelta(seconds=ago), amount) for ago, amount in uses]
    assert seconds_until_below(limit, instants, window=HOUR, at=AT) == seconds


@pytest.mark.parametrize(
    ("header", "more"),
    [
        *((None, False), ("", False), ("0", False), ("9", False), ("10", False), ("11", True)),
        *(("0" * 18 + "10", False), ("0" * 18 + "11", True), ("0" * 30, False)),
        *(("x", False), ("-11", False), ("11.0", False), ("9" * 18, True), ("9" * 10_000, True)),
    ],
)
def test_a_body_is_too_large_above_its_limit(header: str | None, more: bool) -> None:
    assert announces_more({"CONTENT_LENGTH": header}, 10) == more
    assert not announces_more({}, 10)


def test_a_long_number_in_a_header_is_compared_by_eighteen_digits() -> None:
    assert announces_more({"CONTENT_LENGTH": "1" * 18}, 10**17)
    assert not announces_more({"CONTENT_LENGTH": "1" * 19}, 10**18)


@pytest.mark.parametrize(
    ("password", "minimum", "code"),
    [
        *(("12345", {}, "weak_password"), ("123456", {}, None), ("ñ" * 6, {}, None)),
        *(("1" * 11, {"min_length": 12}, "weak_password"), ("1" * 12, {"min_length": 12}, None)),
        *(("1" * 72, {}, None), ("1" * 73, {}, "password_too_long")),
        *(("ñ" * 36, {}, None), ("ñ" * 36 + "1", {}, "password_too_long")),  # bytes of UTF-8, not characters
        ("\ud800" * 25, {}, "password_too_long"),
    ],
    ids=ascii,
)
def test_the_length_of_a_password_is_limited(password: str, minimum: Any, code: str | None) -> None:
    found = passwords.problem(password, **minimum)
    assert (found and found[0]) == code
    assert passwords.MIN_STAFF_LENGTH == 12


@pytest.mark.parametrize(
    "number",
    [0, 1, 2**63 - 1, -(2**63), float(2**63), -float(2**63) * 1.5, 1e18 + 0.5, 1e19, 1e300, -1e300],
)
def test_a_number_is_read_from_jsonb_as_it_was_stored(number: float) -> None:
    written = f"{number:.0f}" if isinstance(number, float) else str(number)  # PostgreSQL writes all digits
    found = exact_json.loads(f'{{"a": [{written}]}}')["a"][0]
    is_integer = -(2**63) <= int(written) < 2**63
    assert (found, type(found)) == (number, int if is_integer else float)


@pytest.mark.parametrize(
    ("value", "size"), [("", 2), ("é", 4), ([1, 2], 5), ({"a": "b", "c": None}, 18), ("😀", 6)]
)
def test_the_size_of_json_is_in_bytes_of_its_compact_form(value: Any, size: int) -> None:
    assert exact_json.size_of(value) == size
