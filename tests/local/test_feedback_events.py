"""Feedback events on Realtime: broadcast to the learner's own topic, which nobody else can join."""

from typing import Any

import pytest
from django.db import connection

from accounts.integrations import openai
from standins.openai.faults import Fault
from standins.openai.responses import refusal_text, response
from standins.tests.fixtures.realtime import PRIVATE, VERSIONS, OpenSocket
from tests.fixtures.jobs import run_jobs
from tests.fixtures.people import VOICE, Person
from tests.fixtures.staff import ban

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("clean_auth")]
REFUSED = Fault("/responses", body=response("m", refusal_text("No.")).model_dump(mode="json"))


def topic_of(person: Person) -> str:
    return f"user:{person.user.pk}"


def request_feedback(person: Person) -> int:
    pk = int(person.save_conversation()["id"])
    assert person.client.post(f"{VOICE}{pk}/generate_feedback/").status_code == 202
    return pk


@pytest.mark.parametrize("version", VERSIONS)
def test_the_end_of_a_job_is_broadcast_once(
    student: Person, simulator: Any, open_socket: OpenSocket, version: str
) -> None:
    socket = open_socket(version)
    assert socket.join(topic_of(student), PRIVATE, student.token)["status"] == "ok"
    for faults, status in (([], "done"), ([REFUSED], "failed")):
        pk = request_feedback(student)
        simulator.faults.add(*faults)
        assert run_jobs() == []
        message = socket.receive()["payload"]
        assert message["event"] == "feedback"
        assert message["payload"].pop("id"), "Realtime adds an id to a payload without one"
        assert message["payload"] == {"conversation": pk, "feedback_status": status}
    assert socket.is_silent(), "neither queueing nor saving is broadcast"


def test_only_the_owner_can_join_the_topic(
    student: Person, stranger: Person, open_socket: OpenSocket
) -> None:
    topic = topic_of(student)
    assert open_socket().join(topic, PRIVATE, stranger.token)["status"] == "error"
    assert open_socket().join(topic, PRIVATE)["status"] == "error"
    for other in (f"{topic}0", topic.upper(), "user:", "user:1", topic.replace("user:", "room:")):
        assert open_socket().join(other, PRIVATE, student.token)["status"] == "error"
    assert open_socket().join(topic, PRIVATE, student.token)["status"] == "ok"


def test_clients_cannot_broadcast_a_feedback_event(student: Person, open_socket: OpenSocket) -> None:
    sender, receiver = open_socket("1.0.0"), open_socket("1.0.0")
    for socket in (sender, receiver):
        assert socket.join(topic_of(student), PRIVATE, student.token)["status"] == "ok"
    forged = {"type": "broadcast", "event": "feedback", "payload": {"feedback_status": "done"}}
    sender.send(f"realtime:{topic_of(student)}", "broadcast", forged)
    assert receiver.is_silent()


def test_a_banned_user_cannot_join_the_topic(student: Person, open_socket: OpenSocket) -> None:
    ban(student.user)
    assert open_socket().join(topic_of(student), PRIVATE, student.token)["status"] == "error"


def test_openai_is_called_outside_of_every_transaction(
    student: Person, simulator: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    answer, within = openai.answer, []

    def observed(**arguments: Any) -> dict[str, Any]:
        within.append(connection.in_atomic_block)
        return answer(**arguments)

    monkeypatch.setattr(openai, "answer", observed)
    request_feedback(student)
    assert run_jobs() == []
    assert within == [False], "a slow answer would hold a lock and a connection"
