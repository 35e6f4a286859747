"""Failures of the AI feedback job: retries, final states, killed workers."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import OperationalError, transaction
from django.test import override_settings
from django_tasks_db.models import DBTaskResult

from accounts.integrations import openai
from accounts.models import User, VoiceConversation
from accounts.models.bans import FOREVER
from accounts.services import feedback
from standins.openai.faults import Fault
from standins.openai.responses import output_text, refusal_text, response
from tests.fixtures.jobs import pass_time, run_jobs
from tests.fixtures.people import VOICE, Person

pytestmark = pytest.mark.django_db

PATH = "/responses"
LATER = timedelta(hours=1)
CUT_OFF = {"status": "incomplete", "incomplete_details": {"reason": "max_output_tokens"}}


def answered(*parts: dict[str, Any], **changes: Any) -> Fault:
    return Fault(PATH, body=response("m", *parts, **changes).model_dump(mode="json"))


def queued(person: Person, **changes: Any) -> dict[str, Any]:
    """A conversation with queued feedback."""
    saved = person.save_conversation(**changes)
    assert person.client.post(f"{VOICE}{saved['id']}/generate_feedback/").status_code == 202
    return saved


def state(person: Person, saved: dict[str, Any]) -> dict[str, Any]:
    """The conversation's current state; asserts that the learner's own fields are unchanged."""
    now = dict(person.client.get(f"{VOICE}{saved['id']}/").json())
    for key in ("topic", "transcription", "duration_minutes", "created_at"):
        assert now[key] == saved[key]
    assert saved["ai_feedback"].items() <= now["ai_feedback"].items(), "a client's keys stay"
    return now


TEMPORARY = {
    "timeout": Fault(PATH, seconds=0.8),
    "429": Fault(PATH, 429, {"error": {"code": "rate_limit_exceeded"}}),
    "500": Fault(PATH, 500, {}),
    "failed response": answered(status="failed", error={"code": "server_error", "message": "x"}, output=[]),
    "not an object": Fault(PATH, 200, "<html>"),
    "broken JSON": Fault(PATH, 200, b'{"id": "resp_1", "output": ['),
    "truncation": answered(output_text('{"grammar_score": 8'), **CUT_OFF),
    "wrong schema": answered(output_text('{"grammar_score": 80}')),
    "wrong level": answered(output_text('{"cefr_estimate": "Z9"}')),
}
NO_QUOTA = {"error": {"code": "insufficient_quota"}}
FINAL = {
    "no quota": (
        Fault(PATH, 429, NO_QUOTA),
        "The AI service does not accept our request. Tell the people who run this server.",
    ),
    "refusal": (answered(refusal_text("No.")), "The AI declined to judge this conversation."),
    "filter": (
        answered(status="incomplete", incomplete_details={"reason": "content_filter"}),
        "The AI declined to judge this conversation.",
    ),
    "bad key": (
        Fault(PATH, 401, {"error": {"code": "invalid_api_key"}}),
        "The AI service does not accept our request. Tell the people who run this server.",
    ),
    "too long": (
        Fault(PATH, 400, {"error": {"code": "context_length_exceeded", "message": "Una mesa para dos"}}),
        "The AI service does not accept our request. Tell the people who run this server.",
    ),
}


@contextmanager
def timeout_after(seconds: float) -> Iterator[None]:
    """Attempts time out after ``seconds`` without an answer."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(openai, "ANSWER_TIMEOUT_SECONDS", seconds)
        yield


@pytest.mark.slow
@pytest.mark.parametrize("name", TEMPORARY)
def test_temporary_failure_is_retried_later(student: Person, simulator: Any, name: str) -> None:
    saved = queued(student)
    simulator.faults.add(TEMPORARY[name])
    with timeout_after(0.5):
        assert run_jobs() == []
    waiting = state(student, saved)
    assert (waiting["feedback_status"], waiting["generated_feedback"]) == ("queued", None)
    assert run_jobs() == [], "the retry is not due"
    assert state(student, saved)["feedback_status"] == "queued"
    pass_time(feedback.RETRY_DELAYS[0])
    assert run_jobs() == []
    done = state(student, saved)
    assert (done["feedback_status"], done["feedback_error"]) == ("done", "")
    assert done["generated_feedback"]["cefr_estimate"] == "A2"
    pass_time(LATER)
    assert run_jobs() == [] and state(student, saved) == done, "the spare runs do nothing"


