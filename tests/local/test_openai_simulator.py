"""The simulator's Realtime API, through raw WebSockets and the official package."""

import asyncio
import base64
import json
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import requests
import uvicorn
from openai import OpenAI
from openai.types.realtime import RealtimeServerEvent
from pydantic import TypeAdapter
from websockets.asyncio.client import connect as connect_async
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection, connect

from linguaflex.local import openai_simulator
from linguaflex.local.openai_simulator.app import create_app

PATIENCE = 5
MODEL = "gpt-realtime-2.1"
KEY = {"Authorization": "Bearer sk-of-the-tests"}
SERVER_EVENT: TypeAdapter[Any] = TypeAdapter(RealtimeServerEvent)
SPEECH = base64.b64encode(bytes(9600)).decode()  # 200 ms

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


class Tutor:
    """A client's side of a socket, event by event."""

    def __init__(self, connection: ClientConnection) -> None:
        self.connection = connection

    def send(self, kind: str, **fields: Any) -> None:
        self.connection.send(json.dumps({"type": kind, **fields}))

    def receive(self) -> dict[str, Any]:
        event = json.loads(self.connection.recv(timeout=PATIENCE))
        SERVER_EVENT.validate_python(event)
        return dict(event)

    def until(self, kind: str) -> list[dict[str, Any]]:
        """The events up to the first of that kind."""
        events = [self.receive()]
        while events[-1]["type"] != kind:
            events.append(self.receive())
        return events

    def ask(self, kind: str, **fields: Any) -> dict[str, Any]:
        """The one event that answers."""
        self.send(kind, **fields)
        return self.receive()

    def error(self, kind: str, **fields: Any) -> dict[str, Any]:
        """The error that answers."""
        event = self.ask(kind, **fields)
        assert event["type"] == "error", event
        return dict(event["error"])

    def type(self, text: str, **fields: Any) -> list[dict[str, Any]]:
        """The learner writes: added and done."""
        item = {"type": "message", "role": "user", "content": [{"type": "input_text", "text": text}]}
        self.send("conversation.item.create", item={**item, **fields.pop("item", {})}, **fields)
        return [self.receive(), self.receive()]

    def answer(self, **response: Any) -> str:
        """What the tutor says."""
        self.send("response.create", response=response)
        part = self.until("response.done")[-1]["response"]["output"][0]["content"][0]
        return str(part.get("text", part.get("transcript")))


OpenTutor = Callable[..., Tutor]


@pytest.fixture
def base_url(simulator: Any, settings: Any) -> str:
    return str(settings.OPENAI_BASE_URL)


@pytest.fixture
def open_tutor(base_url: str) -> Iterator[OpenTutor]:
    """Opens sockets; all but refused ones have said that the session is created."""
    opened: list[ClientConnection] = []

    def open(*, greeted: bool = True, query: str = f"?model={MODEL}", **options: Any) -> Tutor:
        address = base_url.replace("http", "ws", 1) + "/realtime" + query
        opened.append(connect(address, **{"additional_headers": KEY, **options}))
        tutor = Tutor(opened[-1])
        if greeted:
            assert tutor.receive()["type"] == "session.created"
        return tutor

    yield open
    for connection in opened:
        connection.close()


def secret(base_url: str, **session: Any) -> str:
    """A client secret for a session."""
    body = {"session": {"type": "realtime", "model": MODEL, **session}}
    answer = requests.post(f"{base_url}/realtime/client_secrets", json=body, headers=KEY, timeout=PATIENCE)
    return str(answer.json()["value"])


def kinds(events: list[dict[str, Any]]) -> list[str]:
    """The types of events, those in a row once."""
    all_kinds = [event["type"] for event in events]
    return [kind for before, kind in zip([None, *all_kinds], all_kinds, strict=False) if kind != before]


# ------------------------------------------------------------------------------------ entry


def test_secret_begins_its_session(base_url: str, open_tutor: OpenTutor) -> None:
    value = secret(base_url, instructions="Speak Spanish.", output_modalities=["text"])
    bearer = {"Authorization": f"Bearer {value}"}
    first = open_tutor(query="", greeted=False, additional_headers=bearer).receive()["session"]
    second = open_tutor(query="", greeted=False, additional_headers=bearer).receive()["session"]
    told = {"model": MODEL, "instructions": "Speak Spanish.", "output_modalities": ["text"]}
    assert first.items() >= told.items() and second.items() >= told.items()
    assert first["id"] != second["id"]


