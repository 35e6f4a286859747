"""``manage.py doctor``: exit status, output, time limits, and the page that explains each finding."""

import json
import os
import re
import subprocess
import sys
import threading
from collections.abc import Iterator
from typing import Any

import pytest
from django.db import DEFAULT_DB_ALIAS, connection, connections

from accounts.doctor import report
from accounts.doctor import supabase as supabase_checks
from accounts.doctor.findings import KINDS, NOT_RUN, Check, Finding, error
from accounts.integrations import supabase_storage
from tests.fixtures.doctor import doctor, doctor_json, findings, results
from tests.fixtures.environments import HOSTED, ROOT
from tests.fixtures.programs import PATIENCE
from tests.fixtures.slow_servers import dripping_server

PAGE = (ROOT / "docs/operations/DOCTOR.md").read_text()
ROW = re.compile(r"^\| `(\w+)` \| (warning|error) \| (.+) \| (.+) \|$", re.MULTILINE)

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def same_connection(db: None) -> Iterator[None]:
    """Restores the connection of the test, which a check at its time limit replaces."""
    own = connections[DEFAULT_DB_ALIAS]
    yield
    if connections[DEFAULT_DB_ALIAS] is not own:
        connections[DEFAULT_DB_ALIAS].close()
        connections[DEFAULT_DB_ALIAS] = own


# ----------------------------------------------------------------------------- the command


def test_a_sound_installation_has_no_findings(uploads: Any, simulator: Any) -> None:
    status, output = doctor()
    assert (status, output.splitlines()[-1]) == (0, "15 checks: 0 errors, 0 warnings.")
    assert {line.split()[0] for line in output.splitlines()[1:-1]} == {"ok"}


def test_json_has_an_object_for_each_check_and_finding(bucket: Any, simulator: Any) -> None:
    objects = doctor_json()
    assert len(objects) == 15
    assert {tuple(each) for each in objects} == {("check", "level", "finding", "fault", "step")}
    (missing,) = [each for each in objects if each["level"] != "ok"]
    assert (missing["level"], missing["finding"]) == ("warning", "bucket_missing")
    assert missing["fault"].startswith("The bucket user-uploads does not exist.")
    assert missing["step"] == "Upload a profile picture, and run the doctor again."


def test_warnings_have_status_1_and_errors_2(bucket: Any, simulator: Any, settings: Any) -> None:
    assert doctor()[0] == 1
    settings.SUPABASE_SECRET_KEY = "sb_secret_of_another_project"
    assert doctor()[0] == 2


def test_no_output_contains_a_secret(simulator: Any, settings: Any) -> None:
    settings.SUPABASE_SECRET_KEY = settings.OPENAI_API_KEY = "sb_secret_of_another_project"
    settings.SUPABASE_JWT_SECRET = "hidden-jwt-secret"

    def quoting() -> Iterator[Finding]:
        yield NOT_RUN.found(reason=f"it met {settings.SUPABASE_JWT_SECRET}")
        raise ValueError(settings.SUPABASE_SECRET_KEY)

    for output in (doctor()[1], doctor("--json")[1], str(results([Check("quoting", quoting)]))):
        assert "not_run" in output or "refused" in output
        assert "another_project" not in output and "hidden" not in output


def test_the_worst_finding_of_a_check_decides() -> None:
    worst = Check("both", lambda: [supabase_checks.SECRET_REFUSED.found(), NOT_RUN.found(reason="x")])
    found = results([worst])
    assert (found[0].level, report.exit_status(found)) == ("error", 2)


# -------------------------------------------------------------------- time limits and failures


def test_a_check_that_hangs_ends_at_its_time_limit_and_the_others_run(settings: Any) -> None:
    never = threading.Event()
    hanging = Check("hanging", lambda: [NOT_RUN.found(reason=str(never.wait()))])
    found = results([hanging, Check("next", lambda: [NOT_RUN.found(reason="next")])], seconds=0.2)
    never.set()
    assert [each.findings[0].fault for each in found] == [
        "This check was not completed: it took longer than 0.2 seconds.",
        "This check was not completed: next.",
    ]


def test_supabase_that_never_finishes_an_answer_is_a_finding_of_each_check(settings: Any) -> None:
    first, *others = supabase_checks.checks()
    for check in (first, *others):
        with dripping_server() as settings.SUPABASE_URL:
            assert findings([check], seconds=0.1) == ["not_run"]


