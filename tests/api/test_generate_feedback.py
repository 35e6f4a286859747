"""POST generate_feedback/: the job is queued once, and its result is merged with the client's feedback."""

import json
from typing import Any

import pytest
from django.conf import settings as django_settings
from django_tasks_db.models import DBTaskResult

from accounts.models import VoiceConversation
from tests.fixtures.jobs import run_jobs
from tests.fixtures.people import VOICE, Person

pytestmark = pytest.mark.django_db

WHOLE = {
    "grammar_score": 75,
    "pronunciation_score": None,
    "pronunciation_note": "Only the text was judged, so there is no score for pronunciation.",
    "vocabulary_usage": "Simulated: 4 words, 100 % of them different.",
    "confidence_level": "Simulated: 2.0 words per turn.",
    "conversation_flow": "Simulated: 2 turns by the learner.",
    "areas_for_improvement": ["capital letters and full stops"],
    "suggested_next_topics": ["Tell the same story in the past"],
    "corrections": [
        {
            "quote": quote,
            "corrected": corrected,
            "explanation": "Simulated: a sentence begins with a capital letter and ends with punctuation.",
        }
        for quote, corrected in (("hola amiga", "Hola amiga."), ("muy bien", "Muy bien."))
    ],
    "cefr_estimate": "A1",
}
SPOKEN = {
    "messages": [
        {"role": "user", "text": "hola amiga"},
        {"role": "assistant", "text": "¿qué tal"},
        {"role": "user", "text": "muy bien"},
    ]
}


def request_feedback(person: Person, pk: int) -> Any:
    return person.client.post(f"{VOICE}{pk}/generate_feedback/")


def read(person: Person, pk: int) -> dict[str, Any]:
    return dict(person.client.get(f"{VOICE}{pk}/").json())


def test_whole_feedback_is_stored_and_a_clients_keys_stay(student: Person, simulator: Any) -> None:
    own = {"grammar_score": 90, "teacher_note": "Well done", "areas_for_improvement": []}
    saved = student.save_conversation(transcription=SPOKEN, ai_feedback=own)
    response = request_feedback(student, saved["id"])
    assert (response.status_code, response.json()) == (202, {"status": "queued"})
    waiting = read(student, saved["id"])
    assert (waiting["feedback_status"], waiting["generated_feedback"]) == ("queued", None)
    assert waiting["ai_feedback"] == own
    assert run_jobs() == []
    done = read(student, saved["id"])
    assert (done["feedback_status"], done["feedback_error"]) == ("done", "")
    assert done["generated_feedback"] == WHOLE
    assert done["ai_feedback"] == {**WHOLE, **own}
    assert done["updated_at"] > saved["updated_at"]


def test_repeated_request_queues_one_job(student: Person, simulator: Any) -> None:
    pk = student.save_conversation()["id"]
    for _ in range(3):
        assert request_feedback(student, pk).status_code == 202
    assert DBTaskResult.objects.count() == 2, "the run and its spare"


def test_second_request_renews_all_but_a_clients_keys(student: Person, simulator: Any) -> None:
    pk = student.save_conversation(transcription=SPOKEN, ai_feedback={})["id"]
    request_feedback(student, pk)
    run_jobs()
    added = {"ai_feedback": {"grammar_score": 99}}
    assert student.client.patch(f"{VOICE}{pk}/add_feedback/", added).status_code == 200
    longer = {"messages": [*SPOKEN["messages"], {"role": "user", "text": "Nos vemos mañana."}]}
    student.client.patch(f"{VOICE}{pk}/", {"transcription": longer})
    request_feedback(student, pk)
    assert read(student, pk)["generated_feedback"] == WHOLE, "the old feedback stays until the new is stored"
    run_jobs()
    renewed = read(student, pk)
    assert renewed["generated_feedback"]["conversation_flow"] == "Simulated: 3 turns by the learner."
    assert renewed["ai_feedback"] == {**renewed["generated_feedback"], "grammar_score": 99}


def test_clients_value_that_equals_the_ais_is_not_replaced(student: Person, simulator: Any) -> None:
    pk = student.save_conversation(transcription=SPOKEN, ai_feedback={"grammar_score": 75})["id"]
    request_feedback(student, pk)
    run_jobs()
    more = [{"role": "user", "text": "hasta luego"}]
    student.client.patch(f"{VOICE}{pk}/", {"transcription": {"messages": [*SPOKEN["messages"], *more]}})
    request_feedback(student, pk)
    run_jobs()
    renewed = read(student, pk)
    assert renewed["generated_feedback"]["grammar_score"] == 65
    assert renewed["ai_feedback"]["grammar_score"] == 75


def test_ais_keys_are_dropped_for_a_clients_large_feedback(student: Person, simulator: Any) -> None:
    pk = student.save_conversation(transcription=SPOKEN, ai_feedback={})["id"]
    request_feedback(student, pk)
    run_jobs()
    added = {"ai_feedback": {"notes": "x" * 32_700}}
    response = student.client.patch(f"{VOICE}{pk}/add_feedback/", added)
    assert response.status_code == 200
    stored = read(student, pk)
    assert stored["ai_feedback"] == added["ai_feedback"] and stored["generated_feedback"] == WHOLE
    again = student.client.patch(f"{VOICE}{pk}/add_feedback/", {"ai_feedback": {"more": "y" * 100}})
    assert again.status_code == 400


