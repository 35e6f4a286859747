"""Events of the Realtime API, checked by the official package's types as they come and go."""

import re
from typing import Annotated, Any

import pydantic
from openai.types.realtime import RealtimeClientEvent, RealtimeServerEvent
from pydantic import Field, TypeAdapter, ValidationError
from pydantic_core import from_json

from standins.openai.calls import new_id

# By the discriminator, an error tells of the event that was meant.
CLIENT_EVENT: TypeAdapter[Any] = TypeAdapter(Annotated[RealtimeClientEvent, Field(discriminator="type")])
SERVER_EVENT: TypeAdapter[Any] = TypeAdapter(Annotated[RealtimeServerEvent, Field(discriminator="type")])
MAX_EVENT_ID, MAX_MESSAGE = 512, 500  # characters

Event = dict[str, Any]


class Wrong(Exception):
    """What an ``error`` event tells."""

    def __init__(self, code: str, message: str, param: str | None = None) -> None:
        self.code, self.message, self.param = code, message, param


def parsed(frame: str | bytes) -> Event:
    """The JSON object in a client's frame; raises Wrong."""
    if isinstance(frame, bytes):
        raise Wrong("invalid_event", "Events are text: binary frames are not supported.")
    try:
        event = from_json(frame, allow_inf_nan=False)
    except ValueError:
        event = None
    if not isinstance(event, dict):
        raise Wrong("invalid_json", "Invalid event: it is not a JSON object.")
    return event


def id_of(event: Event) -> str | None:
    """The client's own id of its event, for the error that answers it."""
    given = event.get("event_id")
    return given if isinstance(given, str) and len(given) <= MAX_EVENT_ID else None


def checked(event: Event) -> Event:
    """The event, if it is one that OpenAI knows with nothing else in it; raises Wrong."""
    try:
        read = CLIENT_EVENT.validate_python(event)
    except ValidationError as error:
        wrong = error.errors()[0]
        path = param(wrong["loc"][1:]) if wrong["loc"] else "type"
        raise Wrong(
            "invalid_value", f"Invalid value for '{path}': {wrong['msg']}"[:MAX_MESSAGE], path
        ) from None
    if name := unknown_parameter(read):
        raise Wrong("unknown_parameter", f"Unknown parameter: '{name}'."[:MAX_MESSAGE], name[:MAX_MESSAGE])
    return dict(read.model_dump(mode="json", by_alias=True, exclude_unset=True))


def param(location: tuple[str | int, ...]) -> str:
    """The path to a field, without the names of the types that pydantic puts between."""
    return ".".join(str(part) for part in location if re.fullmatch("[a-z0-9_]+", str(part)))


def unknown_parameter(model: pydantic.BaseModel, path: str = "") -> str | None:
    """The path of a field that the package's types do not know, anywhere in ``model``."""
    for name in model.model_extra or ():
        return path + name
    for name in model.model_fields_set:
        value = getattr(model, name)
        for each in value if isinstance(value, list) else [value]:
            if isinstance(each, pydantic.BaseModel) and (found := unknown_parameter(each, f"{path}{name}.")):
                return found
    return None


def frame(kind: str, fields: Event) -> str:
    """The server's event as it is sent; one that the package's types do not know raises ValidationError."""
    event = SERVER_EVENT.validate_python({"type": kind, "event_id": new_id("event"), **fields})
    return str(event.model_dump_json(by_alias=True, exclude_unset=True))
