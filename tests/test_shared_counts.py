"""Limits that are counted in memory that forked processes share."""

import hashlib
import random
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import pytest

from accounts.rest.shared_counts import KEYS, ROWS, STEPS, SharedCounts
from tests.fixtures.programs import ROOT


def hashed(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def of_row(number: int) -> str:
    """A key of the first row of the table."""
    return f"{ROWS * (number + 1):016x}"


def test_limit_holds_in_every_period() -> None:
    counts = SharedCounts()
    instants = (0, 50, 59, 60, 61, 110, 111)
    waits = [counts.count(key=hashed("a"), maximum=2, seconds=60, at=at) for at in instants]
    assert waits == [0, 0, 2, 1, 0, 1, 0]


@pytest.mark.parametrize("seed", range(20))
def test_no_request_is_above_the_limit_or_waits_for_more_than_a_part_too_long(seed: int) -> None:
    chance = random.Random(seed)
    maximum, seconds = chance.randrange(1, 9), chance.choice([1, 60, 3600])
    counts, counted, at = SharedCounts(), list[float](), chance.uniform(0, 1e6)
    for _ in range(400):
        at += chance.expovariate(1.5 * maximum / seconds)
        wait = counts.count(key=hashed("a"), maximum=maximum, seconds=seconds, at=at)
        if wait:
            longest = seconds * (1 + 1 / STEPS)
            assert sum(each > at - longest - 1e-6 for each in counted) >= maximum
            assert wait <= longest
        else:
            assert sum(each > at - seconds for each in counted) < maximum
            counted.append(at)


def test_the_stated_wait_is_sufficient() -> None:
    counts, at = SharedCounts(), 1000.3
    for _ in range(50):
        at += wait if (wait := counts.count(key=hashed("a"), maximum=3, seconds=7, at=at)) else 0.1
        if wait:
            assert counts.count(key=hashed("a"), maximum=3, seconds=7, at=at + 0.001) == 0


def test_keys_are_counted_apart() -> None:
    counts = SharedCounts()
    waits = [counts.count(key=hashed(key), maximum=1, seconds=60, at=0) for key in "aab"]
    assert waits == [0, 61, 0]


def test_a_key_of_zeros_is_one_of_the_keys() -> None:
    counts = SharedCounts()
    waits = [counts.count(key=key * 16, maximum=1, seconds=60, at=0) for key in ("0", "0", "2")]
    assert waits == [0, 61, 0]
    assert len(counts) == 2


def test_a_full_row_loses_the_key_whose_latest_request_is_the_oldest() -> None:
    counts = SharedCounts()
    for number in range(KEYS + 1):
        counts.count(key=of_row(number), maximum=1, seconds=3600, at=60 * number)
    assert len(counts) == KEYS
    last = 60 * KEYS
    assert counts.count(key=of_row(1), maximum=1, seconds=3600, at=last) > 0
    assert counts.count(key=of_row(0), maximum=1, seconds=3600, at=last) == 0
    assert counts.count(key=hashed("a"), maximum=1, seconds=3600, at=last) == 0
    assert len(counts) == KEYS + 1


def test_a_replaced_key_leaves_no_count_to_its_successor() -> None:
    counts = SharedCounts()
    for _ in range(5):
        counts.count(key=of_row(0), maximum=5, seconds=60, at=0)
    waits = [counts.count(key=of_row(number), maximum=5, seconds=60, at=1) for number in range(1, KEYS + 1)]
    assert waits == [0] * KEYS


def test_threads_count_together() -> None:
    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)  # threads are interrupted between almost all steps
    counts = SharedCounts()
    try:
        with ThreadPoolExecutor(8) as pool:
            each_key_twice = (hashed(str(number // 2)) for number in range(2_000))
            waits = list(pool.map(lambda key: counts.count(key=key, maximum=1, seconds=60), each_key_twice))
    finally:
        sys.setswitchinterval(interval)
    assert waits.count(0) == 1_000


FORKED = """
import os, signal
from accounts.rest.shared_counts import SharedCounts

counts, key = SharedCounts(), "f" * 64
reading, writing = os.pipe()
for number in range(5):
    if not os.fork():
        if number == 4:  # is killed while it has the lock
            with counts._locked():
                os.kill(os.getpid(), signal.SIGKILL)
        counted = sum(not counts.count(key=key, maximum=1000, seconds=3600) for _ in range(500))
        os.write(writing, b"%d " % counted)
        os._exit(0)
for _ in range(5):
    os.wait()
print(sum(map(int, os.read(reading, 1000).split())))
"""


def test_processes_count_together_also_after_one_was_killed() -> None:
    done = subprocess.run(
        [sys.executable, "-c", FORKED], cwd=ROOT, capture_output=True, text=True, timeout=60
    )
    assert (done.stdout, done.stderr) == ("1000\n", "")
