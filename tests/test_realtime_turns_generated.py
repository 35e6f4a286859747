"""The turns of generated conversations and of malformed events, in any order, repetition and batches."""

from __future__ import annotations

import json
import random
import re
import time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter

from accounts.values import realtime_turns
from accounts.values.realtime_turns import kept, last_item_id, turns_of, usage_of
from tests.fixtures.realtime_conversations import Event, Generated, shuffled, typed_item

FUNCTIONS = (turns_of, last_item_id, realtime_turns.anybody_spoke, realtime_turns.duration_ms, usage_of)
SEEDS = st.integers(0, 2**32)


def answers(events: list[Any]) -> list[Any]:
    """What each function returns."""
    return [function(events) for function in FUNCTIONS]


def stored(events: list[Any]) -> list[Event]:
    """The kept parts of the events after a round trip through JSON."""
    return [json.loads(json.dumps(found)) for event in events if (found := kept(event))]


# --------------------------------------------------------------------------- generated conversations


@pytest.mark.slow
def test_generated_events_have_the_shapes_of_the_official_package() -> None:
    from openai.types.realtime import RealtimeServerEvent  # takes most of a second to import

    adapter: TypeAdapter[Any] = TypeAdapter(RealtimeServerEvent)
    types = set()
    for seed in range(150):
        for event in Generated(seed).events:
            types.add(type(adapter.validate_python(event)).__name__)
    assert len(types) >= 16


@pytest.mark.slow
@given(SEEDS)
def test_order_repetition_and_batches_make_no_difference(seed: int) -> None:
    made = Generated(seed)
    arrived: list[Event] = []
    order = shuffled(len(made.events), made.random)
    while order:
        batch, order = order[:7], order[7:]
        arrived = stored([*arrived, *(made.events[index] for index in batch)])
    assert turns_of(arrived) == made.turns
    assert usage_of(arrived) == made.usage
    assert answers(arrived) == answers(made.events) == answers(list(map(kept, made.events)))


@pytest.mark.slow
def test_ten_thousand_logs_give_their_turns_and_usage_in_any_order_and_repetition() -> None:
    count = 0
    for seed in range(10_000):
        made = Generated(seed)
        assert turns_of(made.events) == made.turns, f"seed {seed}"
        mixed = [made.events[index] for index in shuffled(len(made.events), made.random)]
        assert turns_of(stored(mixed)) == made.turns, f"seed {seed}"
        assert usage_of(made.events) == made.usage, f"seed {seed}"
        assert realtime_turns.duration_ms(made.events) == (made.clock_ms or None), f"seed {seed}"
        spoke = any(turn["role"] == "user" for turn in made.turns)
        assert realtime_turns.anybody_spoke(made.events) == spoke, f"seed {seed}"
        count += len(made.turns)
    assert count > 30_000


@given(SEEDS)
def test_the_order_makes_no_difference_if_events_are_lost(seed: int) -> None:
    made = Generated(seed)
    events = [event for event in made.events if made.random.random() < 0.6]
    mixed = [events[index] for index in shuffled(len(events), made.random)]
    assert answers(mixed) == answers(events)
    for turn in turns_of(events):
        assert any(turn["text"] in text for text in made.texts)


@given(SEEDS)
def test_a_later_event_removes_no_turn(seed: int) -> None:
    made = Generated(seed)
    made.events = [event for event in made.events if event["type"] != "conversation.item.deleted"]
    known: set[str] = set()
    for count in range(len(made.events)):
        found = {turn["item_id"] for turn in turns_of(made.events[:count]) if turn["text"]}
        assert known <= found
        known = found


# --------------------------------------------------------------------------------------- hostile events

KINDS = sorted({event["type"] for seed in range(60) for event in Generated(seed).events})
IDS = st.sampled_from(["a", "b", "c", "", "x" * 300, "\x00", "\ud800", "resp_1"])
SCALARS = st.none() | st.booleans() | st.integers(-(2**70), 2**70) | st.floats() | st.text(max_size=3) | IDS
NAMES = re.findall(
    r"\w+",
    """id item_id previous_item_id response_id content_index audio_start_ms audio_end_ms transcript text type
    role content item response conversation_id status status_details reason output usage input_tokens
    output_tokens output_token_details audio_tokens""",
)


def objects(values: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    """Objects with the names of OpenAI's events, and values of any type."""
    words = st.sampled_from(["message", "user", "assistant", "cancelled", "turn_detected", "input_audio"])
    return st.dictionaries(st.sampled_from(NAMES), values | words, max_size=6)


VALUES = st.recursive(SCALARS, lambda inner: st.lists(inner, max_size=3) | objects(inner), max_leaves=12)
HOSTILE = st.builds(lambda kind, event: {**event, "type": kind}, st.sampled_from(KINDS), objects(VALUES))


@pytest.mark.slow
@given(st.lists(HOSTILE | VALUES, max_size=8), st.randoms())
def test_malformed_events_raise_nothing_and_have_no_order(events: list[Any], chance: random.Random) -> None:
    found = answers(events)
    assert answers(stored(events)) == found
    json.dumps(found, allow_nan=False, ensure_ascii=False).encode()
    assert "\x00" not in "".join(turn["text"] + turn["item_id"] for turn in found[0])
    chance.shuffle(events)
    assert answers([*events, *events]) == found


def test_kept_does_not_follow_nesting() -> None:
    nested: Any = {}
    for _ in range(100_000):
        nested = {"item": nested, "content": [nested]}
    events = [{"type": "conversation.item.added", **nested}, typed_item("a", "Hola")]
    assert [turn["text"] for turn in turns_of(events)] == ["Hola"]


# ------------------------------------------------------------------------------------------------ speed


@pytest.mark.slow
def test_ten_thousand_turns_are_put_in_order() -> None:
    count = 10_000
    links = [None, *map(str, range(count - 1))]
    events = [
        typed_item(str(number), f"t{number}", previous_item_id=links[number]) for number in range(count)
    ]
    mixed = [events[index] for index in shuffled(count, random.Random(2))]
    assert [turn["text"] for turn in turns_of(mixed)] == [f"t{n}" for n in range(count)]
    assert last_item_id(mixed) == str(count - 1)


def long_log(count: int) -> list[Event]:
    """``count`` kept events of one conversation."""
    made = Generated(0)
    while len(made.events) < 2 * count:  # half are deltas and the like
        made.extend()
    return stored(made.events)[:count]


@pytest.mark.slow
def test_the_time_grows_with_the_events_and_no_faster() -> None:
    def seconds(events: list[Event]) -> float:
        started = time.process_time()
        turns_of(events)
        return time.process_time() - started

    small, large = long_log(2_500), long_log(25_000)
    assert min(seconds(large) for _ in range(3)) < 20 * min(seconds(small) for _ in range(5))
