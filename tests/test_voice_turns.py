"""The module that computes the turns of a voice practice from its events, in any order.

The demo page and docs/VOICE_PRACTICE.md share it. Tests run it on generated conversations.
"""

from __future__ import annotations

import json
import random
from pathlib import Path
from typing import Any

import pytest
from pydantic import TypeAdapter

from accounts.values import realtime_turns
from tests.fixtures.documentation import TURNS_MODULE
from tests.fixtures.programs import need, run_node
from tests.fixtures.realtime_conversations import Event, Generated, message, shuffled, transcribed
from tests.fixtures.realtime_conversations import typed_item as typed

CONVERSATIONS, ORDERS = 150, 10
# A case has events and the orders in which they arrive. The result has one entry for each order.
RUN = """
const { cases } = JSON.parse(await import("node:fs").then((fs) => fs.readFileSync(CASES, "utf-8")));
const answers = cases.map(({ events, orders }) => orders.map((order) => {
  const arrived = order.map((index) => events[index]);
  const before = JSON.stringify(arrived);
  const answer = { turns: turnsOf(arrived), outstanding: outstanding(arrived) };
  if (JSON.stringify(arrived) !== before) throw new Error("the events were changed");
  return answer;
}));
console.log(JSON.stringify(answers));
"""


def answers(tmp_path: Path, *cases: tuple[list[Event], list[list[int]]]) -> list[list[Any]]:
    """The module's result for each case in each of its orders."""
    need("node")
    sent = [{"events": events, "orders": orders} for events, orders in cases]
    (tmp_path / "cases.json").write_text(json.dumps({"cases": sent}), encoding="utf-8")
    where = json.dumps(str(tmp_path / "cases.json"))
    return list(
        json.loads(run_node(f"{TURNS_MODULE.read_text(encoding='utf-8')}\n{RUN.replace('CASES', where)}"))
    )


def in_javascript(turns: list[Event]) -> list[Event]:
    """The turns as the JavaScript module gives them: those with a text; interrupted if truncated."""
    found = []
    for turn in turns:
        mark = {"interrupted": True} if "audio_end_ms" in turn else {}
        found.append({"role": turn["role"], "text": turn["text"], **mark})
    return [turn for turn in found if turn["text"]]


def one_answer(tmp_path: Path, *events: Event) -> list[Event]:
    """The turns of a few events, which must be the same in thirty orders."""
    chance = random.Random(0)
    orders = [list(range(len(events))), *(shuffled(len(events), chance) for _ in range(30))]
    (found,) = answers(tmp_path, (list(events), orders))
    assert all(answer == found[0] for answer in found)
    return list(found[0]["turns"])


@pytest.mark.slow
def test_generated_events_have_the_shapes_of_the_official_package() -> None:
    from openai.types.realtime import RealtimeServerEvent  # takes most of a second to import

    adapter: TypeAdapter[Any] = TypeAdapter(RealtimeServerEvent)
    types = set()
    for seed in range(CONVERSATIONS):
        for event in Generated(seed).events:
            types.add(type(adapter.validate_python(event)).__name__)
    assert len(types) >= 16


@pytest.mark.slow
def test_any_order_and_repetition_of_events_gives_the_expected_turns(tmp_path: Path) -> None:
    made = [Generated(seed) for seed in range(CONVERSATIONS)]
    cases = [(each.events, [shuffled(len(each.events), each.random) for _ in range(ORDERS)]) for each in made]
    found = answers(tmp_path, *cases)
    assert sum(map(len, found)) == CONVERSATIONS * ORDERS >= 1000
    assert sum(len(each.turns) for each in made) > 450
    for each, of_each_order in zip(made, found, strict=True):
        for answer in of_each_order:
            expected = {"turns": in_javascript(each.turns), "outstanding": 0}
            assert answer == expected, f"seed {each.seed}"


@pytest.mark.slow
def test_the_order_does_not_matter_if_events_are_lost(tmp_path: Path) -> None:
    chance, cases = random.Random(1), []
    made = [Generated(seed) for seed in range(CONVERSATIONS)]
    for each in made:
        events = chance.sample(each.events, k=chance.randint(1, len(each.events)))
        cases.append((events, [shuffled(len(events), chance) for _ in range(ORDERS)]))
    found = answers(tmp_path, *cases)
    for each, (events, _), (first, *others) in zip(made, cases, found, strict=True):
        assert all(answer == first for answer in others), f"seed {each.seed}"
        assert in_javascript(realtime_turns.turns_of(events)) == first["turns"], f"seed {each.seed}"
        for turn in first["turns"]:
            assert any(turn["text"] in text for text in each.texts), f"seed {each.seed}"


