"""The rules for the turns, usage and duration of a Realtime conversation, one by one."""

from __future__ import annotations

import random
from typing import Any

import pytest

from accounts.values import realtime_turns
from accounts.values.realtime_turns import kept, last_item_id, turns_of, usage_of
from tests.fixtures.realtime_conversations import Event, message, shuffled, transcribed, typed_item


def turns_in_every_order(*events: Event) -> list[Event]:
    """The turns of a few events, which must be the same in thirty orders."""
    chance, found = random.Random(0), turns_of(events)
    for _ in range(30):
        assert turns_of([events[index] for index in shuffled(len(events), chance)]) == found
    return found


def texts(*events: Event) -> list[tuple[str, str]]:
    """The roles and texts of the turns."""
    return [(turn["role"], turn["text"]) for turn in turns_in_every_order(*events)]


def user(*texts: str) -> list[tuple[str, str]]:
    return [("user", text) for text in texts]


def spoken(item_id: str, start: Any = 0, end: Any = 900, **link: str | None) -> list[Event]:
    """The events of speech before its transcription."""
    return [
        {"type": "input_audio_buffer.speech_started", "item_id": item_id, "audio_start_ms": start},
        {"type": "input_audio_buffer.speech_stopped", "item_id": item_id, "audio_end_ms": end},
        {"type": "input_audio_buffer.committed", "item_id": item_id, **link},
    ]


def failed(item_id: str) -> Event:
    return {"type": "conversation.item.input_audio_transcription.failed", "item_id": item_id}


def answered(item_id: str, text: str, response_id: str = "resp_1") -> Event:
    kind = "response.output_audio_transcript.done"
    return {"type": kind, "item_id": item_id, "response_id": response_id, "transcript": text}


def done(response_id: Any = "resp_1", **values: Any) -> Event:
    response = {"id": response_id, "conversation_id": "conv_1", **values}
    return {"type": "response.done", "response": response}


def used(given: Any, out: Any, audio: Any) -> Event:
    details = {"audio_tokens": audio}
    return {"usage": {"input_tokens": given, "output_tokens": out, "output_token_details": details}}


# ----------------------------------------------------------------------------------------- single rules


def test_a_transcription_without_its_item_is_a_turn() -> None:
    assert texts(transcribed("z", "Hola")) == user("Hola")


def test_a_transcription_without_its_item_precedes_the_item_that_links_to_it() -> None:
    events = [transcribed("z", "first"), typed_item("a", "second", previous_item_id="z")]
    assert texts(*events) == user("first", "second")


def test_parts_of_an_item_are_one_turn_in_their_order() -> None:
    assert texts(*(transcribed("a", str(index), index) for index in (10, 2, 0))) == user("0 2 10")


def test_items_with_an_unknown_predecessor_come_last_by_id() -> None:
    events = [
        typed_item("m", "start", previous_item_id=None),
        typed_item("b", "loose"),
        typed_item("c", "of a lost one", previous_item_id="lost"),
        typed_item("a", "after b", previous_item_id="b"),
    ]
    assert texts(*events) == user("start", "loose", "after b", "of a lost one")


def test_items_after_the_same_item_are_ordered_by_id() -> None:
    events = [typed_item("m", "first", previous_item_id=None)]
    events += [typed_item(name, name, previous_item_id="m") for name in "cab"]
    assert texts(*events) == user("first", "a", "b", "c")


@pytest.mark.parametrize("ring", [{"a": "a"}, {"a": "b", "b": "a"}, {"a": "c", "b": "a", "c": "b"}])
def test_cyclic_links_lose_no_turn(ring: dict[str, str]) -> None:
    events = [typed_item(name, name, previous_item_id=before) for name, before in ring.items()]
    assert texts(*events) == user(*sorted(ring))


def test_the_text_of_an_item_does_not_depend_on_the_last_event() -> None:
    in_item = message("a", "user", [{"type": "input_audio", "transcript": "a longer guess"}])
    events = [transcribed("a", "Hola"), transcribed("a", "Hole"), transcribed("a", "")]
    item_done = {"type": "conversation.item.done", "item": in_item}
    assert texts(item_done, *events) == user("Hole")
    assert texts(item_done) == user("a longer guess")


