"""Practice by typing in the simulator's Realtime sessions: items and responses."""

from typing import Any

import pytest

from standins.tests.fixtures.tutor import OpenTutor, secret

BEGUN = [
    "response.created",
    "response.output_item.added",
    "conversation.item.added",
    "response.content_part.added",
]
ENDED = [
    "response.content_part.done",
    "conversation.item.done",
    "response.output_item.done",
    "response.done",
]


def kinds(events: list[dict[str, Any]]) -> list[str]:
    """The types of events, without repetitions in a row."""
    all_kinds = [event["type"] for event in events]
    return [kind for before, kind in zip([None, *all_kinds], all_kinds, strict=False) if kind != before]


@pytest.mark.parametrize(
    ("modality", "stream", "field"),
    [("text", "output_text", "text"), ("audio", "output_audio_transcript", "transcript")],
)
def test_turn_has_the_events_of_openai_in_order(
    open_tutor: OpenTutor, modality: str, stream: str, field: str
) -> None:
    tutor = open_tutor()
    added = tutor.type("Ayer fui al mercado.")
    assert kinds(added) == ["conversation.item.added", "conversation.item.done"]
    assert [event["previous_item_id"] for event in added] == [None, None]
    tutor.send("response.create", response={"output_modalities": [modality], "metadata": {"turn": "1"}})
    events = tutor.until("response.done")
    assert kinds(events) == [*BEGUN, f"response.{stream}.delta", f"response.{stream}.done", *ENDED]

    by_kind = {event["type"]: event for event in events}
    deltas = [event["delta"] for event in events if event["type"].endswith(".delta")]
    said = by_kind[f"response.{stream}.done"][field]
    assert len(deltas) > 3 and "".join(deltas) == said
    assert said.startswith("Simulated: You said “Ayer fui al mercado”.")
    learners, tutors = added[0]["item"]["id"], by_kind["response.output_item.added"]["item"]["id"]
    assert by_kind["conversation.item.added"]["previous_item_id"] == learners
    assert by_kind["conversation.item.added"]["item"]["status"] == "in_progress"
    assert by_kind["conversation.item.done"]["previous_item_id"] == learners
    done = by_kind["response.done"]["response"]
    assert done["status"] == "completed" and done["metadata"] == {"turn": "1"}
    assert done["output"] == [by_kind["conversation.item.done"]["item"]]
    assert done["output"][0]["content"] == [{"type": f"output_{modality}", field: said}]
    assert {event["item_id"] for event in events if "item_id" in event} == {tutors}
    assert {event["response_id"] for event in events if "response_id" in event} == {done["id"]}
    assert tutor.type("Compré pan.")[0]["previous_item_id"] == tutors


def test_modality_is_the_sessions_unless_the_response_has_its_own(
    openai_url: str, open_tutor: OpenTutor
) -> None:
    tutor = open_tutor()
    tutor.send("response.create")
    assert tutor.until("response.done")[-1]["response"]["output_modalities"] == ["audio"]
    bearer = {"Authorization": f"Bearer {secret(openai_url, output_modalities=['text'])}"}
    tutor = open_tutor(query="", additional_headers=bearer)
    tutor.send("response.create")
    assert tutor.until("response.done")[-1]["response"]["output_modalities"] == ["text"]


def test_equal_turns_have_equal_answers(open_tutor: OpenTutor) -> None:
    answers = []
    for _ in range(2):
        tutor = open_tutor()
        answers.append([tutor.answer()])
        for text in ("Ayer fui al mercado.", "昨日、市場に行きました。", "Ayer fui al mercado."):
            tutor.type(text)
            answers[-1].append(tutor.answer())
    assert answers[0] == answers[1]
    assert answers[0][1] == answers[0][3] != answers[0][2]
    assert answers[0][0] == "Simulated: Hello! What would you like to talk about?"
    assert "“昨日、市場に行きました”" in answers[0][2]


def test_long_turn_is_quoted_in_part(open_tutor: OpenTutor) -> None:
    tutor = open_tutor()
    tutor.type("palabra " * 100_000)
    assert len(tutor.answer()) < 200


def test_sockets_have_separate_conversations(open_tutor: OpenTutor) -> None:
    tutors = [open_tutor() for _ in range(30)]
    for number, tutor in enumerate(tutors):
        tutor.type(f"I am number {number}", item={"id": "item_mine"})
        tutor.send("response.create")
    for number, tutor in enumerate(tutors):
        item = tutor.until("response.done")[-1]["response"]["output"][0]
        assert f"“I am number {number}”" in item["content"][0]["transcript"]


def test_second_response_is_refused_during_the_first(open_tutor: OpenTutor) -> None:
    tutor = open_tutor()
    tutor.send("response.create")
    tutor.send("response.create", event_id="mine")
    error = tutor.until("error")[-1]["error"]
    assert (error["code"], error["event_id"]) == ("conversation_already_has_active_response", "mine")
    assert tutor.until("response.done")[-1]["response"]["status"] == "completed"
    tutor.answer()


def test_response_outside_of_the_conversation_adds_no_item(open_tutor: OpenTutor) -> None:
    tutor = open_tutor()
    learners = tutor.type("Ayer fui al mercado.")[0]["item"]["id"]
    tutor.send("response.create", response={"conversation": "none", "output_modalities": ["text"]})
    tutor.send("response.create", response={"output_modalities": ["text"]})  # at the same time
    events = [*tutor.until("response.done"), *tutor.until("response.done")]
    done = {
        event["response"]["conversation_id"]: event for event in events if event["type"] == "response.done"
    }
    aside = done.pop(None)["response"]
    assert aside["output"][0]["content"][0]["text"] and len(done) == 1
    added = [event for event in events if event["type"].startswith("conversation.item.")]
    assert {event["item"]["id"] for event in added}.isdisjoint({aside["output"][0]["id"]})
    assert {event["previous_item_id"] for event in added} == {learners}