@pytest.mark.slow
@pytest.mark.parametrize("name", TEMPORARY)
def test_job_fails_after_the_last_attempt(student: Person, simulator: Any, name: str) -> None:
    saved = queued(student)
    simulator.faults.add(*[TEMPORARY[name]] * 20)
    for _ in range(feedback.MAX_ATTEMPTS):
        with timeout_after(0.5):
            assert run_jobs() == []
        pass_time(LATER)
    failed = state(student, saved)
    assert failed["feedback_status"] == "failed"
    assert failed["feedback_error"].endswith("It was tried 4 times.")
    simulator.faults.clear()
    assert run_jobs() == [] and state(student, saved) == failed
    assert student.client.post(f"{VOICE}{saved['id']}/generate_feedback/").status_code == 202
    assert run_jobs() == []
    assert state(student, saved)["feedback_status"] == "done", "feedback can be requested again"


@pytest.mark.parametrize("name", FINAL)
def test_final_failure_is_not_retried(student: Person, simulator: Any, name: str) -> None:
    saved = queued(student)
    fault, words = FINAL[name]
    simulator.faults.add(fault)
    assert run_jobs() == []
    failed = state(student, saved)
    assert (failed["feedback_status"], failed["feedback_error"]) == ("failed", words)
    pass_time(LATER)
    assert run_jobs() == [] and state(student, saved) == failed


def test_retry_waits_for_the_retry_after_of_openai(student: Person, simulator: Any) -> None:
    saved = queued(student)
    simulator.faults.add(Fault(PATH, 429, {}, retry_after=120))
    run_jobs()
    pass_time(timedelta(seconds=110))
    run_jobs()
    assert state(student, saved)["feedback_status"] == "queued"
    pass_time(timedelta(seconds=11))
    run_jobs()
    assert state(student, saved)["feedback_status"] == "done"


def test_worker_without_an_api_key_retries_later(student: Person, simulator: Any) -> None:
    saved = queued(student)
    with override_settings(OPENAI_API_KEY=""):
        run_jobs()
    assert state(student, saved)["feedback_status"] == "queued"
    pass_time(feedback.RETRY_DELAYS[0])
    run_jobs()
    assert state(student, saved)["feedback_status"] == "done"


def test_missing_api_key_fails_the_job_with_a_sentence_for_the_learner(
    student: Person, simulator: Any, settings: Any
) -> None:
    saved = queued(student)
    settings.OPENAI_API_KEY = ""
    for _ in range(feedback.MAX_ATTEMPTS):
        run_jobs()
        pass_time(LATER)
    failed = state(student, saved)
    assert failed["feedback_status"] == "failed"
    assert failed["feedback_error"].startswith(feedback.NOT_AVAILABLE)


class Killed(BaseException):
    """Simulates SIGKILL: no handler of the worker catches it."""


@pytest.mark.slow
@pytest.mark.parametrize("failures", range(feedback.MAX_ATTEMPTS))
@pytest.mark.parametrize(
    ("step", "fault"),
    [("_claim", Killed), ("_claim", OperationalError("away")), ("_ask", Killed), ("_finish", Killed)],
)
def test_job_of_a_killed_worker_is_continued(
    student: Person, simulator: Any, monkeypatch: pytest.MonkeyPatch, step: str, failures: int, fault: Any
) -> None:
    saved = queued(student)
    for wait in feedback.RETRY_DELAYS[:failures]:
        simulator.faults.add(Fault(PATH, 500, {}))
        run_jobs()
        pass_time(wait)

    def kill(*args: Any) -> None:
        raise fault

    with monkeypatch.context() as patched:
        patched.setattr(feedback, step, kill)
        run_jobs()
    assert state(student, saved)["feedback_status"] == "queued"
    pass_time(feedback.LEASE)
    run_jobs()
    last = failures == feedback.MAX_ATTEMPTS - 1 and step != "_claim"
    assert state(student, saved)["feedback_status"] == ("failed" if last else "done")


