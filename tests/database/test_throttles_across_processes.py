"""Throttles of several server processes on one database."""

import json
import subprocess
import sys
from pathlib import Path
from urllib.parse import quote

import pytest
from django.db import connection

from tests.fixtures.supabase import Supabase

ROOT = Path(__file__).resolve().parents[2]
PROCESSES, THREADS, REQUESTS, LIMIT = 4, 5, 200, 20
# Refreshes with an invalid body, which count as logins and call no other server.
CLIENT = f"""
import json, sys
from concurrent.futures import ThreadPoolExecutor
import django
django.setup()
from django.test import Client

def refresh(number):
    return Client().post("/accounts/token/refresh/", {{}}, "application/json", secure=True).status_code

Client().get("/health/", secure=True)  # imports the views
print("ready", flush=True)
sys.stdin.readline()
with ThreadPoolExecutor({THREADS}) as pool:
    print(json.dumps(list(pool.map(refresh, range({REQUESTS // PROCESSES})))))
"""


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_four_processes_exceed_no_limit_together(supabase: Supabase) -> None:
    parameters = connection.get_connection_params()
    host = quote(str(parameters["host"]), safe="")
    environment = {
        "LINGUAFLEX_ENV": "production",
        "DJANGO_SETTINGS_MODULE": "linguaflex.settings",
        "DJANGO_SECRET_KEY": "x" * 60,
        "DATABASE_URL": f"postgresql://postgres@/{parameters['dbname']}?host={host}",
        "SUPABASE_URL": "https://abcd.supabase.co",
        "SUPABASE_PUBLISHABLE_KEY": "sb_publishable_x",
        "SUPABASE_SECRET_KEY": "sb_secret_x",
        "ALLOWED_HOSTS": "testserver",
        "THROTTLE_LOGIN": f"{LIMIT}/min",
    }
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
    command = [sys.executable, "-c", CLIENT]
    clients = [subprocess.Popen(command, cwd=ROOT, env=environment, **pipes) for _ in range(PROCESSES)]
    try:
        assert [client.stdout.readline() for client in clients] == ["ready\n"] * PROCESSES
        for client in clients:
            client.stdin.write("go\n")
            client.stdin.flush()
        statuses = [status for client in clients for status in json.loads(client.communicate(timeout=60)[0])]
    finally:
        for client in clients:
            client.kill()
            client.communicate()
    assert (statuses.count(400), statuses.count(429), len(statuses)) == (LIMIT, REQUESTS - LIMIT, REQUESTS)
