"""Concurrent requests create one chat per pair, and messages without gaps or duplicates."""

import random
import threading
import time
import uuid
from datetime import UTC, datetime

import pytest
from django.db import connection, connections

from accounts.models import Chat, User
from accounts.services import chats
from tests.fixtures.people import CHATS, Person, client_of
from tests.fixtures.threads import at_once

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("clean_auth"),
    pytest.mark.slow,
]

AT = datetime(2026, 1, 2, tzinfo=UTC)
PAIRS, OPENERS = 40, 8
WRITERS, MESSAGES, RETRIES = 8, 80, 0.3


def test_forty_pairs_open_forty_chats(student: Person) -> None:
    peers = [User(pk=uuid.uuid4(), name=f"P{number}") for number in range(PAIRS)]
    User.objects.bulk_create(peers)

    def opened(peer: User) -> set[uuid.UUID]:
        """The chats that both users open at the same time, four times each."""
        sides = ((student.user, peer.pk), (peer, student.user.pk))

        def open_it(number: int) -> uuid.UUID:
            user, participant = sides[number % 2]
            return chats.open_chat(user=user, participant=participant, at=AT)[0].pk

        return set(at_once(OPENERS, open_it))

    found = [opened(peer) for peer in peers]
    assert [len(each) for each in found] == [1] * PAIRS
    assert Chat.objects.count() == PAIRS == len(set().union(*found))


def test_eight_writers_leave_no_gap_and_no_duplicate(student: Person, teacher: Person) -> None:
    path = f"{CHATS}{student.open_chat(teacher)['id']}/messages/"
    ends = threading.Event()
    read: list[int] = []

    def read_on() -> None:
        client = client_of(teacher.token)
        while True:
            last = ends.is_set()
            found = client.get(path, {"after_seq": len(read), "limit": 200}).json()
            read.extend(message["seq"] for message in found)
            if last and not found:
                break
            time.sleep(0.01)
        connections.close_all()

    reader = threading.Thread(target=read_on)
    reader.start()

    def write(number: int) -> int:
        client, chance = client_of((student, teacher)[number % 2].token), random.Random(number)
        for _ in range(MESSAGES // WRITERS):
            body = {"content": "x", "client_id": str(uuid.uuid4())}
            first = client.post(path, body)
            assert first.status_code == 201
            if chance.random() < RETRIES:
                again = client.post(path, body)
                assert (again.status_code, again.json()["seq"]) == (200, first.json()["seq"])
        return MESSAGES // WRITERS

    try:
        assert sum(at_once(WRITERS, write)) == MESSAGES
    finally:
        ends.set()
        reader.join()
    assert read == list(range(1, MESSAGES + 1))
    with connection.cursor() as cursor:
        cursor.execute("select count(*), count(distinct seq), max(seq) from accounts_message")
        assert cursor.fetchone() == (MESSAGES,) * 3
