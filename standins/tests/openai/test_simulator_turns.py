"""Practice by typing: turns, speech, settings and items of the simulator's Realtime sessions."""

from typing import Any

import pytest

from standins.openai import answering, sessions
from standins.tests.fixtures.tutor import SPEECH, OpenTutor, secret

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
    """The types of events, those in a row once."""
    all_kinds = [event["type"] for event in events]
    return [kind for before, kind in zip([None, *all_kinds], all_kinds, strict=False) if kind != before]


# ------------------------------------------------------------------------------------- turns


@pytest.mark.parametrize(
    ("modality", "stream", "field"),
    [("text", "output_text", "text"), ("audio", "output_audio_transcript", "transcript")],
)
def test_turn_has_openais_events_in_order(
    open_tutor: OpenTutor, modality: str, stream: str, field: str
) -> None:
    tutor = open_tutor()
    written = tutor.type("Ayer fui al mercado.")
    assert kinds(written) == ["conversation.item.added", "conversation.item.done"]
    assert [event["previous_item_id"] for event in written] == [None, None]
    tutor.send("response.create", response={"output_modalities": [modality], "metadata": {"turn": "1"}})
    events = tutor.until("response.done")
    assert kinds(events) == [*BEGUN, f"response.{stream}.delta", f"response.{stream}.done", *ENDED]

    by_kind = {event["type"]: event for event in events}
    deltas = [event["delta"] for event in events if event["type"].endswith(".delta")]
    said = by_kind[f"response.{stream}.done"][field]
    assert len(deltas) > 3 and "".join(deltas) == said
    assert said.startswith("Simulated: You said “Ayer fui al mercado”.")
    learners, tutors = written[0]["item"]["id"], by_kind["response.output_item.added"]["item"]["id"]
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


def test_modality_is_the_sessions_unless_the_response_has_its_own(open_tutor: OpenTutor) -> None:
    tutor = open_tutor()
    tutor.send("response.create")
    assert tutor.until("response.done")[-1]["response"]["output_modalities"] == ["audio"]
    updated = tutor.ask("session.update", session={"type": "realtime", "output_modalities": ["text"]})
    assert updated["session"]["output_modalities"] == ["text"]
    tutor.send("response.create")
    assert tutor.until("response.done")[-1]["response"]["output_modalities"] == ["text"]


def test_same_words_have_the_same_answer(open_tutor: OpenTutor) -> None:
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


def test_long_turn_is_repeated_in_part(open_tutor: OpenTutor) -> None:
    tutor = open_tutor()
    tutor.type("palabra " * 100_000)
    assert len(tutor.answer()) < 200


def test_sockets_do_not_see_each_other(open_tutor: OpenTutor) -> None:
    tutors = [open_tutor() for _ in range(30)]
    for number, tutor in enumerate(tutors):
        tutor.type(f"I am number {number}", item={"id": "item_mine"})
        tutor.send("response.create")
    for number, tutor in enumerate(tutors):
        item = tutor.until("response.done")[-1]["response"]["output"][0]
        assert f"“I am number {number}”" in item["content"][0]["transcript"]
    assert tutors[0].ask("conversation.item.delete", item_id="item_mine")["item_id"] == "item_mine"
    assert tutors[1].ask("conversation.item.retrieve", item_id="item_mine")["item"]["id"] == "item_mine"