def test_browser_shows_its_secret_as_a_subprotocol(base_url: str, open_tutor: OpenTutor) -> None:
    offered = ["realtime", f"openai-insecure-api-key.{secret(base_url)}"]
    tutor = open_tutor(query="", additional_headers={}, subprotocols=offered)
    assert tutor.connection.subprotocol == "realtime"


@pytest.mark.parametrize(
    "options",
    [
        {"additional_headers": {}},
        {"additional_headers": {"Authorization": "Bearer ek_unknown"}},
        {"additional_headers": {"Authorization": "Basic sk-of-the-tests"}},
        {"additional_headers": {}, "subprotocols": ["realtime"]},
        {"additional_headers": {}, "subprotocols": ["realtime", "openai-insecure-api-key.ek_unknown"]},
    ],
)
def test_unknown_key_is_told_and_closed(open_tutor: OpenTutor, options: dict[str, Any]) -> None:
    expect_refusal(open_tutor(greeted=False, **options), "invalid_api_key", 3000)


def test_expired_secret_is_told_and_closed(base_url: str, open_tutor: OpenTutor, simulator: Any) -> None:
    value = secret(base_url)
    bearer = {"Authorization": f"Bearer {value}"}
    open_tutor(additional_headers=bearer)
    simulator.secrets.add(value, time.time() - 1, {"type": "realtime", "model": MODEL})
    expect_refusal(open_tutor(greeted=False, additional_headers=bearer), "invalid_api_key", 3000)


def test_key_without_a_model_is_told_and_closed(open_tutor: OpenTutor) -> None:
    expect_refusal(open_tutor(greeted=False, query=""), "missing_model", 4000)


def expect_refusal(tutor: Tutor, code: str, close_code: int) -> None:
    assert tutor.receive()["error"]["code"] == code
    with pytest.raises(ConnectionClosed) as closed:
        tutor.receive()
    end = closed.value.rcvd
    assert end is not None and (end.code, end.reason) == (close_code, f"invalid_request_error.{code}")


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


def test_answer_can_be_cancelled(open_tutor: OpenTutor) -> None:
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
    committed = tutor.ask("input_audio_buffer.commit")
    assert (committed["type"], committed["previous_item_id"]) == ("input_audio_buffer.committed", None)
    added, done = tutor.receive(), tutor.receive()
    assert [added["type"], done["type"]] == ["conversation.item.added", "conversation.item.done"]
    assert added["item"]["id"] == done["item"]["id"] == committed["item_id"]
    tutor.send("response.create")
    assert tutor.receive()["type"] == "response.created"
    heard = tutor.until("conversation.item.input_audio_transcription.completed")[-1]
    assert (heard["item_id"], heard["transcript"]) == (committed["item_id"], "(simulated transcription)")
    assert heard["usage"] == {"type": "duration", "seconds": 0.2}
    item = tutor.until("response.done")[-1]["response"]["output"][0]
    assert item["content"][0]["transcript"].startswith("Simulated: I heard you")
    kept = tutor.ask("conversation.item.retrieve", item_id=committed["item_id"])["item"]
    assert kept["content"] == [{"type": "input_audio", "transcript": "(simulated transcription)"}]


def test_speech_is_transcribed_only_where_the_session_says_so(open_tutor: OpenTutor) -> None:
    tutor = open_tutor()
    tutor.send("input_audio_buffer.append", audio=SPEECH)
    assert tutor.ask("input_audio_buffer.clear")["type"] == "input_audio_buffer.cleared"
    assert tutor.error("input_audio_buffer.commit")["code"] == "input_audio_buffer_commit_empty"
    tutor.send("input_audio_buffer.append", audio=SPEECH)
    tutor.send("input_audio_buffer.commit")
    tutor.until("conversation.item.done")
    with pytest.raises(TimeoutError):
        tutor.connection.recv(timeout=1)


# ------------------------------------------------------------------------------------- session


