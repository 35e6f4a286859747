"""Background jobs and the OpenAI simulator of ``runserver``."""

import os
import signal
from typing import Any

import pytest
import requests

from tests.fixtures.processes import needs_proc, wait_for
from tests.fixtures.sites import PATIENCE, Running, Site, free_port

pytestmark = [pytest.mark.lifecycle, needs_proc]


def start(site: Site, *options: str) -> Running:
    """Starts the site with the simulator."""
    variables = {"LINGUAFLEX_OPENAI_SIMULATOR": "1", "LINGUAFLEX_OPENAI_PORT": str(free_port())}
    return site.start(*options, **variables)


def generate_feedback(running: Running, session: dict[str, Any], pk: int) -> None:
    """Requests feedback and waits until it is stored."""
    headers = {"Authorization": f"Bearer {session['access_token']}"}
    path = f"voice-conversations/{pk}/"
    url = f"{running.site.url}/accounts/{path}generate_feedback/"
    assert requests.post(url, headers=headers, timeout=PATIENCE).status_code == 202
    done = wait_for(lambda: running.get(path, session)["feedback_status"] == "done", PATIENCE)
    assert done, running.get(path, session)


@pytest.mark.parametrize("options", [[], ["--noreload"]])
def test_feedback_is_written_beside_the_server(stopped_site: Site, options: list[str]) -> None:
    running = start(stopped_site, *options)
    assert "simulator: its answers are made up" in running.printed
    session = running.sign_in("ana@example.com")
    generate_feedback(running, session, 1)
    assert running.interrupt() == 0
    running = start(stopped_site, *options)
    generate_feedback(running, running.sign_in("ana@example.com"), 2)
    assert running.interrupt() == 0


def test_feedback_is_written_after_a_reload_and_a_crash_of_the_database(stopped_site: Site) -> None:
    running = start(stopped_site)
    session = running.sign_in("ana@example.com")
    running.reload("accounts/urls.py")
    generate_feedback(running, session, 1)
    postmaster = stopped_site.postmaster()
    os.kill(postmaster, signal.SIGQUIT)
    assert wait_for(lambda: stopped_site.is_served_by_another(postmaster), PATIENCE)
    generate_feedback(running, session, 2)
    assert running.interrupt() == 0


def test_taken_port_of_the_simulator_is_named(stopped_site: Site) -> None:
    variables = {
        "LINGUAFLEX_OPENAI_SIMULATOR": "1",
        "LINGUAFLEX_OPENAI_PORT": str(stopped_site.supabase_port),
    }
    done = stopped_site.run("runserver", str(stopped_site.api_port), **variables)
    assert done.returncode == 1
    assert "OpenAI simulator is in use" in done.stderr and "LINGUAFLEX_OPENAI_PORT" in done.stderr
