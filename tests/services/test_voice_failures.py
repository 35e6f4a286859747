"""Sessions whose save, call or account fails: nothing is lost, and each call is hung up."""

import threading
from datetime import timedelta
from typing import Any

import pytest
from django.db import OperationalError, connection
from django.utils import timezone

from accounts.errors import OpenAIUnavailable
from accounts.integrations import openai
from accounts.models import User, VoiceEvent, VoiceSession
from accounts.services import deletions, voice_calls, voice_saving
from tests.fixtures.jobs import pass_time, run_jobs
from tests.fixtures.people import Person
from tests.fixtures.staff import ban
from tests.fixtures.threads import wait_until_blocked
from tests.fixtures.voice_events import TALK, usage
from tests.fixtures.voice_sessions import ask, begin, call, finish, refusal, report

UUID = "7c9e6679-7425-40de-944b-e07fc1f90ae7"
pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("clean_auth", "calls"),
]


def refuse(*_: Any, **__: Any) -> None:
    raise OpenAIUnavailable


def test_the_largest_reported_tokens_can_be_saved(student: Person) -> None:
    pk = begin(student)
    report(student, pk, [*TALK, usage(9, input=2**31 - 1, output=2**31 - 1)])
    assert finish(student, pk).status_code == 201


def test_a_save_that_fails_is_repeated(student: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: Any) -> None:
        raise OperationalError

    report(student, begin(student), TALK)
    with monkeypatch.context() as patched:
        patched.setattr(voice_saving, "save", fail)
        for _ in range(5):
            pass_time(timedelta(minutes=31))
            run_jobs()
    assert VoiceSession.objects.get().state == "open"
    pass_time(timedelta(minutes=45))
    run_jobs()
    assert VoiceSession.objects.get().state == "saved"


def test_a_failed_save_is_repeated_after_a_minute(student: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    tries = []

    def fail(*_: Any) -> None:
        tries.append(timezone.now())
        raise OperationalError

    report(student, begin(student), TALK)
    monkeypatch.setattr(voice_saving, "save", fail)
    pass_time(timedelta(minutes=33))
    run_jobs()
    due_at = VoiceSession.objects.get().save_due_at
    assert len(tries) == 1 and due_at is not None
    assert timedelta(seconds=59) < due_at - tries[0] < timedelta(seconds=90)


def test_events_that_cannot_be_saved_go_after_a_day(student: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: Any) -> None:
        raise OperationalError

    report(student, begin(student), TALK)
    monkeypatch.setattr(voice_saving, "save", fail)
    for _ in range(12):
        pass_time(timedelta(hours=4))
        run_jobs()
    assert VoiceSession.objects.get().state == "ended"
    assert not VoiceEvent.objects.exists()


def test_events_long_after_the_end_are_refused(student: Person) -> None:
    pk = begin(student)
    report(student, pk, TALK)
    VoiceSession.objects.update(ends_at=timezone.now() - timedelta(minutes=31))
    assert refusal(report(student, pk, TALK))[:2] == (409, "session_ended")


def test_a_session_with_events_does_not_give_way(student: Person, settings: Any) -> None:
    settings.VOICE_MINUTES_PER_DAY = 30
    report(student, ask(student).json()["id"], TALK)
    pass_time(timedelta(minutes=3))
    assert refusal(ask(student))[:2] == (429, "voice_minutes_exhausted")


def test_a_session_of_an_account_that_is_being_deleted_is_not_saved(student: Person) -> None:
    report(student, begin(student), TALK)
    User.objects.update(deleted_at=timezone.now())
    for _ in range(3):
        pass_time(timedelta(minutes=31))
        assert run_jobs() == []
    assert VoiceSession.objects.get().state == "open"


def test_a_deletion_waits_for_events(student: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    pk = begin(student)
    original, deleting = voice_saving.stored_events, []

    def delete() -> None:
        try:
            deletions._delete_at_once(student.user, timezone.now())
        finally:
            connection.close()

    def slow(session: Any) -> Any:
        thread = threading.Thread(target=delete)
        thread.start()
        wait_until_blocked(thread)
        deleting.append(thread)
        return original(session)

    monkeypatch.setattr(voice_saving, "stored_events", slow)
    assert report(student, pk, TALK).status_code == 200
    deleting[0].join(20)
    assert User.objects.get(pk=student.user.pk).deleted_at is not None
    assert not VoiceSession.objects.exists()


def test_a_call_that_begins_during_the_deletion_is_hung_up(
    student: Person, calls: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    original = openai.create_call

    def create_call(**options: Any) -> Any:
        made = original(**options)
        deletions._delete_at_once(student.user, timezone.now())
        return made

    pk = ask(student).json()["id"]
    monkeypatch.setattr(openai, "create_call", create_call)
    assert call(student, pk).status_code == 401
    run_jobs()
    assert calls.open() == []


def test_the_call_of_a_deleted_account_is_hung_up_after_an_outage(
    student: Person, calls: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    begin(student)
    with monkeypatch.context() as patched:
        patched.setattr(openai, "hang_up", refuse)
        deletions._delete_at_once(student.user, timezone.now())
        run_jobs()
        pass_time(timedelta(minutes=1))
        run_jobs()
    assert len(calls.open()) == 1
    pass_time(timedelta(minutes=1))
    run_jobs()
    assert calls.open() == []


def test_a_run_that_fails_is_followed_by_another(
    student: Person, calls: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: Any) -> None:
        raise OperationalError

    begin(student)
    with monkeypatch.context() as patched:
        patched.setattr(voice_calls, "_claim", fail)
        pass_time(timedelta(minutes=31))
        run_jobs()
    pass_time(timedelta(minutes=1))
    run_jobs()
    assert calls.open() == []


def test_an_outage_of_the_worker_is_charged_as_an_hour_at_most(student: Person) -> None:
    begin(student)
    pass_time(timedelta(days=40))
    run_jobs()
    assert VoiceSession.objects.get().charged_minutes == 60


def test_an_end_that_cannot_be_saved_hangs_up(student: Person, calls: Any) -> None:
    first, second = begin(student), begin(student)
    for pk in (first, second):
        report(student, pk, TALK)
    assert finish(student, first, client_id=UUID).status_code == 201
    assert finish(student, second, client_id=UUID).status_code == 409
    run_jobs()
    assert calls.open() == []
    assert finish(student, second).status_code == 201


def test_a_shorter_conversation_of_the_client_gets_the_turns_of_the_session(student: Person) -> None:
    pk = begin(student)
    report(student, pk, TALK)
    own = student.save_conversation(client_id=UUID, transcription="only this")
    saved = finish(student, pk, client_id=UUID).json()
    assert saved["id"] == own["id"] and len(saved["transcription"]["messages"]) == 3


def test_the_call_of_a_banned_learner_is_hung_up(student: Person, calls: Any) -> None:
    begin(student)
    ban(student.user)
    run_jobs()
    assert calls.open() == []


def test_an_item_with_very_many_parts_is_kept_small(student: Person) -> None:
    pk = begin(student)
    item = {"id": "i", "type": "message", "role": "user", "content": [0] * 200_000}
    assert report(student, pk, [{"type": "conversation.item.added", "item": item}]).status_code == 200
    assert len(VoiceEvent.objects.get().content["item"]["content"]) == 16
