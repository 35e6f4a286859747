"""Many at once: nothing is lost, nothing is doubled."""

import threading
import uuid
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.db import connection

from accounts.models import User, VoiceConversation
from tests.conftest import CONVERSATION, VOICE, Person, client_of

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("clean_auth")]
ME = "/accounts/users/me/"


def at_once(count: int, call: Callable[[int], Any]) -> list[Any]:
    """The answers of ``count`` threads that begin together, each on a connection of its own."""
    together = threading.Barrier(count)

    def run(number: int) -> Any:
        try:
            together.wait(10)
            return call(number)
        finally:
            connection.close()

    with ThreadPoolExecutor(count) as pool:
        return list(pool.map(run, range(count)))


def test_two_add_feedback_at_once_lose_nothing(student: Person) -> None:
    path = f"{VOICE}{student.save_conversation(ai_feedback={})['id']}/"
    for turn in range(10):

        def add(number: int, turn: int = turn) -> int:
            body = {"ai_feedback": {f"key-{turn}-{number}": number}}
            return int(client_of(student.token).patch(f"{path}add_feedback/", body).status_code)

        assert at_once(2, add) == [200, 200]
    assert len(student.client.get(path).json()["ai_feedback"]) == 20


def test_change_beside_add_feedback_loses_neither(student: Person) -> None:
    path = f"{VOICE}{student.save_conversation(ai_feedback={})['id']}/"
    for turn in range(10):

        def write(number: int, turn: int = turn) -> int:
            client = client_of(student.token)
            if number:
                return int(client.patch(path, {"topic": f"topic {turn}"}).status_code)
            body = {"ai_feedback": {f"key-{turn}": turn}}
            return int(client.patch(f"{path}add_feedback/", body).status_code)

        assert at_once(2, write) == [200, 200]
    stored = student.client.get(path).json()
    assert (stored["topic"], len(stored["ai_feedback"])) == ("topic 9", 10)


def test_eight_posts_with_one_client_id_make_one_row(student: Person) -> None:
    body = {**CONVERSATION, "client_id": str(uuid.uuid4())}

    def post(_: int) -> tuple[int, int]:
        response = client_of(student.token).post(VOICE, body)
        return response.status_code, response.json()["id"]

    answers = at_once(8, post)
    assert sorted(status for status, _ in answers) == [200] * 7 + [201]
    assert {pk for _, pk in answers} == {VoiceConversation.objects.get().pk}


def test_thirty_two_first_requests_make_one_person(student: Person) -> None:
    User.objects.filter(pk=student.user.pk).delete()
    answers = at_once(32, lambda _: client_of(student.token).get(ME).status_code)
    assert answers == [200] * 32
    assert User.objects.get().pk == student.user.pk