def test_a_deleted_item_stays_deleted() -> None:
    deleted = {"type": "conversation.item.deleted", "item_id": "a"}
    events = [typed_item("b", "yes"), typed_item("a", "no", previous_item_id="b"), deleted]
    assert texts(*events, transcribed("a", "no")) == user("yes")
    assert last_item_id(events) == "b"


def test_a_response_outside_the_conversation_is_no_turn_but_is_paid() -> None:
    begun = message("h", "assistant", [], "in_progress")
    aside = [
        {"type": "response.created", "response": {"id": "aside", "conversation_id": None}},
        {"type": "response.output_item.added", "response_id": "aside", "item": begun},
        answered("h", "Ask for the price.", "aside"),
        done("aside", **used(10, 20, 0)),
    ]
    assert texts(*aside, answered("t", "Hola")) == [("assistant", "Hola")]
    assert usage_of(aside)["output_tokens"] == 20


def test_speech_whose_transcription_failed_is_a_turn_without_text() -> None:
    assert texts(failed("a")) == texts(*spoken("a"), failed("a")) == user("")
    assert realtime_turns.anybody_spoke([failed("a")])


def test_speech_whose_transcription_did_not_arrive_is_a_turn_without_text() -> None:
    item = message("b", "user", [{"type": "input_audio", "transcript": None}])
    added = {"type": "conversation.item.added", "item": item, "previous_item_id": "a"}
    assert texts(*spoken("a", previous_item_id=None), added) == user("", "")


def test_speech_that_was_transcribed_as_silence_is_no_turn() -> None:
    events = [*spoken("a"), transcribed("a", " ")]
    assert texts(*events) == []
    assert not realtime_turns.anybody_spoke(events)


def test_speech_that_has_only_started_is_no_turn() -> None:
    assert texts(*spoken("a")[:2]) == []


def test_a_turn_starts_at_the_earliest_time_reported_for_it() -> None:
    events = [*spoken("a", 700), *spoken("a", 500), transcribed("a", "Hola"), answered("t", "¿Qué tal?")]
    assert [turn["started_at_ms"] for turn in turns_in_every_order(*events)] == [500, None]


CANCELLED = {"status": "cancelled", "status_details": {"reason": "turn_detected"}}


@pytest.mark.parametrize(
    "sign",
    [
        {"type": "conversation.item.truncated", "item_id": "t"},
        {"type": "output_audio_buffer.cleared", "response_id": "resp_1"},
        done(**CANCELLED),
        done("another", **CANCELLED, output=[message("t", "assistant", [])]),
    ],
    ids=["truncated", "cleared", "cancelled", "cancelled_output"],
)
def test_each_sign_of_an_interruption_marks_the_turn(sign: Event) -> None:
    events = [*spoken("a", previous_item_id=None), answered("t", "Hola"), answered("u", "Sí", "resp_2")]
    marks = [turn["interrupted"] for turn in turns_in_every_order(*events, sign)]
    assert marks == [False, True, False]


@pytest.mark.parametrize("reason", ["client_cancelled", None, "max_output_tokens"])
def test_a_response_that_ended_otherwise_is_not_interrupted(reason: str | None) -> None:
    ended = done(status="cancelled", status_details={"reason": reason})
    (turn,) = turns_in_every_order(answered("t", "Hola"), ended)
    assert not turn["interrupted"]


def test_only_the_tutor_is_interrupted() -> None:
    ended = done(**CANCELLED, output=[message("a", "user", [])])
    (turn,) = turns_in_every_order(typed_item("a", "Hola"), ended)
    assert not turn["interrupted"]


def test_an_interrupted_turn_has_the_length_of_its_audio_that_was_heard() -> None:
    ends = [{"type": "conversation.item.truncated", "item_id": "t", "audio_end_ms": end} for end in (80, 90)]
    (turn,) = turns_in_every_order(answered("t", "Hola"), *ends)
    assert (turn["interrupted"], turn["audio_end_ms"]) == (True, 90)
    assert realtime_turns.duration_ms(ends) is None


