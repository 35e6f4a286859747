"""Background jobs and the OpenAI simulator beside the one command."""

import contextlib
import os
import signal
from typing import Any

import pytest
import requests

from tests.local.test_runserver import (
    PATIENCE,
    Running,
    Site,
    first_start,
    free_port,
    is_ready,
    sites,
    stopped,
    wait_for,
)

__all__ = ["first_start", "sites", "stopped"]

pytestmark = pytest.mark.lifecycle


def start(site: Site, *options: str) -> Running:
    """The site with the simulator."""
    variables = {"LINGUAFLEX_OPENAI_SIMULATOR": "1", "LINGUAFLEX_OPENAI_PORT": str(free_port())}
    return site.start(*options, **variables)


def ask(running: Running, session: dict[str, Any], pk: int) -> None:
    """Wants feedback, and waits for it."""
    headers = {"Authorization": f"Bearer {session['access_token']}"}
    path = f"voice-conversations/{pk}/"
    url = f"{running.site.url}/accounts/{path}generate_feedback/"
    assert requests.post(url, headers=headers, timeout=PATIENCE).status_code == 202
    done = wait_for(lambda: running.get(path, session)["feedback_status"] == "done", PATIENCE)
    assert done, running.get(path, session)


@pytest.mark.parametrize("options", [[], ["--noreload"]])
def test_feedback_is_written_beside_the_server(stopped: Site, options: list[str]) -> None:
    running = start(stopped, *options)
    assert "simulator: its answers are made up" in running.printed
    session = running.sign_in("ana@example.com")
    ask(running, session, 1)
    assert running.interrupt() == 0
    running = start(stopped, *options)
    ask(running, running.sign_in("ana@example.com"), 2)
    assert running.interrupt() == 0


def test_feedback_is_written_after_a_reload_and_a_crash_of_the_database(stopped: Site) -> None:
    running = start(stopped)
    session, child = running.sign_in("ana@example.com"), running.child()
    (stopped.folder / "accounts/urls.py").touch()
    assert wait_for(lambda: is_another(running, child), PATIENCE)
    ask(running, session, 1)
    os.kill(stopped.postmaster(), signal.SIGQUIT)
    assert wait_for(lambda: is_ready(running.site.url), PATIENCE)
    ask(running, session, 2)
    assert running.interrupt() == 0


def is_another(running: Running, child: int) -> bool:
    """Whether the reloader has replaced ``child``, and it serves."""
    with contextlib.suppress(ValueError):  # between the two children
        return running.child() != child and is_ready(running.site.url)
    return False


def test_taken_port_of_the_simulator_is_named(stopped: Site) -> None:
    variables = {"LINGUAFLEX_OPENAI_SIMULATOR": "1", "LINGUAFLEX_OPENAI_PORT": str(stopped.supabase_port)}
    done = stopped.run("runserver", str(stopped.api_port), **variables)
    assert done.returncode == 1
    assert "OpenAI simulator is taken" in done.stderr and "LINGUAFLEX_OPENAI_PORT" in done.stderr
