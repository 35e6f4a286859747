"""Limits that are counted in the memory of one process."""

import sys
from concurrent.futures import ThreadPoolExecutor

from accounts.rest.process_counts import ProcessCounts


def test_limit_holds_in_every_period() -> None:
    counts = ProcessCounts()
    waits = [counts.count(key="a", maximum=2, seconds=60, at=at) for at in (0, 50, 59, 60, 61, 110)]
    assert waits == [0, 0, 1, 0, 49, 0]


def test_keys_are_counted_apart() -> None:
    counts = ProcessCounts()
    waits = [counts.count(key=key, maximum=1, seconds=60, at=0) for key in "aab"]
    assert waits == [0, 60, 0]


def test_keys_without_recent_requests_are_removed() -> None:
    counts = ProcessCounts()
    for number in range(100):
        counts.count(key=str(number), maximum=600, seconds=60, at=number)
    assert len(counts) == 60
    counts.count(key="0", maximum=600, seconds=60, at=1_000)
    assert len(counts) == 1


def test_threads_count_together() -> None:
    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)  # threads are interrupted between almost all steps
    counts = ProcessCounts()
    with ThreadPoolExecutor(8) as pool:
        each_key_twice = (str(number // 2) for number in range(8_000))
        waits = list(pool.map(lambda key: counts.count(key=key, maximum=1, seconds=60), each_key_twice))
    sys.setswitchinterval(interval)
    assert waits.count(0) == 4_000
