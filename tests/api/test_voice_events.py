"""The events of voice sessions, and the conversations that are saved from them."""

import random
import time
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import User, VoiceConversation, VoiceEvent, VoiceSession
from accounts.services import voice_saving
from accounts.services.voice_saving import save_unfinished
from tests.fixtures.jobs import pass_time, run_jobs
from tests.fixtures.people import VOICE, Person
from tests.fixtures.voice_events import TALK, TURNS, turn, usage
from tests.fixtures.voice_sessions import SESSION, ask, begin, finish, refusal, report

pytestmark = pytest.mark.usefixtures("calls")
TURNS_OF_CLIENT = [{"role": "user", "text": text} for text in "abc"]
UUID = "7c9e6679-7425-40de-944b-e07fc1f90ae7"


def state(person: Person, pk: int) -> Any:
    return person.client.get(f"{SESSION}{pk}/").json()


def texts(turns: list[Any]) -> list[tuple[str, str]]:
    return [(each["role"], each["text"]) for each in turns]


# ------------------------------------------------------------------------------------- events


def test_events_in_any_order_and_repetition_give_the_turns(student: Person) -> None:
    pk = begin(student)
    events = [*TALK, *TALK]
    random.Random(3).shuffle(events)
    for start in range(0, len(events), 4):
        answer = report(student, pk, events[start : start + 4])
        assert answer.status_code == 200
    assert texts(answer.json()["turns"]) == TURNS
    assert answer.json()["last_item_id"] == "item_3"
    assert answer.json()["turns"] == state(student, pk)["turns"]
    assert answer.json()["turns"][1]["started_at_ms"] == 61_000
    assert VoiceEvent.objects.count() == len(TALK), "each event is stored once"


def test_unknown_and_malformed_events_are_ignored(student: Person) -> None:
    pk = begin(student)
    strange = [
        {},
        {"type": 5},
        {"type": "response.output_audio_transcript.delta", "delta": "a"},
        {"type": "conversation.item.added", "item": {"id": ["x"], "role": None}},
        {"type": "conversation.item.added", "item": {"id": "a\x00\ud800", "type": "message", "role": "user"}},
        {"type": "response.done", "response": {"id": "r", "usage": {"input_tokens": 1e300}}},
    ]
    answer = report(student, pk, strange)
    assert (answer.status_code, answer.json()["turns"]) == (200, [])
    assert report(student, pk, [{"type": "response.done", "response": {"id": "r", "x": float("nan")}}]).json()
    answer = report(student, pk, turn(1, "user", "NUL \x00 and half a pair \ud83d"))
    assert answer.json()["turns"][0]["text"] == "NUL \ufffd and half a pair \ufffd"


@pytest.mark.parametrize("body", [None, [], {}, {"events": None}, {"events": [1]}, {"events": {"a": 1}}])
def test_a_body_without_a_list_of_events_is_a_400(student: Person, body: Any) -> None:
    answer = student.client.post(f"{SESSION}{begin(student)}/events/", body)
    assert answer.status_code == 400


