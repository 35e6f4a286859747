"""The simulator's Realtime API: keys, invalid events, the official client, CORS, shutdown."""

import asyncio
import json
import threading
import time
from typing import Any

import pytest
import requests
import uvicorn
from openai import OpenAI
from websockets.asyncio.client import connect as connect_async
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import connect

from standins.openai import realtime_responses, server
from standins.openai.app import create_app
from standins.openai.server import bind
from standins.tests.fixtures.tutor import KEY, MODEL, PATIENCE, OpenTutor, Tutor, secret

# ------------------------------------------------------------------------------------ keys


def test_secret_opens_sessions_with_its_settings(openai_url: str, open_tutor: OpenTutor) -> None:
    value = secret(openai_url, instructions="Speak Spanish.", output_modalities=["text"])
    bearer = {"Authorization": f"Bearer {value}"}
    first = open_tutor(query="", greeted=False, additional_headers=bearer).receive()["session"]
    second = open_tutor(query="", greeted=False, additional_headers=bearer).receive()["session"]
    settings = {"model": MODEL, "instructions": "Speak Spanish.", "output_modalities": ["text"]}
    assert first.items() >= settings.items() and second.items() >= settings.items()
    assert first["id"] != second["id"]


def test_browser_sends_its_secret_as_a_subprotocol(openai_url: str, open_tutor: OpenTutor) -> None:
    offered = ["realtime", f"openai-insecure-api-key.{secret(openai_url)}"]
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
def test_unknown_key_is_an_error_and_closes_the_socket(
    open_tutor: OpenTutor, options: dict[str, Any]
) -> None:
    expect_refusal(open_tutor(greeted=False, **options), "invalid_api_key", 3000)


def test_expired_secret_is_an_error_and_closes_the_socket(
    openai_url: str, open_tutor: OpenTutor, simulator: Any
) -> None:
    value = secret(openai_url)
    bearer = {"Authorization": f"Bearer {value}"}
    open_tutor(additional_headers=bearer)
    simulator.secrets.add(value, time.time() - 1, {"type": "realtime", "model": MODEL})
    expect_refusal(open_tutor(greeted=False, additional_headers=bearer), "invalid_api_key", 3000)


def test_key_without_a_model_is_an_error_and_closes_the_socket(open_tutor: OpenTutor) -> None:
    expect_refusal(open_tutor(greeted=False, query=""), "missing_model", 4000)


def expect_refusal(tutor: Tutor, code: str, close_code: int) -> None:
    assert tutor.receive()["error"]["code"] == code
    with pytest.raises(ConnectionClosed) as closed:
        tutor.receive()
    end = closed.value.rcvd
    assert end is not None and (end.code, end.reason) == (close_code, f"invalid_request_error.{code}")


# ------------------------------------------------------------------------------------- invalid events


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
        ('{"type": "response.create", "response": {"conversation": "other"}}', "invalid_value"),
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
            '{"type": "conversation.item.create", "previous_item_id": "root", "item":'
            ' {"type": "message", "role": "user", "content": []}}',
            "invalid_value",
        ),
        ('{"type": "input_audio_buffer.commit"}', "invalid_value"),
        ('{"type": "session.update", "session": {"type": "realtime"}}', "invalid_value"),
        ('{"type": "response.cancel"}', "invalid_value"),
    ],
)
def test_invalid_event_causes_only_an_error(open_tutor: OpenTutor, frame: str | bytes, code: str) -> None:
    tutor = open_tutor()
    tutor.connection.send(frame)
    event = tutor.receive()
    assert (event["type"], event["error"]["code"]) == ("error", code), event
    assert len(event["error"]["message"]) <= 500
    assert tutor.type("Hola")[0]["previous_item_id"] is None  # the event added no item
    tutor.answer()  # and started no response


def test_error_names_the_event(open_tutor: OpenTutor) -> None:
    error = open_tutor().error("response.create", event_id="mine", response={"tools": 5})
    assert (error["event_id"], error["type"]) == ("mine", "invalid_request_error")
    assert error["param"] == "response.tools"