def test_queue_stores_no_text_of_a_database_error(
    student: Person, simulator: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    queued(student)

    def refused(claim: feedback.Claim, found: dict[str, object]) -> None:
        with transaction.atomic():
            VoiceConversation.objects.update(duration_minutes=9999)

    monkeypatch.setattr(feedback, "_finish", refused)
    run_jobs()
    (failed,) = DBTaskResult.objects.failed()
    assert failed.exception_class_path.endswith("RunFailed")
    assert "restaurant" not in failed.traceback and "IntegrityError" not in failed.traceback


@pytest.mark.parametrize("change", [{"deleted_at": datetime.now(UTC)}, {"banned_until": FOREVER}])
def test_nothing_is_sent_for_a_deleted_or_banned_user(student: Person, simulator: Any, change: Any) -> None:
    queued(student)
    User.objects.filter(pk=student.user.pk).update(**change)
    simulator.received.clear()
    assert run_jobs() == []
    assert not simulator.received


def test_conversation_that_kills_every_worker_fails(
    student: Person, simulator: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    saved = queued(student)
    asked = []

    def kill(conversation: VoiceConversation) -> None:
        asked.append(conversation)
        raise Killed

    monkeypatch.setattr(feedback, "_ask", kill)
    for _ in range(feedback.MAX_ATTEMPTS + 1):
        run_jobs()
        pass_time(feedback.LEASE)
    failed = state(student, saved)
    assert (failed["feedback_status"], len(asked)) == ("failed", feedback.MAX_ATTEMPTS)
    assert failed["feedback_error"] == "The AI service did not answer, in 4 attempts. Ask again later."


def test_request_after_the_queue_was_emptied_queues_again(student: Person, simulator: Any) -> None:
    saved = queued(student)
    DBTaskResult.objects.all().delete()
    path = f"{VOICE}{saved['id']}/generate_feedback/"
    assert student.client.post(path).status_code == 202
    assert not DBTaskResult.objects.exists(), "the due time has not passed"
    pass_time(2 * feedback.LEASE)
    assert student.client.post(path).status_code == 202
    run_jobs()
    assert state(student, saved)["feedback_status"] == "done"


def test_answer_after_the_lease_is_dropped(
    student: Person, simulator: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    saved = queued(student)
    ask, asked = feedback._ask, []

    def slow(conversation: VoiceConversation) -> dict[str, object]:
        asked.append(conversation)
        found = ask(conversation)
        if len(asked) == 1:  # the lease expires, and another run starts
            pass_time(feedback.LEASE)
            feedback.generate_feedback.func(conversation.pk)
            found["cefr_estimate"] = "C2"
        return found

    monkeypatch.setattr(feedback, "_ask", slow)
    run_jobs()
    done = state(student, saved)
    assert len(asked) == 2 and done["generated_feedback"]["cefr_estimate"] == "A2"


def test_job_of_a_deleted_conversation_does_nothing(student: Person, simulator: Any) -> None:
    saved = queued(student)
    student.client.delete(f"{VOICE}{saved['id']}/")
    assert run_jobs() == []


def test_conversation_deleted_during_a_run_stays_deleted(
    student: Person, simulator: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    saved = queued(student)
    ask = feedback._ask

    def meanwhile(conversation: VoiceConversation) -> dict[str, object]:
        found = ask(conversation)
        student.client.delete(f"{VOICE}{saved['id']}/")
        return found

    monkeypatch.setattr(feedback, "_ask", meanwhile)
    assert run_jobs() == []
    assert not VoiceConversation.objects.exists()


def test_job_fails_if_the_learners_turns_were_removed(student: Person, simulator: Any) -> None:
    pk = queued(student)["id"]
    student.client.patch(f"{VOICE}{pk}/", {"transcription": "AI: Hola."})
    simulator.received.clear()
    assert run_jobs() == [] and not simulator.received
    stored = student.client.get(f"{VOICE}{pk}/").json()
    assert (stored["feedback_status"], stored["feedback_error"]) == ("failed", feedback.NothingToJudge.detail)
