"""Measures the delay from the COMMIT of a realtime.send() to its receipt: median, 95th percentile, maximum.

Starts PostgreSQL and the Supabase stand-in in a temporary folder, and joins a private channel in protocol
2.0.0. The delay is measured from before COMMIT is sent to after the frame is read. Run as:

    python benchmarks/realtime_latency.py [messages]
"""

import atexit
import json
import os
import shutil
import statistics
import sys
import tempfile
import time
from contextlib import closing
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
FOLDER = Path(tempfile.mkdtemp(prefix="linguaflex-benchmark-"))
FOLDER.chmod(0o755)  # as root, PostgreSQL runs as another user, who must be able to enter it
# Exit handlers run in reverse order: this one runs after the handler that stops the server.
atexit.register(shutil.rmtree, FOLDER, ignore_errors=True)

POLICY = """
create policy "own latency" on realtime.messages for select to authenticated using (
  topic = (select realtime.topic()) and topic = 'latency:' || (select auth.uid()))"""
SIZES = (200, 10_000, 100_000)


def main(messages: int) -> None:
    configure()
    from django.conf import settings

    from linguaflex.local import services
    from standins.supabase import server

    services.prepare_database()
    sock = server.bind(0)
    url = f"http://127.0.0.1:{sock.getsockname()[1]}"
    stand_in = services.stand_in(print_mails=False)
    stand_in.start(sock)
    try:
        with closing(services.connect()) as database:
            with database, database.cursor() as cursor:
                cursor.execute(POLICY)
            topic, socket = join(url, settings.SUPABASE_PUBLISHABLE_KEY)
            for size in SIZES:
                report(size, [delay(database, socket, topic, size) for _ in range(messages)])
            socket.close()
    finally:
        stand_in.stop()


def configure() -> None:
    """Sets Django up with the settings of the local default, and ignores the environment."""
    for name in ("DATABASE_URL", "SUPABASE_URL"):
        os.environ[name] = ""
    os.environ |= {
        "LINGUAFLEX_ENV": "local",
        "LINGUAFLEX_DATA_DIR": str(FOLDER),
        "DJANGO_SETTINGS_MODULE": "linguaflex.settings",
    }
    import django

    django.setup()


def join(url: str, key: str) -> tuple[str, Any]:
    """Joins the private channel of a new account. Returns its topic and its socket."""
    import httpx
    from websockets.sync.client import connect

    account = {"email": "ana@example.com", "password": "secret1"}
    session = httpx.post(f"{url}/auth/v1/signup", json=account, headers={"apikey": key}).json()
    topic = f"latency:{session['user']['id']}"
    address = f"{url.replace('http', 'ws')}/realtime/v1/websocket?apikey={key}&vsn=2.0.0"
    socket = connect(address, max_size=None)
    payload = {"config": {"private": True}, "access_token": session["access_token"]}
    socket.send(json.dumps(["1", "1", f"realtime:{topic}", "phx_join", payload]))
    assert json.loads(socket.recv())[4]["status"] == "ok"
    return topic, socket


def delay(database: Any, socket: Any, topic: str, size: int) -> float:
    """The delay of one message, in seconds."""
    with database.cursor() as cursor:
        payload = json.dumps({"text": "x" * size})
        cursor.execute("select realtime.send(%s, 'message', %s)", (payload, topic))
    began = time.perf_counter()
    database.commit()
    frame = socket.recv(timeout=10)
    ended = time.perf_counter()
    assert len(frame) > size
    return ended - began


def report(size: int, delays: list[float]) -> None:
    at_95 = statistics.quantiles(delays, n=20)[-1]
    numbers = {"median": statistics.median(delays), "p95": at_95, "max": max(delays)}
    text = "  ".join(f"{name} {seconds * 1000:.1f} ms" for name, seconds in numbers.items())
    print(f"{len(delays)} messages of {size:>7,} bytes: {text}")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 200)
