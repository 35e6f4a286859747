"""The task that hangs calls up: on time, beside other jobs and hang-ups, and while OpenAI fails."""

import time
from datetime import timedelta
from typing import Any

import pytest

from accounts.errors import OpenAIUnavailable
from accounts.integrations import openai
from accounts.models import VoiceSession
from accounts.services.voice_calls import hang_up
from standins.openai.faults import Fault
from tests.fixtures.hang_ups import MAX_SECONDS, PATIENCE, end_in, hung_up_after
from tests.fixtures.jobs import pass_time, run_jobs
from tests.fixtures.people import VOICE, Person
from tests.fixtures.processes import wait_for
from tests.fixtures.voice_events import TALK
from tests.fixtures.voice_sessions import begin, finish, report

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("clean_auth", "calls"),
]


@pytest.mark.slow
@pytest.mark.usefixtures("worker")
def test_a_call_is_hung_up_at_its_end_also_beside_a_feedback_job_that_hangs(
    student: Person, calls: Any, simulator: Any
) -> None:
    saved = student.save_conversation()
    simulator.received.clear()
    simulator.faults.add(Fault("/responses", 500, {}, seconds=7))
    assert student.client.post(f"{VOICE}{saved['id']}/generate_feedback/").status_code == 202
    assert wait_for(lambda: simulator.received, PATIENCE)
    begin(student)
    (call,) = calls
    late = hung_up_after(call, end_in(1))
    assert 0 <= late < MAX_SECONDS
    assert VoiceSession.objects.get().charged_minutes == 30


@pytest.mark.slow
@pytest.mark.usefixtures("worker")
def test_a_hang_up_that_hangs_does_not_delay_another_one(
    student: Person, stranger: Person, calls: Any, simulator: Any
) -> None:
    begin(student)
    begin(stranger)
    hanging, other = calls
    simulator.faults.add(*(Fault(f"/{hanging.id}/hangup", 500, {}, seconds=8) for _ in range(2)))
    late = hung_up_after(other, end_in(1))
    assert hanging.hung_up_at is None
    assert 0 <= late < MAX_SECONDS


@pytest.mark.slow
@pytest.mark.usefixtures("worker")
def test_finishing_hangs_the_call_up_at_once(student: Person, calls: Any) -> None:
    pk = begin(student)
    report(student, pk, TALK)
    (call,) = calls
    before = time.time()
    assert finish(student, pk).status_code == 201
    assert hung_up_after(call, before) < MAX_SECONDS
    assert VoiceSession.objects.get().charged_minutes == 1


def test_openai_is_asked_again_until_the_call_is_over(student: Person, calls: Any, simulator: Any) -> None:
    begin(student)
    end_in(0)
    simulator.faults.add(*(Fault("/hangup", 500, {}) for _ in range(3)))
    for _ in range(3):
        assert run_jobs() == []
        assert VoiceSession.objects.get().hung_up_at is None
        pass_time(timedelta(seconds=10))
    assert run_jobs() == []
    assert calls.open() == [] and VoiceSession.objects.get().hung_up_at is not None


def test_a_call_that_has_ended_already_counts_as_hung_up(student: Person, calls: Any) -> None:
    begin(student)
    calls.clear()
    end_in(0)
    assert run_jobs() == []
    assert VoiceSession.objects.get().charged_minutes == 30


def test_a_call_that_cannot_be_hung_up_ends_with_openais_hour(
    student: Person, calls: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused(call_id: str) -> None:
        raise OpenAIUnavailable

    monkeypatch.setattr(openai, "hang_up", refused)
    begin(student)
    for minutes in (30, 29):
        pass_time(timedelta(minutes=minutes))
        assert run_jobs() == []
        assert VoiceSession.objects.get().hung_up_at is None
    pass_time(timedelta(minutes=15))
    assert run_jobs() == []
    assert VoiceSession.objects.get().hung_up_at is not None


def test_an_early_or_repeated_run_asks_nothing(student: Person, calls: Any) -> None:
    pk = begin(student)
    hang_up.call(pk)
    assert len(calls.open()) == 1
    end_in(0)
    hang_up.call(pk)
    first = VoiceSession.objects.get()
    hang_up.call(pk)
    assert VoiceSession.objects.get().hung_up_at == first.hung_up_at is not None


def test_openai_is_not_asked_again_after_the_hang_up(student: Person, calls: Any, simulator: Any) -> None:
    begin(student)
    end_in(0)
    assert run_jobs() == []
    assert calls.open() == []
    simulator.received.clear()
    for _ in range(2):
        pass_time(timedelta(minutes=1))
        assert run_jobs() == []
    assert list(simulator.received) == []
