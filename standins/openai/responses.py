"""POST /v1/responses with a strict JSON schema: feedback on a conversation."""

import json
import time
from typing import Any

from openai.types.responses import Response
from openai.types.responses.response_create_params import ResponseCreateParamsNonStreaming
from pydantic import TypeAdapter

from standins.openai import feedback
from standins.openai.calls import ApiError, Call, new_id

PARAMETERS: TypeAdapter[Any] = TypeAdapter(ResponseCreateParamsNonStreaming)


def create(call: Call) -> Response:
    """Returns feedback on the conversation in ``input``. Raises ApiError."""
    body = call.validated(PARAMETERS)
    text_format = body.get("text", {}).get("format", {})
    if text_format.get("type") != "json_schema" or not text_format.get("strict"):
        raise ApiError(400, "invalid_value", "The simulator supports strict JSON schemas only.")
    check_strict(text_format["schema"])
    return response(body["model"], output_text(json.dumps(feedback.feedback_on(body["input"]))))


def check_strict(schema: dict[str, Any], path: str = "") -> None:
    """Raises ApiError for a schema that OpenAI does not accept as strict.

    Source: developers.openai.com/api/docs/guides/structured-outputs, "Supported schemas".
    """
    if "properties" in schema:
        listed = set(schema["properties"]) == set(schema.get("required", []))
        if schema.get("additionalProperties") is not False or not listed:
            message = "Invalid schema: every property must be required and no other allowed"
            raise ApiError(400, "invalid_json_schema", f"{message}, in context {path or '()'}.")
    inner = {**schema.get("properties", {}), **({"[]": schema["items"]} if "items" in schema else {})}
    for name, each in inner.items():
        check_strict(each, f"{path}.{name}")


def output_text(text: str) -> dict[str, Any]:
    """A text part of a message."""
    return {"type": "output_text", "text": text, "annotations": []}


def refusal_text(text: str) -> dict[str, Any]:
    """A part of a message with the model's refusal to answer."""
    return {"type": "refusal", "refusal": text}


def response(model: str, *parts: dict[str, Any], **changes: Any) -> Response:
    """A completed response with one message; ``changes`` replace its fields."""
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