def test_usage_counts_each_response_and_each_item_once() -> None:
    events = [*spoken("a", 100, 1600), *spoken("a", 100, 1600), *spoken("b", 2000, 2500)]
    events += [done("r", **used(10, 30, 20)), done("r", **used(10, 30, 20)), done("s", **used(5, 6, 0))]
    seconds = {"input_audio_seconds": 2.0, "output_audio_seconds": 1.0}
    assert usage_of(events) == {**seconds, "input_tokens": 15, "output_tokens": 36}


def test_different_reports_of_usage_count_as_their_largest_numbers() -> None:
    events = [done("r", **used(10, 30, 20)), done("r", **used(11, 1, 1)), done("r", **used("x", -1, 2**31))]
    assert usage_of(events) == usage_of(events[::-1])
    assert (usage_of(events)["input_tokens"], usage_of(events)["output_tokens"]) == (11, 30)


def test_the_longest_reported_speech_of_an_item_counts() -> None:
    events = [*spoken("a", 400, 900), *spoken("a", 500, 800), *spoken("b", 900, 100)]
    assert usage_of(events)["input_audio_seconds"] == usage_of(events[::-1])["input_audio_seconds"] == 0.5


def test_nothing_is_known_without_events() -> None:
    assert (turns_of([]), last_item_id([])) == ([], None)
    assert not realtime_turns.anybody_spoke([])
    assert realtime_turns.duration_ms([]) is None
    assert set(usage_of([]).values()) == {0}


# -------------------------------------------------------------------------------- malformed values


def test_texts_that_postgresql_cannot_store_are_replaced_by_a_sign() -> None:
    (turn,) = turns_in_every_order(transcribed("a\x00", "Ho\x00la \ud83d 😀"))
    assert (turn["item_id"], turn["text"]) == ("a\ufffd", "Ho\ufffdla \ufffd 😀")


def test_long_texts_are_kept_whole() -> None:
    assert texts(transcribed("a", "é" * 200_000)) == user("é" * 200_000)


@pytest.mark.parametrize("start", [-1, 2**31, 1e400, float("nan"), "5", True, None, [1]])
def test_impossible_times_are_unknown(start: Any) -> None:
    (turn,) = turns_in_every_order(*spoken("a", start))
    assert turn["started_at_ms"] is None


@pytest.mark.parametrize(("start", "known"), [(0, 0), (0.9, 0), (1700.5, 1700), (2**31 - 1, 2**31 - 1)])
def test_possible_times_are_whole_milliseconds(start: float, known: int) -> None:
    (turn,) = turns_in_every_order(*spoken("a", start))
    assert turn["started_at_ms"] == known


def test_an_id_has_up_to_200_characters_and_an_item_up_to_16_parts() -> None:
    content = [{"transcript": str(index)} for index in range(17)]
    event = {"type": "conversation.item.done", "item": message("x" * 200, "user", content)}
    assert texts(event) == user(" ".join(map(str, range(16))))


@pytest.mark.parametrize("kind", ["response.output_text.delta", "unknown", None, [], 5])
def test_events_that_make_no_turns_are_not_kept(kind: Any) -> None:
    assert kept({"type": kind, "item_id": "a", "text": "Hola"}) is None


def test_a_message_without_a_role_does_not_hide_the_role_of_its_transcription() -> None:
    item = {"id": "a", "type": "message", "content": [{"transcript": "Hol"}]}
    assert texts({"type": "conversation.item.done", "item": item}, transcribed("a", "Hola")) == user("Hola")


@pytest.mark.parametrize("item_id", ["", "x" * 201, 5, None, ["a"], {}])
def test_events_without_a_valid_id_are_left_out(item_id: Any) -> None:
    assert texts(transcribed(item_id, "Hola"), typed_item(item_id, "Hola")) == []


@pytest.mark.parametrize("content", [5, "Hola", {"text": "Hola"}, [[], 5, None, "Hola"]])
def test_malformed_content_has_no_text(content: Any) -> None:
    item = message("a", "user", content)
    assert texts({"type": "conversation.item.done", "item": item}) == []
    assert texts(answered("t", "Hola"), done(**CANCELLED, output=content)) == [("assistant", "Hola")]
