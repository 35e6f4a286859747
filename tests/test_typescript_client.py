"""The TypeScript client makes the documented calls, and its types are those of docs/openapi.yaml."""

import json
import os
import subprocess
import time
from typing import Any

import pytest
import requests

from linguaflex.local import demo
from tests.fixtures.programs import TYPESCRIPT_CLIENT, need_typescript_client
from tests.fixtures.supabase import Supabase

PATIENCE = 300  # seconds: the compiler needs both cores for some of them


def npm(*arguments: str, **variables: str) -> str:
    """Runs npm in the client's folder, and returns its output."""
    need_typescript_client()
    done = subprocess.run(
        ["npm", "run", "--silent", *arguments],
        cwd=TYPESCRIPT_CLIENT,
        env=os.environ | variables,
        capture_output=True,
        encoding="utf-8",
        timeout=PATIENCE,
    )
    if done.returncode:
        pytest.fail(done.stdout + done.stderr, pytrace=False)
    return done.stdout


def expired_session(url: str, supabase: Supabase) -> dict[str, Any]:
    """A session of a demo learner, whose access token has expired an hour ago."""
    account = {"email": "ana@example.com", "password": demo.PASSWORD}
    session: dict[str, Any] = requests.post(f"{url}/accounts/login/", json=account, timeout=30).json()
    claims = supabase.keys.verify(session["access_token"])
    hour_ago = int(time.time()) - 3600
    return session | {"access_token": supabase.keys.sign({**claims, "exp": hour_ago})}


@pytest.mark.slow
def test_committed_types_are_those_of_the_document() -> None:
    npm("types", "--", "--check")


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("calls")
def test_documented_calls_compile_and_succeed(demo_url: str, supabase: Supabase) -> None:
    session = json.dumps(expired_session(demo_url, supabase))
    output = npm("test", LINGUAFLEX_URL=demo_url, LINGUAFLEX_EXPIRED=session)
    assert "# fail 0" in output
    assert "# skipped 0" in output, output
