"""Limits that are counted in the memory of one process."""

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
    counts = ProcessCounts()
    with ThreadPoolExecutor(8) as pool:
        waits = list(pool.map(lambda _: counts.count(key="a", maximum=600, seconds=60), range(2_000)))
    assert waits.count(0) == 600
