"""schemathesis on a running server, with docs/openapi.yaml as the truth: as a teacher, a learner and nobody.

LINGUAFLEX_FUZZ_EXAMPLES makes a longer run: all phases for everybody, with so many examples of an operation.
"""

import os
import re
import shutil
import subprocess
from collections.abc import Sequence
from typing import Any

import pytest

from tests.fixtures.processes import needs_proc
from tests.fixtures.programs import ROOT
from tests.fixtures.sites import Running

pytestmark = [pytest.mark.lifecycle, needs_proc]
EXAMPLES = int(os.environ.get("LINGUAFLEX_FUZZ_EXAMPLES", "0"))
ALL = "examples,coverage,fuzzing,stateful"
SEED = 1
# They end the session, the account, or the role of a learner.
LAST = ("logout", "users_me_delete", "teachers_create")
PEOPLE = {
    "teacher": ("tomas@example.com", ALL, 2),
    "learner": ("kenji@example.com", "examples,fuzzing,stateful", 2),
    "nobody": ("", "examples,fuzzing", 1),
}
COUNT = re.compile(r"(\d+) generated")


def schemathesis(site: Running, email: str, phases: str, examples: int, options: Sequence[str]) -> str:
    """The output of a run with the token of a person, or without one. Asserts that nothing failed."""
    if shutil.which("schemathesis") is None:
        pytest.skip("schemathesis is not installed (requirements/dev.txt)")
    command = ["schemathesis", "--config-file", "tests/fuzz/schemathesis.toml", "run", "docs/openapi.yaml"]
    command += ["--url", site.site.url, "--phases", phases, "--max-examples", str(examples)]
    command += ["--seed", str(SEED), "--no-color", *options]
    if email:
        command += ["--header", f"Authorization: Bearer {site.sign_in(email)['access_token']}"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def show(capsys: Any, person: str, output: str) -> None:
    """Prints how many requests were sent."""
    counts = [int(found) for found in COUNT.findall(output)]
    assert counts and counts[0] > 0, output
    with capsys.disabled():
        print(f"\nschemathesis, {person}: {counts[0]} requests, 0 failures")


@pytest.mark.parametrize("person", PEOPLE)
def test_answers_are_those_of_the_document(fuzzed_site: Running, person: str, capsys: Any) -> None:
    email, phases, examples = PEOPLE[person]
    if EXAMPLES:
        phases, examples = ALL, EXAMPLES
    excluded = [option for name in LAST for option in ("--exclude-operation-id", name)]
    show(capsys, person, schemathesis(fuzzed_site, email, phases, examples, excluded))


@pytest.mark.parametrize("operation", LAST)
def test_operations_that_end_a_run_answer_as_the_document_says(
    fuzzed_site: Running, operation: str, capsys: Any
) -> None:
    chosen = ["--include-operation-id", operation]
    output = schemathesis(
        fuzzed_site, "leila@example.com", "examples,coverage,fuzzing", EXAMPLES or 5, chosen
    )
    show(capsys, operation, output)
