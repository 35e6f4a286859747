"""The transcription of the learner's speech, which OpenAI makes beside the conversation."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from standins.openai.usage import HEARD_MS_PER_TOKEN, text_tokens

KIND = "conversation.item.input_audio_transcription"


def settings_of(session: Mapping[str, Any]) -> Mapping[str, Any]:
    """The ``transcription`` of a session; empty if the session has none."""
    given = (session.get("audio") or {}).get("input") or {}
    return given.get("transcription") or {}


async def run(
    send: Callable[..., Awaitable[None]],
    settings: Mapping[str, Any],
    item_id: str,
    text: str,
    milliseconds: int,
    fails: bool,
) -> None:
    """Sends the transcription of one item, or its failure."""
    of_part = {"item_id": item_id, "content_index": 0}
    if fails:
        message = f"Input transcription failed for item '{item_id}'."
        error = {"type": "server_error", "code": None, "message": message, "param": None}
        await send(f"{KIND}.failed", **of_part, error=error)
        return
    await send(f"{KIND}.delta", **of_part, delta=text)
    model = settings.get("model", "")
    detected: dict[str, Any] = {}
    if model == "gpt-transcribe":  # the only model that returns languages
        detected = {"languages": [{"code": code} for code in settings.get("languages", [])[:1]]}
    await send(
        f"{KIND}.completed", **of_part, transcript=text, usage=_usage(model, text, milliseconds), **detected
    )


def _usage(model: str, text: str, milliseconds: int) -> dict[str, Any]:
    """OpenAI bills the older models by tokens, and the newer ones by the duration."""
    if not model.startswith("gpt-4o"):
        return {"type": "duration", "seconds": milliseconds / 1000}
    heard, written = milliseconds // HEARD_MS_PER_TOKEN, text_tokens(text)
    details = {"audio_tokens": heard, "text_tokens": 0}
    tokens = {"input_tokens": heard, "output_tokens": written, "total_tokens": heard + written}
    return {"type": "tokens", **tokens, "input_token_details": details}
