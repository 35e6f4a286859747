"""POST /v1/responses with a strict JSON schema: feedback made from the learner's own turns."""

import json
import time
from typing import Any

from openai.types.responses import Response
from openai.types.responses.response_create_params import ResponseCreateParamsNonStreaming
from pydantic import TypeAdapter

from standins.openai import feedback
from standins.openai.calls import Call, Refused, new_id

PARAMETERS: TypeAdapter[Any] = TypeAdapter(ResponseCreateParamsNonStreaming)


def create(call: Call) -> Response:
    """The answer to a request for feedback."""
    body = call.checked(PARAMETERS)
    wanted = body.get("text", {}).get("format", {})
    if wanted.get("type") != "json_schema" or not wanted.get("strict"):
        raise Refused(400, "invalid_value", "The simulator answers by a strict JSON schema alone.")
    check_strict(wanted["schema"])
    return response(body["model"], output_text(json.dumps(feedback.feedback_on(body["input"]))))


def check_strict(schema: dict[str, Any], path: str = "") -> None:
    """Raises what OpenAI raises when a schema cannot be followed strictly.

    Source: developers.openai.com/api/docs/guides/structured-outputs, "Supported schemas".
    """
    if "properties" in schema:
        listed = set(schema["properties"]) == set(schema.get("required", []))
        if schema.get("additionalProperties") is not False or not listed:
            message = "Invalid schema: every property must be required and no other allowed"
            raise Refused(400, "invalid_json_schema", f"{message}, in context {path or '()'}.")
    inner = {**schema.get("properties", {}), **({"[]": schema["items"]} if "items" in schema else {})}
    for name, each in inner.items():
        check_strict(each, f"{path}.{name}")


def output_text(text: str) -> dict[str, Any]:
    """What the model says, as a part of a message."""
    return {"type": "output_text", "text": text, "annotations": []}


def refusal_text(text: str) -> dict[str, Any]:
    """What the model says when it declines, as a part of a message."""
    return {"type": "refusal", "refusal": text}


def response(model: str, *parts: dict[str, Any], **changes: Any) -> Response:
    """A finished response with one message; ``changes`` make it another."""
    message = {
        "id": new_id("msg"),
        "type": "message",
        "role": "assistant",
        "status": "completed",
        "content": list(parts),
    }
    return Response.model_validate(
        {
            "id": new_id("resp"),
            "object": "response",
            "created_at": time.time(),
            "status": "completed",
            "model": model,
            "output": [message],
            "parallel_tool_calls": True,
            "tool_choice": "auto",
            "tools": [],
            **changes,
        }
    )
