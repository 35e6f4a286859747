"""The calls of voice sessions: the exchange of SDP, one call a session, and the failures of OpenAI."""

import threading
from datetime import timedelta
from typing import Any

import pytest
from django.conf import settings as configured
from django.utils import timezone

from accounts.integrations import openai
from accounts.models import VoiceSession
from accounts.services import voice_calls
from standins.openai.faults import Fault
from tests.fixtures.jobs import run_jobs
from tests.fixtures.people import Person
from tests.fixtures.voice_sessions import OFFER, SESSION, ask, begin, call, refusal

pytestmark = pytest.mark.usefixtures("calls")


def test_a_call_is_answered_and_stored(student: Person, calls: Any) -> None:
    session = ask(student).json()
    answer = call(student, session["id"])
    assert (answer.status_code, answer.headers["Content-Type"]) == (201, "application/sdp")
    assert answer.content.startswith(b"v=0")
    (made,) = calls
    stored = VoiceSession.objects.get()
    assert stored.call_id == made.id and stored.call_started_at is not None
    assert made.session["instructions"] == session["session"]["instructions"]
    assert made.session == session["session"] | {"model": configured.OPENAI_REALTIME_MODEL}


def test_openai_gets_the_offer_with_the_servers_key(student: Person, simulator: Any) -> None:
    begin(student)
    received = simulator.received[-1]
    assert received.body["sdp"] == OFFER
    assert received.request.headers["authorization"] == f"Bearer {configured.OPENAI_API_KEY}"
    identifier = received.request.headers["openai-safety-identifier"]
    assert identifier == openai.safety_identifier(student.user.pk)


def test_a_second_call_is_a_409(student: Person, calls: Any) -> None:
    pk = begin(student)
    assert refusal(call(student, pk))[:2] == (409, "call_exists")
    assert len(calls) == 1


def test_a_call_after_the_end_is_a_409(student: Person, calls: Any) -> None:
    pk = ask(student).json()["id"]
    VoiceSession.objects.update(ends_at=timezone.now())
    assert refusal(call(student, pk))[:2] == (409, "session_ended")
    assert not len(calls)


def test_sessions_of_others_and_unknown_ones_are_404(student: Person, stranger: Person) -> None:
    pk = ask(student).json()["id"]
    for path in (f"{SESSION}{pk}/", f"{SESSION}{pk + 1000}/"):
        assert stranger.client.get(path).status_code == 404
        assert stranger.client.post(f"{path}events/", {"events": []}).status_code == 404
        assert stranger.client.post(f"{path}finish/").status_code == 404
        offered = stranger.client.post(f"{path}call/", OFFER, content_type="application/sdp")
        assert offered.status_code == 404


@pytest.mark.parametrize("kind", ["application/json", "text/plain", "application/x-www-form-urlencoded"])
def test_another_media_type_is_a_415(student: Person, kind: str) -> None:
    pk = ask(student).json()["id"]
    response = student.client.post(f"{SESSION}{pk}/call/", OFFER, content_type=kind)
    assert response.status_code == 415


@pytest.mark.parametrize(
    ("body", "status"),
    [("", 400), ("hello", 400), ("v=0\x00", 400), (b"v=0\xff", 400), ("v=0" + "x" * 65_536, 413)],
)
def test_a_body_that_is_no_offer_is_refused(student: Person, calls: Any, body: Any, status: int) -> None:
    pk = ask(student).json()["id"]
    response = student.client.post(f"{SESSION}{pk}/call/", body, content_type="application/sdp")
    assert response.status_code == status
    assert not len(calls)
    assert call(student, pk).status_code == 201, "the call is not taken"