def test_update_leaves_alone_what_it_does_not_name(base_url: str, open_tutor: OpenTutor) -> None:
    audio = {"input": {"transcription": {"model": "gpt-transcribe"}}, "output": {"voice": "marin"}}
    bearer = {"Authorization": f"Bearer {secret(base_url, instructions='Speak Spanish.', audio=audio)}"}
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


# ------------------------------------------------------------------------------------- wrong


@pytest.mark.parametrize(
    ("frame", "code"),
    [
        ("", "invalid_json"),
        ("[]", "invalid_json"),
        ('{"type": "response.create", "a": NaN}', "invalid_json"),
        ('{"type": "\\ud800"}', "invalid_json"),
        ("[" * 100_000, "invalid_json"),
        (b'{"type": "response.create"}', "invalid_event"),
        ("{}", "invalid_value"),
        ('{"type": 5}', "invalid_value"),
        (json.dumps({"type": "x" * 900_000}), "invalid_value"),
        ('{"type": "response.speak"}', "invalid_value"),
        ('{"type": "output_audio_buffer.clear"}', "invalid_value"),
        ('{"type": "response.create", "event_id": 5}', "invalid_value"),
        ('{"type": "response.create", "loud": true}', "unknown_parameter"),
        ('{"type": "response.create", "response": {"modalities": ["text"]}}', "unknown_parameter"),
        ('{"type": "response.create", "response": {"output_modalities": ["smell"]}}', "invalid_value"),
        (
            '{"type": "response.create", "response": {"output_modalities": ["text", "audio"]}}',
            "invalid_value",
        ),
        ('{"type": "response.create", "response": {"conversation": "none"}}', "invalid_value"),
        (
            '{"type": "conversation.item.create", "item": {"type": "message", "role": "user"}}',
            "invalid_value",
        ),
        (
            '{"type": "conversation.item.create", "item": {"type": "message", "role": "user",'
            ' "content": [{"type": "text", "text": "Hola"}]}}',
            "invalid_value",
        ),
        (
            '{"type": "conversation.item.create", "previous_item_id": "unknown", "item":'
            ' {"type": "message", "role": "user", "content": []}}',
            "item_create_invalid_item_id",
        ),
        ('{"type": "input_audio_buffer.append", "audio": "é"}', "invalid_value"),
        ('{"type": "input_audio_buffer.commit"}', "input_audio_buffer_commit_empty"),
    ],
)
def test_wrong_event_is_answered_by_an_error(open_tutor: OpenTutor, frame: str | bytes, code: str) -> None:
    tutor = open_tutor()
    tutor.connection.send(frame)
    event = tutor.receive()
    assert (event["type"], event["error"]["code"]) == ("error", code), event
    assert len(event["error"]["message"]) <= 500
    assert "Hello" in tutor.answer()  # nothing else has happened


def test_error_names_the_event(open_tutor: OpenTutor) -> None:
    error = open_tutor().error("session.update", event_id="mine", session={"type": "realtime", "tools": 5})
    assert (error["event_id"], error["type"]) == ("mine", "invalid_request_error")
    assert error["param"] == "session.tools"


def test_same_id_twice_is_refused(open_tutor: OpenTutor) -> None:
    tutor = open_tutor()
    tutor.type("Hola", item={"id": "mine"})
    item = {"id": "mine", "type": "message", "role": "user", "content": []}
    assert tutor.error("conversation.item.create", item=item)["param"] == "item.id"


def test_too_long_a_message_ends_the_socket(open_tutor: OpenTutor) -> None:
    tutor = open_tutor()
    tutor.connection.send("x" * 1_100_000)
    with pytest.raises(ConnectionClosed) as closed:
        tutor.receive()
    assert closed.value.rcvd is not None and closed.value.rcvd.code == 1009


# ----------------------------------------------------------------------------- official package


def test_official_client_practises(base_url: str) -> None:
    client = OpenAI(api_key=secret(base_url, output_modalities=["text"]), base_url=base_url)
    with client.realtime.connect(model=MODEL) as connection:
        created = connection.recv()
        assert created.type == "session.created"
        connection.session.update(session={"type": "realtime", "instructions": "Speak Spanish."})
        updated = connection.recv()
        assert updated.type == "session.updated" and updated.session.type == "realtime"
        assert updated.session.instructions == "Speak Spanish."
        content: Any = [{"type": "input_text", "text": "Ayer fui al mercado."}]
        connection.conversation.item.create(item={"type": "message", "role": "user", "content": content})
        connection.response.create()
        said = ""
        for event in connection:
            if event.type == "response.output_text.delta":
                said += event.delta
            elif event.type == "response.done":
                break
    assert said.startswith("Simulated: You said “Ayer fui al mercado”.")


