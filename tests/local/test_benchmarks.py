"""The benchmarks of benchmarks/speed run with the current code, and other backends answer the same JSON."""

import re
import subprocess
import sys

import pytest

from tests.fixtures.programs import ROOT

pytestmark = pytest.mark.lifecycle


def output_of(*command: str) -> str:
    done = subprocess.run(
        [sys.executable, "-m", *command, "--small"], cwd=ROOT, capture_output=True, text=True, timeout=600
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_the_table_compares_six_requests_with_and_without_the_memory_of_tokens() -> None:
    rows = output_of("benchmarks.speed.table", "--rounds", "1", "--seconds", "0.1")
    assert (
        len(re.findall(r"^\| (?:list 20|summary|chats|gigs|create|send).* [\d.]+ / [\d.]+ \|$", rows, re.M))
        == 12
    )


def test_growth_is_measured_on_each_kind_of_list() -> None:
    rows = output_of("benchmarks.speed.growth")
    for kind in (
        "list of 600, page 1",
        "summary/ of 600",
        "search of 600: in one",
        "chats of 100",
        "teachers",
    ):
        assert f"| {kind} |" in rows


def test_the_storage_of_each_kind_of_row_is_measured() -> None:
    rows = re.findall(r"^\| ([a-z ]+) \| [\d,]+ \| ", output_of("benchmarks.speed.storage"), re.M)
    assert rows == ["conversation", "message", "chat", "participant of a chat", "user", "gig"]
