"""The scripts of benchmarks/ run with the current code."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.lifecycle
CHECKOUT = Path(__file__).resolve().parents[2]


def test_realtime_latency_is_measured_for_each_payload_size() -> None:
    command = [sys.executable, "benchmarks/realtime_latency.py", "2"]
    done = subprocess.run(command, cwd=CHECKOUT, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    assert re.findall(r"^2 messages of +([\d,]+) bytes: median", done.stdout, re.M) == [
        "200",
        "10,000",
        "100,000",
    ]


def test_short_search_is_measured_with_the_index_and_by_like() -> None:
    command = [sys.executable, "benchmarks/short_search.py", "2000"]
    done = subprocess.run(command, cwd=CHECKOUT, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    assert re.search(r"^people with 世界: [\d.]+ ms\npeople with 世界 by LIKE: [\d.]+ ms$", done.stdout, re.M)
    assert re.search(r"^saved gig of 300 Chinese characters: [\d.]+ ms, without", done.stdout, re.M)