@pytest.mark.parametrize(
    ("fault", "code"),
    [
        (Fault("/calls", 500, {}), "openai_unavailable"),
        (Fault("/calls", 401, {}), "openai_rejected"),
        (Fault("/calls", 201, {}), "openai_unavailable"),
    ],
)
def test_an_offer_that_openai_does_not_answer_may_be_tried_again(
    student: Person, simulator: Any, fault: Fault, code: str
) -> None:
    pk = ask(student).json()["id"]
    simulator.faults.add(fault)
    refused = refusal(call(student, pk))
    assert refused[:2] == (503, code) and refused[2] is not None
    assert call(student, pk).status_code == 201


def test_a_failure_gives_back_the_call_of_its_own_session_only(
    student: Person, stranger: Person, simulator: Any
) -> None:
    pk, other = ask(student).json()["id"], ask(stranger).json()["id"]
    VoiceSession.objects.filter(pk=other).update(call_taken_at=timezone.now())
    simulator.faults.add(Fault("/calls", 500, {}))
    assert refusal(call(student, pk))[:2] == (503, "openai_unavailable")
    assert refusal(call(stranger, other))[:2] == (409, "call_exists")


def test_a_late_failure_does_not_give_back_what_another_request_has_taken(
    student: Person, simulator: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    original = openai.create_call

    def create_call(**options: Any) -> Any:
        VoiceSession.objects.update(call_taken_at=timezone.now())  # as after twenty seconds
        return original(**options)

    pk = ask(student).json()["id"]
    monkeypatch.setattr(openai, "create_call", create_call)
    simulator.faults.add(Fault("/calls", 500, {}))
    assert refusal(call(student, pk))[:2] == (503, "openai_unavailable")
    assert refusal(call(student, pk))[:2] == (409, "call_exists")


def test_a_process_begins_two_calls_at_a_time(student: Person, calls: Any) -> None:
    pk = ask(student).json()["id"]
    held = [voice_calls.begins.acquire(blocking=False) for _ in range(voice_calls.MAX_PARALLEL)]
    try:
        assert held == [True, True]
        refused = refusal(call(student, pk))
        assert refused[:2] == (503, "openai_unavailable") and refused[2] is not None
    finally:
        for _ in held:
            voice_calls.begins.release()
    assert call(student, pk).status_code == 201


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("clean_auth")
def test_a_session_that_is_finished_while_openai_answers_has_no_call(
    student: Person, calls: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked, original = threading.Event(), openai.create_call

    def create_call(**options: Any) -> Any:
        made = original(**options)
        assert student.client.post(f"{SESSION}{pk}/finish/").status_code == 204
        asked.set()
        return made

    pk = ask(student).json()["id"]
    monkeypatch.setattr(openai, "create_call", create_call)
    assert refusal(call(student, pk))[:2] == (409, "session_ended")
    assert asked.is_set()
    assert len(calls.open()) == 1
    assert run_jobs() == []
    assert calls.open() == []


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("clean_auth")
def test_the_call_of_a_deleted_account_is_hung_up(student: Person, calls: Any) -> None:
    begin(student)
    assert student.client.delete("/accounts/users/me/", {"confirm": student.user.email}).status_code == 204
    run_jobs()
    assert calls.open() == []


def test_a_request_that_died_frees_the_call_after_twenty_seconds(student: Person) -> None:
    pk = ask(student).json()["id"]
    for seconds, status in ((19, 409), (20, 201)):
        VoiceSession.objects.update(call_taken_at=timezone.now() - timedelta(seconds=seconds))
        assert call(student, pk).status_code == status


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("clean_auth")
def test_a_learner_whose_answer_was_lost_finishes_and_begins_again(student: Person, calls: Any) -> None:
    lost = begin(student)  # as if the process had died after it stored the call
    assert refusal(call(student, lost))[:2] == (409, "call_exists")
    assert student.client.post(f"{SESSION}{lost}/finish/").status_code == 204
    assert run_jobs() == []
    assert calls.open() == []
    assert VoiceSession.objects.get().charged_minutes == 1
    begin(student)
    assert len(calls.open()) == 1
