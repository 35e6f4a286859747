"""Measures the latency of ``realtime.send()``, from the start of COMMIT to the receipt of the frame.

Prints the median, the 95th percentile and the maximum in milliseconds, for three payload sizes. Starts
PostgreSQL and the Supabase stand-in in a temporary folder and joins a private channel (protocol 2.0.0).

    python benchmarks/realtime_latency.py [messages]

``messages`` is the number for each payload size, at least 2; the default is 200.
"""

import json
import statistics
import sys
import time
from contextlib import closing
from typing import Any

from local_default import configure

POLICY = """
create policy "own latency" on realtime.messages for select to authenticated using (
  topic = (select realtime.topic()) and topic = 'latency:' || (select auth.uid()))"""
SIZES = (200, 10_000, 100_000)  # bytes


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


def join(url: str, key: str) -> tuple[str, Any]:
    """Creates an account and joins its private channel. Returns the topic and the socket."""
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
    """Sends one message; returns the seconds from the start of COMMIT to the receipt of the frame."""
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
    # "inclusive": no percentile exceeds the maximum.
    at_95 = statistics.quantiles(delays, n=20, method="inclusive")[-1]
    figures = {"median": statistics.median(delays), "p95": at_95, "max": max(delays)}
    text = "  ".join(f"{name} {seconds * 1000:.1f} ms" for name, seconds in figures.items())
    print(f"{len(delays)} messages of {size:>7,} bytes: {text}")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 200)
