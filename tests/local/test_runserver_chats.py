"""Immediate restarts of PostgreSQL neither lose nor duplicate an acknowledged chat message."""

import os
import random
import signal
import threading
import time
import uuid
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any

import pytest
import requests

from tests.fixtures.processes import needs_proc, wait_for
from tests.fixtures.sites import PATIENCE, Running, Site

pytestmark = [pytest.mark.lifecycle, needs_proc]

WRITERS, MESSAGES, RETRIES, RESTARTS = 8, 2000, 0.3, 3


class Client:
    """An HTTP client of a user, which repeats a request until the response is not a server error."""

    def __init__(self, running: Running, email: str) -> None:
        session = running.sign_in(email)
        self.url, self.id = running.site.url, session["user"]["id"]
        self.headers = {"Authorization": f"Bearer {session['access_token']}"}

    def call(self, method: str, path: str, **options: Any) -> Any:
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline:
            try:
                url = f"{self.url}/accounts/supabase/chats/{path}"
                answer = requests.request(method, url, headers=self.headers, timeout=10, **options)
            except requests.RequestException:
                continue
            if answer.status_code < 500:
                assert answer.status_code in (200, 201), answer.text
                return answer.json()
            time.sleep(0.05)
        raise TimeoutError(path)


def test_2000_messages_survive_three_restarts(stopped_site: Site) -> None:
    running = stopped_site.start("--noreload", THROTTLE_MESSAGES="100000/min")
    people = [Client(running, email) for email in ("ana@example.com", "tomas@example.com")]
    chat = people[0].call("POST", "", json={"participant": people[1].id})["id"]
    path = f"{chat}/messages/"
    acknowledged: dict[int, str] = {}
    read: list[tuple[int, str]] = []
    ends = threading.Event()

    def write(number: int) -> None:
        client, chance = people[number % 2], random.Random(number)
        for _ in range(MESSAGES // WRITERS):
            body = {"content": f"of {number}", "client_id": str(uuid.uuid4())}
            for _ in range(2 if chance.random() < RETRIES else 1):
                message = client.call("POST", path, json=body)
                acknowledged.setdefault(message["seq"], body["client_id"])
                assert acknowledged[message["seq"]] == body["client_id"]

    def read_on() -> None:
        while True:
            last = ends.is_set()
            found = people[1].call("GET", path, params={"after_seq": len(read), "limit": 200})
            read.extend((message["seq"], message["client_id"]) for message in found)
            if last and not found:
                return
            time.sleep(0.05)

    reader = threading.Thread(target=read_on)
    reader.start()
    with ThreadPoolExecutor(WRITERS) as pool:
        writing = [pool.submit(write, number) for number in range(WRITERS)]
        for restart in range(1, RESTARTS + 1):
            progress = restart * MESSAGES // (RESTARTS + 1)
            assert wait_for(lambda progress=progress: len(acknowledged) >= progress, PATIENCE)
            postmaster = stopped_site.postmaster()
            os.kill(postmaster, signal.SIGQUIT)  # an immediate shutdown
            assert wait_for(partial(stopped_site.is_served_by_another, postmaster), PATIENCE)
        for each in writing:
            each.result()
    ends.set()
    reader.join()
    assert sorted(acknowledged) == list(range(1, MESSAGES + 1))
    assert read == sorted(acknowledged.items())
    count = "select count(*), count(distinct client_id), max(seq) from accounts_message where chat_id ="
    assert stopped_site.sql(f"{count} '{chat}'") == [(MESSAGES,) * 3]
    assert running.interrupt() == 0
