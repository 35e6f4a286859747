"""Realtime and key rotation of a running server."""

import contextlib
import json
import os
import signal
from typing import Any

import jwt
import pytest
import requests
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import connect

from standins.supabase.keys import PUBLISHABLE_KEY
from tests.fixtures.processes import needs_proc, wait_for
from tests.fixtures.sites import FEW_SECONDS, PATIENCE, Running, Site

pytestmark = [pytest.mark.lifecycle, needs_proc]


def join(site: Site) -> Any:
    """A socket in the public channel "room"."""
    address = f"ws://127.0.0.1:{site.supabase_port}/realtime/v1/websocket?apikey={PUBLISHABLE_KEY}&vsn=2.0.0"
    connection = connect(address)
    connection.send('["1", "1", "realtime:room", "phx_join", {"config": {}}]')
    assert json.loads(connection.recv(PATIENCE))[4]["status"] == "ok"
    return connection


def send(site: Site, number: int) -> None:
    """Calls ``realtime.send()`` and commits."""
    database = site.connect()
    with contextlib.closing(database), database, database.cursor() as cursor:
        payload = json.dumps({"n": number})
        cursor.execute("select realtime.send(%s, 'message', 'room', false)", (payload,))


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGINT], ids=["crashed", "restarted"])
def test_sockets_survive_a_restart_of_postgresql_and_close_with_the_server(
    stopped_site: Site, number: int
) -> None:
    running = stopped_site.start()
    with join(stopped_site) as socket:
        send(stopped_site, 1)
        assert '"n": 1' in socket.recv(PATIENCE)
        postmaster = stopped_site.postmaster()
        os.kill(postmaster, number)
        assert wait_for(lambda: stopped_site.is_served_by_another(postmaster), PATIENCE)
        send(stopped_site, 2)
        assert '"n": 2' in socket.recv(PATIENCE)
        assert running.interrupt() == 0
        assert wait_for(lambda: not stopped_site.processes(), FEW_SECONDS)
        with pytest.raises(ConnectionClosed) as closed:
            socket.recv(PATIENCE)
        assert closed.value.rcvd is not None and closed.value.rcvd.code == 1012


def kids(running: Running) -> list[str]:
    jwks = requests.get(f"{running.site.supabase_url}/auth/v1/.well-known/jwks.json", timeout=PATIENCE)
    return [key["kid"] for key in jwks.json()["keys"]]


def test_a_running_server_uses_rotated_keys_at_once(stopped_site: Site) -> None:
    running = stopped_site.start()
    session = running.sign_in("ana@example.com")
    (old,) = kids(running)
    done = stopped_site.run("rotate_supabase_keys")
    assert done.returncode == 0, done.stderr
    new, previous = kids(running)
    assert previous == old and f"In use: {new}" in done.stdout and old in done.stdout
    assert running.get("users/me/", session)["email"] == "ana@example.com"
    url = f"{stopped_site.supabase_url}/auth/v1/token?grant_type=refresh_token"
    body = {"refresh_token": session["refresh_token"]}
    fresh = requests.post(url, json=body, headers={"apikey": PUBLISHABLE_KEY}, timeout=PATIENCE).json()
    assert jwt.get_unverified_header(fresh["access_token"])["kid"] == new
    stopped_site.run("rotate_supabase_keys", "--revoke")
    assert kids(running) == [new]
    assert running.interrupt() == 0
