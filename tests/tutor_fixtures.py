"""Clients of the simulator's Realtime API, who practise with its tutor."""

import base64
import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import requests
from openai.types.realtime import RealtimeServerEvent
from pydantic import TypeAdapter
from websockets.sync.client import ClientConnection, connect

PATIENCE = 5
MODEL = "gpt-realtime-2.1"
KEY = {"Authorization": "Bearer sk-of-the-tests"}
SERVER_EVENT: TypeAdapter[Any] = TypeAdapter(RealtimeServerEvent)
SPEECH = base64.b64encode(bytes(9600)).decode()  # 200 ms


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

    def until(self, *kinds: str) -> list[dict[str, Any]]:
        """The next events, until one of each kind has come."""
        events: list[dict[str, Any]] = []
        while not {event["type"] for event in events}.issuperset(kinds):
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
def openai_url(simulator: Any, settings: Any) -> str:
    return str(settings.OPENAI_BASE_URL)


@pytest.fixture
def open_tutor(openai_url: str) -> Iterator[OpenTutor]:
    """Opens sockets; all but refused ones have said that the session is created."""
    opened: list[ClientConnection] = []

    def open(*, greeted: bool = True, query: str = f"?model={MODEL}", **options: Any) -> Tutor:
        address = openai_url.replace("http", "ws", 1) + "/realtime" + query
        opened.append(connect(address, **{"additional_headers": KEY, **options}))
        tutor = Tutor(opened[-1])
        if greeted:
            assert tutor.receive()["type"] == "session.created"
        return tutor

    yield open
    for connection in opened:
        connection.close()


def secret(openai_url: str, **session: Any) -> str:
    """A client secret for a session."""
    body = {"session": {"type": "realtime", "model": MODEL, **session}}
    answer = requests.post(f"{openai_url}/realtime/client_secrets", json=body, headers=KEY, timeout=PATIENCE)
    return str(answer.json()["value"])
