"""Broadcasts over HTTP, for those who hold no socket. Answers 202 and nothing else on success."""

from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from standins.supabase.auth.input import is_storable, strict_json
from standins.supabase.realtime import limits
from standins.supabase.realtime.callers import Caller, Refused
from standins.supabase.realtime.gate import DatabaseAway
from standins.supabase.realtime.policies import BROADCAST
from standins.supabase.realtime.protocol import UserBroadcast, dumps
from standins.supabase.realtime.service import Realtime

MAX_MESSAGES = 100


@dataclass(frozen=True)
class Outgoing:
    """One broadcast on its way."""

    topic: str
    private: bool
    broadcast: UserBroadcast


class Invalid(Exception):
    """What is wrong with a request, by field."""

    def __init__(self, errors: dict[str, Any], status: int = HTTPStatus.UNPROCESSABLE_ENTITY) -> None:
        super().__init__(errors)
        self.errors = errors
        self.status = status


async def broadcast(request: Request) -> Response:
    """POST /api/broadcast ``{"messages": [{"topic", "event", "payload", "private"}]}``"""
    return await _answer(request, _batch)


async def broadcast_event(request: Request) -> Response:
    """POST /api/broadcast/{topic}/events/{event}?private=: the body is the payload, JSON or bytes."""
    return await _answer(request, _single)


async def _answer(request: Request, read: Any) -> Response:
    realtime: Realtime = request.app.state.realtime
    try:
        caller = realtime.gate.identify(_token(request), request.scope["api_role"])
        await realtime.gate.check_account(caller)
        outgoing = read(request, await _body(request))
        await _send(realtime, caller, outgoing)
    except DatabaseAway as error:
        return JSONResponse({"error": error.message}, HTTPStatus.SERVICE_UNAVAILABLE)
    except Refused as refusal:
        return JSONResponse({"error": str(refusal)}, HTTPStatus.UNAUTHORIZED)
    except RecursionError:
        return JSONResponse({"errors": {"payload": ["is too deep"]}}, HTTPStatus.UNPROCESSABLE_ENTITY)
    except Invalid as invalid:
        return JSONResponse({"errors": invalid.errors}, invalid.status)
    return Response(status_code=HTTPStatus.ACCEPTED)


async def _send(realtime: Realtime, caller: Caller, outgoing: list[Outgoing]) -> None:
    """To each room; a private one that the caller may not write to gets nothing, as on Supabase."""
    writes: dict[tuple[str, str], bool] = {}
    for each in outgoing:
        question = (each.topic, each.broadcast.event)
        if each.private and question not in writes:
            writes[question] = await realtime.gate.may_write(
                caller, each.topic, BROADCAST, each.broadcast.event
            )
        if not each.private or writes[question]:
            await realtime.relay.broadcast(each.topic, each.broadcast, private=each.private)


def _token(request: Request) -> str:
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    return token.strip() if scheme.lower() == "bearer" else ""


async def _body(request: Request) -> bytes:
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > limits.MAX_FRAME_BYTES:
            message = {"payload": ["is too large"]}
            raise Invalid(message, HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
    return bytes(body)


def _batch(request: Request, body: bytes) -> list[Outgoing]:
    values = _json(body)
    messages = values.get("messages") if isinstance(values, dict) else None
    if not isinstance(messages, list) or not messages:
        raise Invalid({"messages": ["can't be blank"]})
    if len(messages) > MAX_MESSAGES:
        raise Invalid({"messages": [f"at most {MAX_MESSAGES}"]})
    found = [_message(each) for each in messages]
    errors = [each if isinstance(each, dict) else {} for each in found]
    if any(errors):
        raise Invalid({"messages": errors})
    return [each for each in found if isinstance(each, Outgoing)]


def _message(value: Any) -> Outgoing | dict[str, Any]:
    """The broadcast, or what is wrong with it."""
    if not isinstance(value, dict):
        return {"topic": ["can't be blank"]}
    topic: Any = value.get("topic")
    event: Any = value.get("event")
    payload = value.get("payload")
    errors = {
        name: ["is invalid"] for name, text in (("topic", topic), ("event", event)) if not _is_name(text)
    }
    if not isinstance(payload, dict):
        errors["payload"] = ["is invalid"]
    elif len(text := dumps(payload)) > limits.MAX_PAYLOAD_BYTES:
        errors["payload"] = ["is too large"]
    if errors:
        return errors
    return Outgoing(topic, value.get("private") is True, UserBroadcast(event, text.encode()))


def _single(request: Request, body: bytes) -> list[Outgoing]:
    topic, event = request.path_params["topic"], request.path_params["event"]
    if not _is_name(topic) or not _is_name(event):
        raise Invalid({"topic": ["is invalid"]})
    is_json = "application/octet-stream" not in request.headers.get("content-type", "")
    payload = dumps(_json(body)).encode() if is_json else body
    if len(payload) > limits.MAX_PAYLOAD_BYTES:
        raise Invalid({"payload": ["is too large"]}, HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
    private = request.query_params.get("private") == "true"
    return [Outgoing(topic, private, UserBroadcast(event, payload, is_json))]


def _json(body: bytes) -> Any:
    try:
        return strict_json(body)
    except ValueError:
        raise Invalid({"payload": ["is not JSON"]}) from None


def _is_name(value: Any) -> bool:
    return isinstance(value, str) and bool(value) and is_storable(value)