def test_the_limits_of_a_request_and_of_a_session(student: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    pk = begin(student)
    assert report(student, pk, [{}] * 500).status_code == 200
    assert refusal(report(student, pk, [{}] * 501))[:2] == (400, "invalid")
    large = [{"type": "x", "text": "x" * 1_000_000}]
    assert refusal(report(student, pk, large))[:2] == (413, "payload_too_large")
    monkeypatch.setattr(voice_saving, "MAX_SESSION_BYTES", 210_000)
    assert report(student, pk, [{"text": "x" * 4_000}]).status_code == 200
    assert refusal(report(student, pk, [{"text": "x" * 6_000}]))[:2] == (413, "payload_too_large")
    assert finish(student, pk).status_code == 204, "the session can be finished"


def test_a_request_costs_the_same_number_of_statements(student: Person) -> None:
    pk = begin(student)
    counts = []
    for first in (1, 11, 211):
        events = [event for number in range(first, first + 100) for event in turn(number, "user", "hola")]
        with CaptureQueriesContext(connection) as captured:
            assert report(student, pk, events).status_code == 200
        counts.append(len(captured))
    assert counts[0] == counts[1] == counts[2] <= 9


@pytest.mark.slow
def test_a_batch_of_500_events_costs_little_also_after_5_000(student: Person) -> None:
    pk = begin(student)
    words = "Quiero dos kilos de pan y algo más, por favor."
    events = [
        event
        for number in range(1, 1_671)
        for event in turn(number, "user", words, start=1_000 * number, stop=1_000 * number + 900)[:3]
    ]
    spent = []
    for first in range(0, 5_000, 500):
        begun = time.process_time()
        answer = report(student, pk, events[first : first + 500])
        spent.append(time.process_time() - begun)
    assert len(answer.json()["turns"]) == 1_667
    # 36 ms for the first batch and 68 ms for the last one, on two cores; coverage makes both slower.
    assert sum(spent[-3:]) < 4 * sum(spent[:3]), spent


# ------------------------------------------------------------------------------------- finish


def test_finishing_saves_the_conversation_once(student: Person) -> None:
    pk = begin(student)
    report(student, pk, TALK)
    # The call has lasted for five minutes.
    VoiceSession.objects.update(call_started_at=timezone.now() - timedelta(minutes=4.5))
    answer = finish(student, pk, topic="Pan", client_id=UUID)
    saved = answer.json()
    assert answer.status_code == 201
    assert (saved["topic"], saved["client_id"], saved["session"]) == ("Pan", UUID, pk)
    assert (saved["target_language"], saved["conversation_type"]) == ("español", "lesson")
    messages = saved["transcription"]["messages"]
    assert texts(messages) == TURNS
    assert set(messages[1]) == {"role", "text", "item_id", "started_at_ms", "interrupted"}
    assert saved["duration_minutes"] == 2, "64.5 seconds of audio"
    assert saved["reported_usage"] == {
        "input_audio_seconds": 3.5,
        "output_audio_seconds": 2.0,
        "input_tokens": 300,
        "output_tokens": 60,
    }
    again = finish(student, pk)
    assert (again.status_code, again.json()) == (200, saved)
    found = state(student, pk)
    assert (found["state"], found["conversation"], found["turns"]) == ("saved", saved["id"], messages)
    assert not VoiceEvent.objects.exists()
    assert VoiceConversation.objects.count() == 1


def test_after_a_change_of_the_conversation_the_turns_are_complete(student: Person) -> None:
    pk = begin(student)
    report(student, pk, TALK)
    saved = finish(student, pk).json()
    messages = [
        {"role": "user", "text": "Pan.", "started_at_ms": "now", "item_id": 7, "interrupted": None},
        {"role": "assistant", "content": "Claro."},
    ]
    changed = student.client.patch(f"{VOICE}{saved['id']}/", {"transcription": {"messages": messages}})
    assert changed.status_code == 200, changed.json()
    usual = {"item_id": "", "started_at_ms": None, "interrupted": False}
    assert state(student, pk)["turns"] == [{"role": "user", "text": "Pan.", **usual}]


def test_the_duration_is_at_most_the_charged_minutes(student: Person) -> None:
    pk = begin(student)
    report(student, pk, turn(1, "user", "hola", start=0, stop=1_000_000))
    VoiceSession.objects.update(call_started_at=timezone.now() - timedelta(minutes=2.5))
    assert finish(student, pk).json()["duration_minutes"] == 3


def test_a_session_without_a_learners_turn_ends(student: Person) -> None:
    pk = begin(student)
    report(student, pk, [*turn(1, "assistant", "¡Hola!"), usage(1, input=9, output=9)])
    assert finish(student, pk).status_code == 204
    assert finish(student, pk).status_code == 204
    assert state(student, pk)["state"] == "ended"
    assert not VoiceConversation.objects.exists() and not VoiceEvent.objects.exists()
    assert refusal(report(student, pk, TALK))[:2] == (409, "session_ended")


def test_a_learner_who_was_not_understood_has_spoken(student: Person) -> None:
    pk = begin(student)
    failed = {
        "type": "conversation.item.input_audio_transcription.failed",
        "event_id": "event_f",
        "item_id": "item_1",
        "content_index": 0,
        "error": {"message": "?"},
    }
    report(student, pk, [failed])
    assert texts(finish(student, pk).json()["transcription"]["messages"]) == [("user", "")]


def test_a_session_without_an_end_is_not_found(student: Person) -> None:
    pk = begin(student)
    assert student.client.get(f"{SESSION}{pk}/").status_code == 200
    VoiceSession.objects.update(ends_at=None)
    assert refusal(student.client.get(f"{SESSION}{pk}/"))[:2] == (404, "not_found")


def test_events_after_the_save_are_a_409_with_the_conversation(student: Person) -> None:
    pk = begin(student)
    report(student, pk, TALK)
    saved = finish(student, pk).json()
    late = report(student, pk, turn(4, "user", "Adiós"))
    assert refusal(late)[:2] == (409, "session_saved")
    assert late.json()["conversation"] == saved["id"]
    assert student.client.delete(f"{VOICE}{saved['id']}/").status_code == 204
    assert report(student, pk, TALK).json()["conversation"] is None
    assert finish(student, pk).status_code == 404
    assert state(student, pk)["conversation"] is None


def test_a_conversation_that_the_client_has_saved_is_not_doubled(student: Person) -> None:
    pk = begin(student)
    report(student, pk, TALK)
    own = student.save_conversation(client_id=UUID, transcription={"messages": TURNS_OF_CLIENT})
    answer = finish(student, pk, client_id=UUID)
    assert (answer.status_code, answer.json()["id"], answer.json()["session"]) == (200, own["id"], pk)
    assert answer.json()["transcription"] == own["transcription"]
    other = begin(student)
    report(student, other, TALK)
    assert refusal(finish(student, other, client_id=UUID))[:2] == (409, "client_id_reused")
    assert finish(student, other).status_code == 201, "nothing is lost"


@pytest.mark.parametrize("fields", [{"topic": ""}, {"topic": "x" * 201}, {"client_id": "x"}])
def test_invalid_fields_of_a_finish_are_a_400(student: Person, fields: Any) -> None:
    pk = begin(student)
    report(student, pk, TALK)
    assert finish(student, pk, **fields).status_code == 400
    assert state(student, pk)["state"] == "open"


def test_other_conversations_have_no_session_and_a_client_cannot_set_it(student: Person) -> None:
    pk = begin(student)
    made = student.save_conversation(session=pk, reported_usage={"input_tokens": 5})
    assert (made["session"], made["reported_usage"]) == (None, None)


# --------------------------------------------------------------------------------- the task


def test_a_session_that_nobody_finishes_is_saved_two_minutes_after_its_end(student: Person) -> None:
    pk = begin(student)
    report(student, pk, TALK)
    pass_time(timedelta(minutes=31, seconds=50))
    assert run_jobs() == []
    assert state(student, pk)["state"] == "open"
    pass_time(timedelta(seconds=11))
    assert run_jobs() == []
    found = state(student, pk)
    assert found["state"] == "saved" and texts(found["turns"]) == TURNS
    saved = student.client.get(f"{VOICE}{found['conversation']}/").json()
    assert (saved["topic"], saved["session"]) == ("At the market", pk)


@pytest.mark.slow
def test_late_events_delay_the_save_up_to_thirty_minutes(student: Person) -> None:
    pk = begin(student)
    for _ in range(62):  # every minute from the beginning on
        assert report(student, pk, TALK).status_code in (200, 409)
        pass_time(timedelta(minutes=1))
        assert run_jobs() == []
        if state(student, pk)["state"] == "saved":
            break
    ended_for = timezone.now() - VoiceSession.objects.get().created_at
    assert timedelta(minutes=60) <= ended_for <= timedelta(minutes=61, seconds=5)


def test_an_early_run_of_the_task_does_nothing(student: Person) -> None:
    pk = begin(student)
    report(student, pk, TALK)
    save_unfinished.call(pk)
    assert state(student, pk)["state"] == "open"


def test_a_session_without_a_call_ends_by_itself(student: Person) -> None:
    pk = ask(student).json()["id"]
    pass_time(timedelta(minutes=33))
    assert run_jobs() == []
    assert state(student, pk)["state"] == "ended"


def test_the_export_has_the_events_until_the_save(student: Person) -> None:
    pk = begin(student)
    report(student, pk, TALK)
    (session,) = student.client.get("/accounts/users/me/export/").json()["voice_sessions"]
    assert len(session["events"]) == len(TALK)
    finish(student, pk)
    (session,) = student.client.get("/accounts/users/me/export/").json()["voice_sessions"]
    assert (session["events"], session["state"]) == ([], "saved")


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("clean_auth")
def test_events_go_with_the_account(student: Person) -> None:
    report(student, begin(student), TALK)
    assert student.client.delete("/accounts/users/me/", {"confirm": student.user.email}).status_code == 204
    assert not VoiceEvent.objects.exists() and not VoiceSession.objects.exists()
    assert User.objects.get(pk=student.user.pk).deleted_at is not None