def test_transcription_changed_during_a_run_is_judged_again(
    student: Person, simulator: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    from accounts.integrations import openai

    pk = student.save_conversation(transcription=SPOKEN, ai_feedback={})["id"]
    request_feedback(student, pk)
    answer = openai.answer

    def meanwhile(**asked: Any) -> dict[str, Any]:
        found = answer(**asked)
        changed = {"transcription": {"messages": [{"role": "user", "text": "muy bien"}]}}
        assert student.client.patch(f"{VOICE}{pk}/", changed).status_code == 200
        return found

    monkeypatch.setattr(openai, "answer", meanwhile)
    assert run_jobs() == []
    assert [each["quote"] for each in read(student, pk)["generated_feedback"]["corrections"]] == ["muy bien"]


def test_ais_keys_do_not_exceed_the_limit_beside_a_clients(student: Person, simulator: Any) -> None:
    own = {"notes": "x" * 32_700}
    pk = student.save_conversation(transcription=SPOKEN, ai_feedback=own)["id"]
    request_feedback(student, pk)
    run_jobs()
    done = read(student, pk)
    assert done["generated_feedback"] == WHOLE
    assert done["ai_feedback"].items() >= own.items()
    assert len(json.dumps(done["ai_feedback"], separators=(",", ":"))) <= 32 * 1024


def test_request_without_an_api_key_is_503_and_queues_nothing(student: Person, settings: Any) -> None:
    settings.OPENAI_API_KEY = ""
    pk = student.save_conversation()["id"]
    response = request_feedback(student, pk)
    assert (response.status_code, response.json()["code"]) == (503, "openai_not_configured")
    assert "OPENAI_API_KEY" in response.json()["detail"] and response["Retry-After"]
    assert read(student, pk)["feedback_status"] == "none"


def test_transcription_without_the_learner_is_409(student: Person, simulator: Any) -> None:
    pk = student.save_conversation(transcription="AI: Hola.")["id"]
    response = request_feedback(student, pk)
    assert (response.status_code, response.json()["code"]) == (409, "nothing_to_judge")


def test_transcription_whose_speakers_are_unknown_is_409_and_names_the_forms(
    student: Person, simulator: Any
) -> None:
    segments = [{"speaker": f"speaker_{number}", "text": "Hi"} for number in (0, 1)]
    pk = student.save_conversation(transcription={"segments": segments})["id"]
    response = request_feedback(student, pk)
    assert (response.status_code, response.json()["code"]) == (409, "speakers_unknown")
    assert all(form in response.json()["detail"] for form in ("assistant", "tutor", "name"))
    assert read(student, pk)["feedback_status"] == "none"


def test_openai_messages_are_judged_and_found(student: Person, simulator: Any) -> None:
    messages = [
        {"role": "developer", "content": "Teach Spanish."},
        {"role": "user", "content": [{"type": "input_text", "text": "hola amiga"}]},
        {"role": "assistant", "content": None, "tool_calls": []},
        {"role": "assistant", "content": [{"type": "output_audio", "transcript": "¿qué tal"}]},
        {"role": "user", "content": "muy bien"},
    ]
    saved = student.save_conversation(transcription={"messages": messages})
    assert saved["transcription"] == {"messages": messages}
    assert request_feedback(student, saved["id"]).status_code == 202
    assert run_jobs() == []
    assert read(student, saved["id"])["generated_feedback"]["corrections"] == WHOLE["corrections"]
    found = student.client.get(VOICE, {"search": "qué tal", "fields": "id"}).json()
    assert found == [{"id": saved["id"]}]


def test_requests_are_throttled_per_user(
    student: Person, stranger: Person, simulator: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    from rest_framework.throttling import ScopedRateThrottle

    monkeypatch.setitem(ScopedRateThrottle.THROTTLE_RATES, "feedback", "2/hour")
    ids = [student.save_conversation()["id"] for _ in range(3)]
    assert [request_feedback(student, pk).status_code for pk in ids] == [202, 202, 429]
    assert int(request_feedback(student, ids[0])["Retry-After"]) > 3000
    assert request_feedback(stranger, stranger.save_conversation()["id"]).status_code == 202


def test_request_to_openai_has_a_pseudonym_and_no_name(student: Person, simulator: Any) -> None:
    from accounts.integrations import openai

    pk = student.save_conversation(transcription=SPOKEN)["id"]
    request_feedback(student, pk)
    run_jobs()
    body = simulator.received[-1].body
    assert body["safety_identifier"] == openai.safety_identifier(student.user.pk)
    assert body["model"] == django_settings.OPENAI_FEEDBACK_MODEL
    assert body["store"] is False and body["text"]["format"]["strict"] is True
    for private in (str(student.user.pk), student.user.email, student.user.name):
        assert private not in json.dumps(body)


def test_client_cannot_write_fields_of_the_job(student: Person) -> None:
    forged = {
        "feedback_status": "done",
        "generated_feedback": {"x": 1},
        "feedback_due_at": "2026-01-01T00:00:00Z",
    }
    saved = student.save_conversation(**forged)
    assert (saved["feedback_status"], saved["generated_feedback"]) == ("none", None)
    assert "feedback_due_at" not in saved and "feedback_attempts" not in saved
    assert VoiceConversation.objects.get().feedback_due_at is None
