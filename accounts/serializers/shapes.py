"""The OpenAPI schemas of JSON columns: transcriptions, feedback and usage. Unknown keys are allowed."""

from typing import Any

from accounts.models.feedback import FEEDBACK_SCHEMA, TEXT_KEYS, TEXT_LIST_KEYS

TEXT = {"type": "string"}
COUNT = {"type": "integer", "minimum": 0}
SECONDS = {"type": "number", "minimum": 0}
SCORE = {"type": ["number", "null"], "minimum": 0, "maximum": 100}


def open_object(properties: dict[str, Any], required: tuple[str, ...] = (), text: str = "") -> dict[str, Any]:
    """The schema of an object with these properties, and any others."""
    schema = {"type": "object", "properties": properties, "additionalProperties": True}
    if required:
        schema["required"] = list(required)
    return {**schema, "description": text} if text else schema


CONTENT = {
    "anyOf": [
        TEXT,
        {"type": "array", "items": {"anyOf": [TEXT, {"type": "object", "additionalProperties": True}]}},
        {"type": "null"},
    ],
    "description": "As OpenAI writes it: a text, a list of parts, or null.",
}


def turns(label: str, text: str) -> dict[str, Any]:
    """The schema of a list of turns, each with a label and ``text``, or with OpenAI's ``content``."""
    spoken = open_object({label: TEXT, "text": TEXT}, (label, "text"))
    from_openai = open_object({label: TEXT, "content": CONTENT}, (label, "content"))
    return {"type": "array", "items": {"anyOf": [spoken, from_openai]}, "description": text}


TRANSCRIPTION = {
    "anyOf": [
        {"type": "string", "minLength": 1},
        open_object({"messages": turns("role", "Turns of a chat.")}, ("messages",)),
        open_object({"segments": turns("speaker", "Turns of a recording.")}, ("segments",)),
        open_object({"full_text": TEXT}, ("full_text",)),
    ],
    "description": "A text, or an object with `messages`, `segments` or `full_text`. Returned as sent.",
}
FEEDBACK = {
    **open_object(
        {
            "grammar_score": SCORE,
            "pronunciation_score": SCORE,
            **dict.fromkeys(TEXT_KEYS, TEXT),
            **{key: {"type": "array", "items": TEXT} for key in TEXT_LIST_KEYS},
        },
        text="Feedback on a conversation. Each key that ends in `_score` is a number from 0 to 100.",
    ),
    "patternProperties": {"_score$": SCORE},
}
GENERATED_FEEDBACK = open_object(
    {**FEEDBACK_SCHEMA["properties"], "pronunciation_note": TEXT},
    (*FEEDBACK_SCHEMA["required"], "pronunciation_note"),
    "The AI's feedback.",
)
REPORTED_USAGE = open_object(
    {
        "input_audio_seconds": SECONDS,
        "output_audio_seconds": SECONDS,
        "input_tokens": COUNT,
        "output_tokens": COUNT,
    },
    ("input_audio_seconds", "output_audio_seconds", "input_tokens", "output_tokens"),
    "What OpenAI reported to the browser about a voice session.",
)
