"""The unmodified supabase-js in the stand-in's Realtime (``supabase_js/realtime.mjs``)."""

import json
import os
import subprocess
import threading

import pytest

from standins.tests.clients.test_supabase_js import FOLDER, INSTALL, NODE
from standins.tests.fixtures.auth import AuthApi
from standins.tests.fixtures.realtime import VERSIONS

SECONDS = 60
SCENARIOS = (
    "members_join_and_strangers_are_refused",
    "row_is_delivered_once_with_its_payload",
    "policy_allows_typing_only",
    "members_receive_each_presence",
    "next_token_keeps_the_channel_of_a_member_only",
    "client_reconnects_after_a_lost_socket",
    "heartbeats_have_replies",
)

pytestmark = [
    pytest.mark.usefixtures("rooms"),
    pytest.mark.skipif(NODE is None, reason="Node is not installed (version 20 or newer)"),
    pytest.mark.skipif(
        not (FOLDER / "node_modules" / "ws").is_dir(),
        reason=f"supabase-js and ws are not installed: run `{INSTALL}`",
    ),
]


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("scenario", SCENARIOS)
def test_supabase_js(auth: AuthApi, scenario: str, version: str) -> None:
    environment = os.environ | {"SUPABASE_URL": auth.url, "PUBLISHABLE_KEY": auth.keys.publishable_key}
    assert NODE is not None
    command = [NODE, "--no-deprecation", "realtime.mjs", scenario, version]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    with subprocess.Popen(command, cwd=FOLDER, env=environment, text=True, **pipes) as node:
        end = threading.Timer(SECONDS, node.kill)
        end.start()
        answer_statements(auth, node)
        _, errors = node.communicate()
        end.cancel()
    assert node.returncode == 0, errors


def answer_statements(auth: AuthApi, node: subprocess.Popen[str]) -> None:
    """Runs the SQL statements that the scenario prints, one per line, until it ends."""
    assert node.stdin is not None and node.stdout is not None
    for line in node.stdout:
        statement, params = json.loads(line)
        node.stdin.write(json.dumps(auth.sql(statement, *params), default=str) + "\n")
        node.stdin.flush()