def test_a_check_that_fails_keeps_its_findings_and_says_why() -> None:
    def failing() -> Iterator[Finding]:
        yield NOT_RUN.found(reason="before")
        raise LookupError("no such row\nDETAIL: private")

    found = results([Check("failing", failing)])[0].findings
    assert [each.details["reason"] for each in found] == ["before", "LookupError: no such row"]


def test_the_database_stays_usable_after_a_check_at_its_time_limit() -> None:
    def sleeping() -> list[Finding]:
        with connection.cursor() as cursor:
            cursor.execute("select pg_sleep(0.3)")
        return []

    def reading() -> Iterator[Finding]:
        with connection.cursor() as cursor:
            cursor.execute("select 'alive'")
            yield NOT_RUN.found(reason=cursor.fetchone()[0])

    (late,) = results([Check("sleeping", sleeping)], seconds=0.1)
    (read,) = results([Check("reading", reading)])
    assert late.findings[0].details["reason"] == "it took longer than 0.1 seconds"
    assert read.findings[0].details["reason"] == "alive"
    for thread in threading.enumerate():
        if thread.name == "sleeping":
            thread.join()


def test_after_a_failed_gate_the_later_checks_of_its_topic_are_not_run() -> None:
    closed = error("closed_gate_of_the_test", "No.", "Open it.")
    gate = Check("gate", lambda: [closed.found()], is_gate=True)
    found = results([gate, Check("later", lambda: [])])
    assert found[1].findings[0].details["reason"] == "the check 'gate' has failed"
    del KINDS[closed.id]


# ------------------------------------------------------------------------- the command line


def manage(*arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
    """Runs manage.py with these variables only."""
    return subprocess.run(
        [sys.executable, "manage.py", *arguments],
        cwd=ROOT,
        env={"PATH": os.environ["PATH"], **variables},
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("SUPABASE_PUBLISHABLE_KEY", "sb_secret_hidden"),
        ("SUPABASE_URL", "https://supabase.com/dashboard/project/abcd"),
        pytest.param("OPENAI_BASE_URL", "https://api.openai.com", marks=pytest.mark.slow),
        pytest.param("DJANGO_SECRET_KEY", "", marks=pytest.mark.slow),
    ],
)
def test_settings_that_cannot_be_loaded_are_one_finding(name: str, value: str) -> None:
    done = manage("doctor", "--json", **HOSTED | {name: value})
    (found,) = json.loads(done.stdout)
    assert (done.returncode, found["finding"], found["level"]) == (2, "settings_refused", "error")
    assert f" {name} is " in found["fault"]
    assert "hidden" not in done.stdout + done.stderr and "Traceback" not in done.stderr


@pytest.mark.slow
def test_settings_that_cannot_be_loaded_are_a_sentence() -> None:
    done = manage("doctor", **HOSTED | {"OPENAI_BASE_URL": "api.openai.com"})
    assert done.returncode == 2
    assert "OPENAI_BASE_URL is" in done.stdout and done.stdout.endswith("1 checks: 1 errors, 0 warnings.\n")


@pytest.fixture
def variables(supabase: Any) -> dict[str, str]:
    """The variables of development settings with the database and the Supabase of this test process."""
    parameters = connection.get_connection_params()
    database = f"postgresql://{parameters['user']}@/{parameters['dbname']}?host={parameters['host']}"
    return {
        "LINGUAFLEX_ENV": "local",
        "DATABASE_URL": database,
        "SUPABASE_URL": supabase.url,
        "SUPABASE_PUBLISHABLE_KEY": supabase.keys.publishable_key,
        "SUPABASE_SECRET_KEY": supabase.keys.secret_key,
    }


@pytest.mark.slow
def test_status_of_the_process_is_0_1_or_2(variables: dict[str, str], bucket: Any) -> None:
    done = manage("doctor", "--json", **variables)
    assert done.returncode == 1, done.stdout + done.stderr
    assert [each["finding"] for each in json.loads(done.stdout) if each["finding"]] == ["bucket_missing"]
    supabase_storage.upload(path="doctor/1.webp", content=b"RIFF", content_type="image/webp")
    done = manage("doctor", **variables)
    assert (done.returncode, done.stderr) == (0, ""), done.stdout
    done = manage("doctor", **variables | {"SUPABASE_SECRET_KEY": "sb_secret_hidden"})
    assert done.returncode == 2 and "(secret_key_refused)" in done.stdout
    assert "hidden" not in done.stdout + done.stderr


# --------------------------------------------------------------------------------- the page


def test_the_page_explains_every_finding() -> None:
    rows = {name: (level, step) for name, level, _, step in ROW.findall(PAGE)}
    assert rows == {kind.id: (kind.level.value, kind.step) for kind in KINDS.values()}
