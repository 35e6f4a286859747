"""Tests of the API with every connection through pgbouncer in transaction mode."""

import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import pytest
from django.db import connection

from tests.fixtures.poolers import PORTS, pooler
from tests.fixtures.programs import ROOT

pytestmark = [pytest.mark.lifecycle, pytest.mark.django_db]
# Locks, retries, lists by cursor, streams, searches, the guard.
FILES = ("chats", "card_reviews", "card_export", "gigs", "guard", "voice_writes")
PATIENCE = 300


def test_the_api_works_on_a_pooler_in_transaction_mode(capsys: Any) -> None:
    with tempfile.TemporaryDirectory(prefix="linguaflex-pooler-") as name:
        folder = Path(name)
        folder.chmod(0o755)
        host = str(connection.get_connection_params()["host"])
        with pooler(folder, host, "transaction") as found:
            variables = {
                "DJANGO_SETTINGS_MODULE": "tests.fixtures.pooled_settings",
                "LINGUAFLEX_TEST_POOLER": f"{found.address}:{PORTS['transaction']}",
            }
            command = [sys.executable, "-m", "pytest", "-q", "-n", "0", "-p", "no:cacheprovider"]
            done = subprocess.run(
                [*command, *(f"tests/api/test_{each}.py" for each in FILES)],
                cwd=ROOT,
                env=os.environ | variables,
                capture_output=True,
                text=True,
                timeout=PATIENCE,
            )
        log = (folder / "transaction.log").read_text()
    assert done.returncode == 0, done.stdout + done.stderr
    # Each server connection of pgbouncer has served many transactions of the test process.
    assert "new connection to server" in log, log
    passed = re.search(r"(\d+) passed", done.stdout)
    assert passed and int(passed[1]) > 100, done.stdout
    with capsys.disabled():
        print(f"\n{passed[1]} tests of the API passed on pgbouncer in transaction mode")
