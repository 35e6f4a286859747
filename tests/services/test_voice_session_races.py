"""Concurrent requests start no more voice sessions than the limit."""

from typing import Any

import pytest

from accounts.models import VoiceSession
from tests.fixtures.people import Person, client_of
from tests.fixtures.threads import at_once
from tests.fixtures.voice_sessions import SESSION, WISH, ask

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("clean_auth", "simulator"),
]


def test_eight_concurrent_requests_with_three_left_start_three(student: Person, settings: Any) -> None:
    settings.VOICE_SESSIONS_PER_HOUR, settings.VOICE_MINUTES_PER_DAY = 5, 1440
    for _ in range(2):
        assert ask(student).status_code == 200

    def begin(_: int) -> tuple[int, str]:
        answer = client_of(student.token).post(SESSION, WISH)
        return answer.status_code, answer.json().get("code", "")

    answers = at_once(8, begin)
    assert sorted(answers) == [(200, "")] * 3 + [(429, "voice_sessions_exhausted")] * 5
    assert VoiceSession.objects.count() == 5
