"""The stored parts of Realtime events, and what single fields of an event change."""

from __future__ import annotations

from itertools import permutations
from typing import Any

import pytest

from accounts.values.realtime_turns import duration_ms, kept, turns_of, usage_of
from tests.fixtures.realtime_conversations import Event, message, typed_item

SAID = {"id": "a", "type": "message", "role": "assistant", "content": [{"transcript": "Hola"}]}
CANCELLED = {"id": "r", "status": "cancelled", "status_details": {"reason": "turn_detected"}}
USAGE = {"input_tokens": 1, "output_tokens": 2, "output_token_details": {"audio_tokens": 3}}


def response(kind: str = "done", **fields: Any) -> Event:
    return {"type": f"response.{kind}", "response": {"id": "r", **fields}}


def item_done(item: Event) -> Event:
    return {"type": "conversation.item.done", "item": item}


def texts(*events: Event) -> list[tuple[str, str]]:
    """The roles and texts of the turns, which are the same in every order."""
    [found] = {
        tuple((turn["role"], turn["text"]) for turn in turns_of(order)) for order in permutations(events)
    }
    return list(found)


@pytest.mark.parametrize(
    ("event", "part"),
    [
        (item_done({**SAID, "status": "x"}), item_done(SAID)),
        (response(**CANCELLED, output=[SAID, 5], metadata={}), response(**CANCELLED, output=[{"id": "a"}])),
        (response(**CANCELLED, output=None), response(**CANCELLED, output=[])),
        (response(usage={**USAGE, "x": 4}), response(usage=USAGE)),
        (response("created", conversation_id=None, status="x"), response("created", conversation_id=None)),
    ],
)
def test_the_stored_part_of_an_event_is_small_and_stays_the_same(event: Event, part: Event) -> None:
    assert kept({**event, "event_id": "e"}) == part
    assert kept(part) == part


@pytest.mark.parametrize(
    "fields", [{}, {"conversation_id": "c", "status": "completed"}, {"usage": {"input_tokens": -1}}]
)
def test_a_response_without_usage_or_interruption_is_not_stored(fields: Event) -> None:
    assert kept(response(**fields)) is None


@pytest.mark.parametrize(
    ("link", "stored"), [("b", "b"), (None, ""), ("", ""), *((value, ...) for value in (0, False, [], {}, 5))]
)
def test_a_null_link_is_the_start_and_a_malformed_one_is_left_out(link: Any, stored: Any) -> None:
    event = {"type": "input_audio_buffer.committed", "item_id": "a"}
    found = kept({**event, "previous_item_id": link})
    assert found == (event if stored is ... else {**event, "previous_item_id": stored})


def test_what_the_tutor_said_or_wrote_is_a_turn() -> None:
    written = {"type": "response.output_text.done", "item_id": "a", "text": "Hola", "transcript": "no"}
    assert texts(item_done(SAID)) == texts(written) == [("assistant", "Hola")]
    assert texts({**written, "response_id": "r"}, response(usage=USAGE)) == [("assistant", "Hola")]


def test_two_roles_of_an_item_are_one_in_every_order() -> None:
    said = {"type": "response.output_audio_transcript.done", "item_id": "a", "transcript": "Hola"}
    heard = {"type": "input_audio_buffer.committed", "item_id": "a"}
    assert texts(said, heard) == [("assistant", "Hola")]
    assert texts(item_done(message("a", "user", [])), item_done(SAID), heard) == [("assistant", "Hola")]
    assert texts(typed_item("a", "Bien"), said) == [("user", "Hola")]


def test_a_transcript_without_an_index_is_the_first_part() -> None:
    said = {"type": "response.output_audio_transcript.done", "item_id": "a"}
    later = {**said, "content_index": 1, "transcript": "Ana"}
    assert texts({**said, "transcript": "Hola"}, later) == [("assistant", "Hola Ana")]


def test_the_length_of_heard_audio_is_there_only_if_it_is_known() -> None:
    cut = {"type": "conversation.item.truncated", "item_id": "a"}
    for events, length in (([], ...), ([cut], ...), ([{**cut, "audio_end_ms": 0}], 0)):
        [turn] = turns_of([item_done(SAID), *events])
        assert turn.get("audio_end_ms", ...) == length


def test_the_duration_is_the_latest_time_of_speech() -> None:
    started = {"type": "input_audio_buffer.speech_started", "item_id": "a", "audio_start_ms": 500}
    stopped = {"type": "input_audio_buffer.speech_stopped", "item_id": "b", "audio_end_ms": 400}
    assert duration_ms([started, stopped]) == 500
    assert duration_ms([started, {**stopped, "audio_end_ms": 600}]) == 600


def test_missing_numbers_of_usage_are_zero() -> None:
    found = usage_of([response(usage={"input_tokens": 5}), response(usage={"output_tokens": 6})])
    seconds = {"input_audio_seconds": 0, "output_audio_seconds": 0}
    assert found == {**seconds, "input_tokens": 5, "output_tokens": 6}