def test_used_item_id_is_refused(open_tutor: OpenTutor) -> None:
    tutor = open_tutor()
    tutor.type("Hola", item={"id": "mine"})
    item = {"id": "mine", "type": "message", "role": "user", "content": []}
    assert tutor.error("conversation.item.create", item=item)["param"] == "item.id"


def test_too_long_a_message_closes_the_socket(open_tutor: OpenTutor) -> None:
    tutor = open_tutor()
    tutor.connection.send("x" * 1_100_000)
    with pytest.raises(ConnectionClosed) as closed:
        tutor.receive()
    assert closed.value.rcvd is not None and closed.value.rcvd.code == 1009


# ----------------------------------------------------------------------------- official package


def test_official_client_practises_by_typing(openai_url: str) -> None:
    client = OpenAI(api_key=secret(openai_url, output_modalities=["text"]), base_url=openai_url)
    with client.realtime.connect(model=MODEL) as connection:
        created = connection.recv()
        assert created.type == "session.created"
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


def test_official_client_receives_the_error_of_an_unknown_secret(openai_url: str) -> None:
    client = OpenAI(api_key="ek_unknown", base_url=openai_url)
    with client.realtime.connect(model=MODEL) as connection:
        event = connection.recv()
        assert event.type == "error" and event.error.code == "invalid_api_key"


# ------------------------------------------------------------------------------------------- CORS


def test_cors_allows_calls_from_every_origin(openai_url: str) -> None:
    headers = {
        "Origin": "http://localhost:5173",
        "Access-Control-Request-Method": "POST",
        "Access-Control-Request-Headers": "authorization,content-type",
    }
    answer = requests.options(f"{openai_url}/realtime/calls", headers=headers, timeout=PATIENCE)
    assert answer.status_code == 200
    assert answer.headers["access-control-allow-origin"] == "*"
    assert "POST" in answer.headers["access-control-allow-methods"]
    assert "authorization" in answer.headers["access-control-allow-headers"].lower()


# ------------------------------------------------------------------------------------- shutdown


def test_sockets_close_with_the_server() -> None:
    before = set(threading.enumerate())
    served, listener = server.simulator(), server.bind(0)
    served.start(listener)
    address = f"ws://127.0.0.1:{listener.getsockname()[1]}/v1/realtime?model={MODEL}"
    # A thread for pings would end a little after its socket.
    sockets = [connect(address, additional_headers=KEY, ping_interval=None) for _ in range(20)]
    for each in sockets:
        each.send('{"type": "response.create"}')
    served.stop()
    for each in sockets:
        with pytest.raises(ConnectionClosed):
            while True:
                each.recv(timeout=PATIENCE)
        each.close()
    assert set(threading.enumerate()) <= before


def test_no_task_outlives_its_socket(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(realtime_responses, "SECONDS_PER_WORD", 60)

    async def left_behind() -> set[asyncio.Task[Any]]:
        listener = bind(0)
        server = uvicorn.Server(uvicorn.Config(create_app(), log_config=None))
        serving = asyncio.create_task(server.serve([listener]))
        while not server.started:
            await asyncio.sleep(0.01)
        before = asyncio.all_tasks()
        address = f"ws://127.0.0.1:{listener.getsockname()[1]}/v1/realtime?model={MODEL}"
        async with connect_async(address, additional_headers=KEY) as socket:
            await socket.send('{"type": "response.create"}')
            while "response.created" not in await socket.recv():
                pass
            assert len(asyncio.all_tasks() - before) >= 2  # the socket and the response
            socket.transport.abort()
        for _ in range(PATIENCE * 100):
            left = asyncio.all_tasks() - before
            if not left:
                break
            await asyncio.sleep(0.01)
        server.should_exit = True
        await serving
        return left

    assert asyncio.run(left_behind()) == set()
