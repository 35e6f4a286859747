"""Commands and servers in processes of their own, with invalid or missing settings; the file .env."""

import subprocess
from pathlib import Path

import pytest

from tests.fixtures.environments import HOSTED, run_python


def run(code: str, **variables: str) -> subprocess.CompletedProcess[str]:
    """Runs ``code`` in a new Python with only these environment variables."""
    return run_python("-c", code, **variables)


@pytest.mark.slow
@pytest.mark.parametrize("command", [["check"], ["runserver"], ["runserver", "--noreload"], ["migrate"]])
def test_a_command_reports_an_invalid_setting_in_one_line(command: list[str]) -> None:
    unset = dict.fromkeys(HOSTED, "")
    done = run_python("manage.py", *command, **unset, DEBUG="maybe")
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith("DEBUG is 'maybe'. Expected ") and done.stderr.count("\n") == 1


def test_a_command_shows_a_traceback_with_the_option() -> None:
    unset = dict.fromkeys(HOSTED, "")
    done = run_python("manage.py", "check", "--traceback", **unset, DEBUG="maybe")
    assert done.returncode == 1
    assert "Traceback" in done.stderr and "DEBUG is 'maybe'" in done.stderr


@pytest.mark.slow
@pytest.mark.parametrize("given", [{}, {"LINGUAFLEX_ENV": ""}, {"LINGUAFLEX_ENV": " "}], ids=str)
@pytest.mark.parametrize("server", ["wsgi", "asgi"])
def test_a_server_without_configuration_refuses_to_start(server: str, given: dict[str, str]) -> None:
    unset = dict.fromkeys(HOSTED, "")  # these override the .env of the checkout
    done = run(f"import linguaflex.{server}", **unset, **given)
    assert done.returncode == 1
    assert "DATABASE_URL and SUPABASE_URL not set" in done.stderr.splitlines()[-1]


def test_a_dotenv_sets_the_variables_that_the_environment_does_not(tmp_path: Path) -> None:
    dotenv = tmp_path / ".env"
    dotenv.write_text("# a comment\nONE=from the file\nTWO=from the file\n")
    code = (
        "from pathlib import Path; from linguaflex import environment as env;"
        f"env.read_dotenv(Path({str(dotenv)!r})); print(env.text('ONE'), '|', env.text('TWO'))"
    )
    assert run(code, TWO="from outside").stdout == "from the file | from outside\n"