def test_official_client_hears_that_its_secret_is_unknown(base_url: str) -> None:
    client = OpenAI(api_key="ek_unknown", base_url=base_url)
    with client.realtime.connect(model=MODEL) as connection:
        event = connection.recv()
        assert event.type == "error" and event.error.code == "invalid_api_key"


# ------------------------------------------------------------------------------ calls with audio


def test_call_with_audio_says_what_to_do_instead(base_url: str) -> None:
    headers = {"Origin": "http://localhost:5173", "Content-Type": "application/sdp"}

    def call(key: str) -> requests.Response:
        bearer = {"Authorization": f"Bearer {key}"}
        return requests.post(
            f"{base_url}/realtime/calls", "v=0", headers={**headers, **bearer}, timeout=PATIENCE
        )

    answer = call(secret(base_url))
    assert answer.status_code == 501
    assert answer.headers["access-control-allow-origin"] == "*"
    error = answer.json()["error"]
    assert error["code"] == "audio_not_simulated"
    assert "Type instead" in error["message"] and "OPENAI_API_KEY" in error["message"]
    refused = call("ek_unknown")
    assert (refused.status_code, refused.json()["error"]["code"]) == (401, "invalid_api_key")
    assert refused.headers["access-control-allow-origin"] == "*"


def test_page_may_make_calls(base_url: str) -> None:
    asked = {
        "Origin": "http://localhost:5173",
        "Access-Control-Request-Method": "POST",
        "Access-Control-Request-Headers": "authorization,content-type",
    }
    answer = requests.options(f"{base_url}/realtime/calls", headers=asked, timeout=PATIENCE)
    assert answer.status_code == 200
    assert answer.headers["access-control-allow-origin"] == "*"
    assert "POST" in answer.headers["access-control-allow-methods"]
    assert "authorization" in answer.headers["access-control-allow-headers"].lower()


# ------------------------------------------------------------------------------------- the end


def test_sockets_end_with_the_server() -> None:
    before = set(threading.enumerate())
    served, listener = openai_simulator.simulator(), openai_simulator.bind(0)
    served.start(listener)
    address = f"ws://127.0.0.1:{listener.getsockname()[1]}/v1/realtime?model={MODEL}"
    sockets = [connect(address, additional_headers=KEY) for _ in range(20)]
    for each in sockets:
        each.send('{"type": "response.create"}')
    served.stop()
    for each in sockets:
        with pytest.raises(ConnectionClosed):
            while True:
                each.recv(timeout=PATIENCE)
        each.close()
    assert set(threading.enumerate()) <= before


def test_no_task_outlives_its_socket() -> None:
    async def left_behind() -> set[asyncio.Task[Any]]:
        listener = openai_simulator.bind(0)
        server = uvicorn.Server(uvicorn.Config(create_app(), log_config=None))
        serving = asyncio.create_task(server.serve([listener]))
        while not server.started:
            await asyncio.sleep(0.01)
        before = asyncio.all_tasks()
        address = f"ws://127.0.0.1:{listener.getsockname()[1]}/v1/realtime?model={MODEL}"
        async with connect_async(address, additional_headers=KEY) as socket:
            session = {"type": "realtime", "audio": {"input": {"transcription": {"model": "any"}}}}
            for event in (
                {"type": "session.update", "session": session},
                {"type": "input_audio_buffer.append", "audio": SPEECH},
                {"type": "input_audio_buffer.commit"},
                {"type": "response.create"},
            ):
                await socket.send(json.dumps(event))
            while "response.created" not in await socket.recv():
                pass
            assert len(asyncio.all_tasks() - before) >= 3  # the socket, the transcription, the answer
            socket.transport.abort()
        await asyncio.sleep(0.1)
        left = asyncio.all_tasks() - before
        server.should_exit = True
        await serving
        return left

    assert asyncio.run(left_behind()) == set()
