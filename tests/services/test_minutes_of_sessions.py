"""The minutes of the conversation that is saved from a voice session."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from accounts.models import VoiceEvent
from accounts.services import voice_saving
from tests.fixtures.people import Person
from tests.fixtures.realtime_conversations import typed_item
from tests.fixtures.stored_sessions import make_session

OPEN = {"state": "open", "topic": "t", "target_language": "Spanish", "conversation_type": "practice"}


def minutes_saved(student: Person, audio_ms: int | None, **fields: Any) -> int | None:
    """The minutes of a session with a turn, and with an end of speech if ``audio_ms`` is given."""
    session = make_session(student.user, **{**OPEN, **fields})
    events = [typed_item("a", "Hola")]
    if audio_ms is not None:
        events.append({"type": "input_audio_buffer.speech_stopped", "item_id": "b", "audio_end_ms": audio_ms})
    VoiceEvent.objects.bulk_create(
        VoiceEvent(session=session, event_id=str(number), content=content)
        for number, content in enumerate(events)
    )
    conversation, is_new = voice_saving.save(session, {})
    assert conversation is not None and is_new
    return conversation.duration_minutes


@pytest.mark.parametrize(
    ("audio_ms", "minutes"), [(0, 0), (1, 1), (60_000, 1), (60_001, 2), (600_001, 10), (None, 10)]
)
def test_minutes_of_audio_are_rounded_up_to_those_charged(
    student: Person, audio_ms: int | None, minutes: int
) -> None:
    assert minutes_saved(student, audio_ms) == minutes


@pytest.mark.parametrize(
    ("started", "ends", "audio_ms", "minutes"),  # the first two in minutes from now
    [
        *((-3.5, 9, None, 4), (-9.5, -4, None, 6), (-40, 9, None, 30), (5, 9, None, 0)),
        *((-3.5, 9, 61_000, 2), (-3.5, 9, 300_000, 4)),
    ],
)
def test_the_minutes_of_a_running_call_count_until_now(
    student: Person, started: float, ends: float, audio_ms: int | None, minutes: int
) -> None:
    now = timezone.now()
    begun, ended = (now + timedelta(minutes=number) for number in (started, ends))
    for times in ({"call_started_at": begun}, {"call_started_at": None, "at": begun}):
        assert minutes_saved(student, audio_ms, charged_minutes=None, ends_at=ended, **times) == minutes