# ------------------------------------------------------------------------------- single rules


def user(*texts: str) -> list[Event]:
    return [{"role": "user", "text": text} for text in texts]


def test_a_transcription_without_its_item_is_a_turn(tmp_path: Path) -> None:
    assert one_answer(tmp_path, transcribed("z", "Hola")) == user("Hola")


def test_a_transcription_without_its_item_precedes_the_item_that_links_to_it(tmp_path: Path) -> None:
    events = [transcribed("z", "first"), typed("a", "second", previous_item_id="z")]
    assert one_answer(tmp_path, *events) == user("first", "second")


def test_parts_of_an_item_are_one_turn_in_their_order(tmp_path: Path) -> None:
    events = [transcribed("a", str(index), index) for index in (10, 2, 0)]
    assert one_answer(tmp_path, *events) == user("0 2 10")


def test_items_with_an_unknown_predecessor_come_last_by_id(tmp_path: Path) -> None:
    events = [
        typed("m", "start", previous_item_id=None),
        typed("b", "loose"),
        typed("c", "of a lost one", previous_item_id="lost"),
        typed("a", "after b", previous_item_id="b"),
    ]
    assert one_answer(tmp_path, *events) == user("start", "loose", "after b", "of a lost one")


@pytest.mark.parametrize("ring", [{"a": "a"}, {"a": "b", "b": "a"}, {"a": "c", "b": "a", "c": "b"}])
def test_cyclic_links_lose_no_turn(tmp_path: Path, ring: dict[str, str]) -> None:
    events = [typed(name, name, previous_item_id=before) for name, before in ring.items()]
    assert one_answer(tmp_path, *events) == user(*sorted(ring))


def test_the_text_of_an_item_does_not_depend_on_the_last_event(tmp_path: Path) -> None:
    in_item = message("a", "user", [{"type": "input_audio", "transcript": "a longer guess"}])
    events = [transcribed("a", "Hola"), transcribed("a", "Hole"), transcribed("a", "")]
    done = {"type": "conversation.item.done", "item": in_item}
    assert one_answer(tmp_path, done, *events) == user("Hole")
    assert one_answer(tmp_path, done) == user("a longer guess")


def test_a_deleted_item_stays_deleted(tmp_path: Path) -> None:
    deleted = {"type": "conversation.item.deleted", "item_id": "a"}
    assert one_answer(tmp_path, typed("a", "no"), deleted, transcribed("a", "no")) == []


def test_a_response_outside_the_conversation_is_no_turn(tmp_path: Path) -> None:
    hint = {"response_id": "aside", "item_id": "h", "content_index": 0}
    begun = message("h", "assistant", [], "in_progress")
    aside = [
        {"type": "response.created", "response": {"id": "aside", "conversation_id": None}},
        {"type": "response.output_item.added", "response_id": "aside", "item": begun},
        {"type": "response.output_text.done", **hint, "text": "Ask for the price."},
    ]
    answered = {"type": "response.output_text.done", "item_id": "t", "content_index": 0, "text": "Hola"}
    inside = {"type": "response.created", "response": {"id": "inside", "conversation_id": "conv_1"}}
    tutor = [{"role": "assistant", "text": "Hola"}]
    assert one_answer(tmp_path, *aside, inside, answered | {"response_id": "inside"}) == tutor


@pytest.mark.slow
def test_ten_thousand_turns_are_put_in_order(tmp_path: Path) -> None:
    count = 10_000
    links = [None, *map(str, range(count - 1))]
    events = [typed(str(number), f"t{number}", previous_item_id=links[number]) for number in range(count)]
    ((found,),) = answers(tmp_path, (events, [shuffled(count, random.Random(2))]))
    assert found["turns"] == user(*(f"t{number}" for number in range(count)))


def test_items_without_text_are_outstanding_until_they_end(tmp_path: Path) -> None:
    failed = {"type": "conversation.item.input_audio_transcription.failed", "item_id": "a"}
    events = [
        {"type": "input_audio_buffer.committed", "item_id": "a", "previous_item_id": None},
        {"type": "response.output_item.added", "item": message("b", "assistant", [], "in_progress")},
        failed,
        {"type": "response.output_item.done", "item": message("b", "assistant", [])},
    ]
    orders = [[], [0], [0, 1], [2, 0, 1], [3, 2, 1, 0]]
    (found,) = answers(tmp_path, (events, orders))
    assert [answer["outstanding"] for answer in found] == [0, 1, 2, 1, 0]
