"""Concurrent requests of a learner never exceed the limits, and begin no second call."""

import itertools
import random
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from accounts.models import VoiceConversation, VoiceSession
from tests.fixtures.jobs import pass_time, run_jobs
from tests.fixtures.people import Person, client_of
from tests.fixtures.threads import at_once
from tests.fixtures.voice_events import TALK
from tests.fixtures.voice_sessions import OFFER, SESSION, WISH, ask, begin, call, finish, report

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("clean_auth", "calls"),
]
TRIES = 100


def statuses(answers: list[Any]) -> list[tuple[int, str]]:
    return sorted((answer.status_code, answer.json().get("code", "")) for answer in answers)


def charged(person: Person) -> int:
    """The minutes that the learner has used or reserved."""
    return sum(minutes for _, minutes in VoiceSession.objects.for_user(person.user).uses(timezone.now()))


def test_eight_concurrent_requests_with_three_left_start_three(student: Person, settings: Any) -> None:
    settings.VOICE_SESSIONS_PER_HOUR, settings.VOICE_MINUTES_PER_DAY = 5, 1440
    for _ in range(2):
        assert ask(student).status_code == 200
    found = statuses(at_once(8, lambda _: client_of(student.token).post(SESSION, WISH)))
    assert found == [(200, "")] * 3 + [(429, "voice_sessions_exhausted")] * 5
    assert VoiceSession.objects.count() == 5


def test_concurrent_requests_reserve_no_more_minutes_than_the_limit(student: Person, settings: Any) -> None:
    settings.VOICE_SESSIONS_PER_HOUR, settings.VOICE_MINUTES_PER_DAY = 100, 70
    answers = at_once(8, lambda _: client_of(student.token).post(SESSION, WISH))
    minutes = sorted(answer.json().get("max_minutes", 0) for answer in answers)
    assert minutes == [0] * 5 + [10, 30, 30]
    assert charged(student) == 70


def test_of_concurrent_offers_one_becomes_the_call(student: Person, calls: Any) -> None:
    pk = ask(student).json()["id"]

    def offer(_: int) -> int:
        path = f"{SESSION}{pk}/call/"
        return client_of(student.token).post(path, OFFER, content_type="application/sdp").status_code

    found = at_once(6, offer)
    assert found.count(201) == 1 and set(found) <= {201, 409, 503}
    assert len(calls) == 1


def test_concurrent_ends_save_one_conversation(student: Person) -> None:
    pk = begin(student)
    report(student, pk, TALK)
    found = at_once(6, lambda _: client_of(student.token).post(f"{SESSION}{pk}/finish/", {}))
    assert sorted(answer.status_code for answer in found) == [200] * 5 + [201]
    assert len({answer.json()["id"] for answer in found}) == VoiceConversation.objects.count() == 1


@pytest.mark.slow
def test_no_sequence_of_calls_ends_and_silence_exceeds_the_minutes(student: Person, settings: Any) -> None:
    settings.VOICE_SESSIONS_PER_HOUR, settings.VOICE_MINUTES_PER_DAY = 10_000, 60
    chance, now = random.Random(1), timedelta(0)
    spoken: list[tuple[timedelta, timedelta]] = []  # when, and the time until the end of the call
    running: dict[int, timedelta] = {}
    for _ in range(TRIES):
        step = chance.choice(("begin", "begin", "mint", "finish", "silent"))
        if step == "begin" and (made := ask(student)).status_code == 200:
            pk = made.json()["id"]
            assert call(student, pk).status_code == 201
            running[pk] = now
        elif step == "mint":
            assert ask(student).status_code in (200, 429)
        elif step == "finish" and running:
            assert finish(student, chance.choice(list(running))).status_code == 204
        else:
            for _ in range(chance.choice((1, 3, 12))):  # the worker runs all the time
                pass_time(timedelta(minutes=1))
                now += timedelta(minutes=1)
                assert run_jobs() == []
        assert run_jobs() == []
        for row in VoiceSession.objects.filter(pk__in=list(running), hung_up_at__isnull=False):
            assert row.call_started_at and row.hung_up_at and row.ends_at
            length = min(row.hung_up_at, row.ends_at) - row.call_started_at
            spoken.append((running.pop(row.pk), max(length, timedelta(0))))
        assert charged(student) <= 60
        recent = [length for begun, length in spoken if begun > now - timedelta(hours=24)]
        assert sum(recent, timedelta(0)) <= timedelta(minutes=63)


def test_events_and_the_end_change_no_charge(student: Person) -> None:
    pk = begin(student)
    before = charged(student)
    for _ in itertools.repeat(None, 3):
        report(student, pk, TALK)
        assert charged(student) == before == 30
    VoiceSession.objects.update(call_started_at=timezone.now() - timedelta(minutes=4.5))
    finish(student, pk)
    assert charged(student) == 30, "until the call is hung up"
    assert run_jobs() == []
    assert charged(student) == 5
