"""Events of the Realtime API, validated in both directions by the types of the official package."""

import re
from typing import Annotated, Any

import pydantic
from openai.types.realtime import RealtimeClientEvent, RealtimeServerEvent
from pydantic import Field, TypeAdapter, ValidationError
from pydantic_core import from_json

from standins.openai.calls import new_id

# With the discriminator, errors refer to the event of the given type.
CLIENT_EVENT: TypeAdapter[Any] = TypeAdapter(Annotated[RealtimeClientEvent, Field(discriminator="type")])
SERVER_EVENT: TypeAdapter[Any] = TypeAdapter(Annotated[RealtimeServerEvent, Field(discriminator="type")])
MAX_EVENT_ID, MAX_MESSAGE = 512, 500  # characters

Event = dict[str, Any]


class EventError(Exception):
    """A client's mistake, which is sent as an ``error`` event. ``param`` is the path of the field."""

    def __init__(self, code: str, message: str, param: str | None = None) -> None:
        self.code, self.message, self.param = code, message, param


def parsed(frame: str | bytes) -> Event:
    """The JSON object in a client's frame. Raises EventError."""
    if isinstance(frame, bytes):
        raise EventError("invalid_event", "Events are text: binary frames are not supported.")
    try:
        event = from_json(frame, allow_inf_nan=False)
    except ValueError:
        event = None
    if not isinstance(event, dict):
        raise EventError("invalid_json", "Invalid event: it is not a JSON object.")
    return event


def id_of(event: Event) -> str | None:
    """The client's ``event_id``, which error events repeat; None if it is missing or invalid."""
    given = event.get("event_id")
    return given if isinstance(given, str) and len(given) <= MAX_EVENT_ID else None


def validated(event: Event) -> Event:
    """The event. Raises EventError unless it has the fields of an OpenAI event and no others."""
    try:
        read = CLIENT_EVENT.validate_python(event)
    except ValidationError as error:
        first = error.errors()[0]
        path = param(first["loc"][1:]) if first["loc"] else "type"
        raise EventError(
            "invalid_value", f"Invalid value for '{path}': {first['msg']}"[:MAX_MESSAGE], path
        ) from None
    if name := unknown_parameter(read):
        raise EventError(
            "unknown_parameter", f"Unknown parameter: '{name}'."[:MAX_MESSAGE], name[:MAX_MESSAGE]
        )
    return dict(read.model_dump(mode="json", by_alias=True, exclude_unset=True))


def param(location: tuple[str | int, ...]) -> str:
    """The path of a field, without the type names that pydantic inserts."""
    return ".".join(str(part) for part in location if re.fullmatch("[a-z0-9_]+", str(part)))


def unknown_parameter(model: pydantic.BaseModel, path: str = "") -> str | None:
    """The path of the first field, at any depth, that is not in the package's types; None without one."""
    for name in model.model_extra or ():
        return path + name
    for name in model.model_fields_set:
        value = getattr(model, name)
        for each in value if isinstance(value, list) else [value]:
            if isinstance(each, pydantic.BaseModel) and (found := unknown_parameter(each, f"{path}{name}.")):
                return found
    return None


def frame(kind: str, fields: Event) -> str:
    """The frame of a server event. Raises ValidationError if it is not an event of OpenAI."""
    event = SERVER_EVENT.validate_python({"type": kind, "event_id": new_id("event"), **fields})
    return str(event.model_dump_json(by_alias=True, exclude_unset=True))
