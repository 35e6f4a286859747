"""The task that hangs calls up: on time, beside other jobs, after a killed worker, and while OpenAI fails."""

import time
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from accounts.errors import OpenAIUnavailable
from accounts.integrations import openai
from accounts.models import VoiceSession
from accounts.services.voice_calls import hang_up
from standins.openai.faults import Fault
from tests.fixtures.jobs import pass_time, run_jobs
from tests.fixtures.people import VOICE, Person
from tests.fixtures.voice_events import TALK
from tests.fixtures.voice_sessions import begin, finish, report

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("clean_auth", "calls"),
]


def end_in(seconds: float) -> float:
    """Moves all times so that the session ends in ``seconds``; returns that time, in Unix seconds."""
    session = VoiceSession.objects.get()
    assert session.ends_at is not None
    pass_time(session.ends_at - timezone.now() - timedelta(seconds=seconds))
    return time.time() + seconds


def hung_up_after(calls: Any, moment: float, patience: float = 8) -> float:
    """Seconds from ``moment`` until the simulator's one call was hung up and that was stored."""
    (made,) = calls
    while time.time() < moment + patience:
        if made.hung_up_at is not None and VoiceSession.objects.get().hung_up_at is not None:
            return float(made.hung_up_at - moment)
        time.sleep(0.05)
    raise AssertionError("the call is not hung up")


def until(condition: Callable[[], bool], patience: float = 10) -> None:
    deadline = time.time() + patience
    while not condition():
        assert time.time() < deadline
        time.sleep(0.05)


@pytest.mark.slow
@pytest.mark.usefixtures("worker")
def test_a_call_is_hung_up_at_its_end_also_beside_a_feedback_job_that_hangs(
    student: Person, calls: Any, simulator: Any
) -> None:
    saved = student.save_conversation()
    simulator.faults.add(Fault("/responses", 500, {}, seconds=7))
    assert student.client.post(f"{VOICE}{saved['id']}/generate_feedback/").status_code == 202
    until(lambda: any(each.request.url.path.endswith("/responses") for each in simulator.received))
    begin(student)
    late = hung_up_after(calls, end_in(1))
    assert 0 <= late < 5
    assert VoiceSession.objects.get().charged_minutes == 30


@pytest.mark.slow
@pytest.mark.usefixtures("worker")
def test_finishing_hangs_the_call_up_at_once(student: Person, calls: Any) -> None:
    pk = begin(student)
    report(student, pk, TALK)
    before = time.time()
    assert finish(student, pk).status_code == 201
    assert hung_up_after(calls, before) < 5
    assert VoiceSession.objects.get().charged_minutes == 1


class Killed(BaseException):
    """What ends a worker in the middle of a run."""


@pytest.mark.slow
def test_after_a_killed_worker_another_one_hangs_up(
    student: Person, calls: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    def killed(call_id: str) -> None:
        raise Killed

    pk = begin(student)
    moment = end_in(0)
    with monkeypatch.context() as patched:
        patched.setattr(openai, "hang_up", killed)
        with pytest.raises(Killed):
            hang_up.call(pk)
    (made,) = calls
    assert made.hung_up_at is None
    until(lambda: run_jobs() == [] and made.hung_up_at is not None)
    assert made.hung_up_at - moment < 5
    assert VoiceSession.objects.get().hung_up_at is not None


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