def test_answer_can_be_cancelled(open_tutor: OpenTutor, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(answering, "SECONDS_A_WORD", 0.1)
    tutor = open_tutor()
    assert tutor.error("response.cancel")["code"] == "response_cancel_not_active"
    tutor.type("Ayer fui al mercado con mi hermana y con mi hermano y compramos pan.")
    tutor.send("response.create")
    tutor.until("response.content_part.added")
    assert tutor.receive()["type"] == "response.output_audio_transcript.delta"
    tutor.send("response.cancel", response_id="resp_other")
    assert tutor.until("error")[-1]["error"]["code"] == "response_cancel_not_active"
    tutor.send("response.cancel")
    events = tutor.until("response.done")
    assert kinds(events)[-5:] == ["response.output_audio_transcript.done", *ENDED]
    response = events[-1]["response"]
    assert response["status"] == "cancelled"
    assert response["status_details"]["reason"] == "client_cancelled"
    assert response["output"][0]["status"] == "incomplete"
    assert "hermano" not in response["output"][0]["content"][0]["transcript"]
    tutor.answer()


def test_second_answer_waits_for_the_first(open_tutor: OpenTutor) -> None:
    tutor = open_tutor()
    tutor.send("response.create")
    tutor.send("response.create", event_id="mine")
    error = tutor.until("error")[-1]["error"]
    assert (error["code"], error["event_id"]) == ("conversation_already_has_active_response", "mine")
    assert tutor.until("response.done")[-1]["response"]["status"] == "completed"
    tutor.answer()


# ------------------------------------------------------------------------------------- speech


def test_transcript_comes_after_the_answer_has_begun(open_tutor: OpenTutor) -> None:
    tutor = open_tutor()
    transcribing = {"input": {"transcription": {"model": "gpt-transcribe"}}}
    tutor.ask("session.update", session={"type": "realtime", "audio": transcribing})
    tutor.send("input_audio_buffer.append", audio=SPEECH)
    tutor.send("input_audio_buffer.commit")
    tutor.send("response.create")
    transcribed = "conversation.item.input_audio_transcription.completed"
    events = tutor.until("response.done", transcribed)
    committed, added, done = events[:3]
    assert [event["type"] for event in events[:4]] == [
        "input_audio_buffer.committed",
        "conversation.item.added",
        "conversation.item.done",
        "response.created",
    ]
    assert committed["previous_item_id"] is None
    assert added["item"]["id"] == done["item"]["id"] == committed["item_id"]
    heard = next(event for event in events if event["type"] == transcribed)
    assert (heard["item_id"], heard["transcript"]) == (committed["item_id"], "(simulated transcription)")
    assert heard["usage"] == {"type": "duration", "seconds": 0.2}
    answer = next(event for event in events if event["type"] == "response.done")["response"]["output"][0]
    assert answer["content"][0]["transcript"].startswith("Simulated: I heard you")
    kept = tutor.ask("conversation.item.retrieve", item_id=committed["item_id"])["item"]
    assert kept["content"] == [{"type": "input_audio", "transcript": "(simulated transcription)"}]


def test_speech_is_transcribed_only_where_the_session_says_so(
    open_tutor: OpenTutor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sessions, "TRANSCRIBING_SECONDS", 0.01)
    tutor = open_tutor()
    tutor.send("input_audio_buffer.append", audio=SPEECH)
    assert tutor.ask("input_audio_buffer.clear")["type"] == "input_audio_buffer.cleared"
    assert tutor.error("input_audio_buffer.commit")["code"] == "input_audio_buffer_commit_empty"
    tutor.send("input_audio_buffer.append", audio=SPEECH)
    tutor.send("input_audio_buffer.commit")
    tutor.until("conversation.item.done")
    assert tutor.error("input_audio_buffer.commit")["code"] == "input_audio_buffer_commit_empty"
    with pytest.raises(TimeoutError):
        tutor.connection.recv(timeout=0.5)


# ------------------------------------------------------------------------------------- session


def test_update_leaves_alone_what_it_does_not_name(openai_url: str, open_tutor: OpenTutor) -> None:
    audio = {"input": {"transcription": {"model": "gpt-transcribe"}}, "output": {"voice": "marin"}}
    bearer = {"Authorization": f"Bearer {secret(openai_url, instructions='Speak Spanish.', audio=audio)}"}
    tutor = open_tutor(query="", additional_headers=bearer)
    changes = {"type": "realtime", "audio": {"input": {"turn_detection": None}}}
    session = tutor.ask("session.update", session=changes)["session"]
    assert session["instructions"] == "Speak Spanish."
    assert session["audio"] == {
        "input": {"transcription": {"model": "gpt-transcribe"}, "turn_detection": None},
        "output": {"voice": "marin"},
    }


@pytest.mark.parametrize(
    "session",
    [
        {"type": "transcription"},
        {"type": "realtime", "model": "gpt-other"},
        {"type": "realtime", "output_modalities": ["text", "audio"]},
        {"type": "realtime", "output_modalities": None},
        {"type": "realtime", "modalities": ["text"]},
        {"type": "realtime", "audio": {"input": {"transcribe": {}}}},
        {"type": "realtime", "max_output_tokens": "many"},
        {},
    ],
)
def test_wrong_update_changes_nothing(open_tutor: OpenTutor, session: dict[str, Any]) -> None:
    tutor = open_tutor()
    before = tutor.ask("session.update", session={"type": "realtime"})["session"]
    tutor.error("session.update", session=session)
    assert tutor.ask("session.update", session={"type": "realtime"})["session"] == before


# ------------------------------------------------------------------------------------- items


def test_items_stand_where_they_are_put(open_tutor: OpenTutor) -> None:
    tutor = open_tutor()
    for name, place, before in (
        ("a", {}, None),
        ("b", {}, "a"),
        ("c", {"previous_item_id": "a"}, "a"),
        ("d", {"previous_item_id": "root"}, None),
        ("e", {}, "b"),
    ):
        assert tutor.type(name, item={"id": name}, **place)[1]["previous_item_id"] == before
    assert "“e”" in tutor.answer()


def test_audio_of_an_item_is_not_shown(open_tutor: OpenTutor) -> None:
    content = [{"type": "input_audio", "audio": SPEECH, "transcript": "Hola"}]
    added = open_tutor().type("", item={"content": content})[0]
    assert added["item"]["content"] == [{"type": "input_audio", "transcript": "Hola"}]


def test_item_is_retrieved_until_it_is_deleted(open_tutor: OpenTutor) -> None:
    tutor = open_tutor()
    item = tutor.type("Hola")[0]["item"]
    assert tutor.ask("conversation.item.retrieve", item_id=item["id"])["item"] == item
    assert tutor.ask("conversation.item.delete", item_id=item["id"])["type"] == "conversation.item.deleted"
    for kind in ("retrieve", "delete"):
        error = tutor.error(f"conversation.item.{kind}", item_id=item["id"])
        assert error["code"] == f"item_{kind}_invalid_item_id"
    assert "Hello" in tutor.answer()


def test_truncated_item_has_no_transcript(open_tutor: OpenTutor) -> None:
    tutor = open_tutor()
    learners = tutor.type("Hola")[0]["item"]["id"]
    tutor.send("response.create")
    item_id = tutor.until("response.done")[-1]["response"]["output"][0]["id"]
    place = {"content_index": 0, "audio_end_ms": 700}
    truncated = tutor.ask("conversation.item.truncate", item_id=item_id, **place)
    assert truncated.items() >= {"item_id": item_id, **place}.items()
    kept = tutor.ask("conversation.item.retrieve", item_id=item_id)["item"]
    assert kept["content"] == [{"type": "output_audio", "transcript": ""}]
    tutor.error("conversation.item.truncate", item_id=learners, **place)
    tutor.error("conversation.item.truncate", item_id=item_id, content_index=-1, audio_end_ms=0)
    tutor.error("conversation.item.truncate", item_id="unknown", **place)
