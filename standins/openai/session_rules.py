"""What OpenAI accepts as the configuration of a Realtime session, beyond the types of its package.

Source: openai.types.realtime.RealtimeSessionCreateRequestParam and OpenAI's error messages.
"""

from collections.abc import Collection, Iterator, Mapping
from typing import Any

from standins.openai.calls import ApiError

VOICES = {"alloy", "ash", "ballad", "cedar", "coral", "echo", "marin", "sage", "shimmer", "verse"}
MODELS_WITH_LANGUAGES = {"gpt-transcribe", "gpt-live-transcribe"}
MODELS_WITHOUT_TURN_DETECTION = {"gpt-realtime-whisper"}
INPUT = "session.audio.input"


def check(session: Mapping[str, Any], refused_models: Collection[str]) -> None:
    """Raises ApiError for a session that OpenAI refuses, for instance because of its transcription model."""
    if session.get("type") != "realtime":
        raise ApiError(400, "invalid_value", "The simulator supports sessions of type 'realtime' only.")
    given = _section(session, "audio", "input")
    transcription = given.get("transcription") or {}
    problems = [
        *_of_transcription(transcription, refused_models),
        *_of_turn_detection(given, transcription),
        *_of_output(session),
    ]
    for param, message in problems:
        raise ApiError(400, "invalid_value", message, param)


def _of_transcription(given: Mapping[str, Any], refused_models: Collection[str]) -> Iterator[tuple[str, str]]:
    """The refused fields with OpenAI's sentences."""
    model = given.get("model", "")
    if model in refused_models:
        yield f"{INPUT}.transcription.model", f"Invalid value: '{model}'."
    if "languages" in given and "language" in given:
        yield f"{INPUT}.transcription.language", "'language' and 'languages' are mutually exclusive."
    if "languages" in given and model not in MODELS_WITH_LANGUAGES:
        yield f"{INPUT}.transcription.languages", f"'languages' is not supported by the model '{model}'."


def _of_turn_detection(
    given: Mapping[str, Any], transcription: Mapping[str, Any]
) -> Iterator[tuple[str, str]]:
    if given.get("turn_detection") and transcription.get("model") in MODELS_WITHOUT_TURN_DETECTION:
        yield f"{INPUT}.turn_detection", "Turn detection is not supported for this transcription model."


def _of_output(session: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    output = _section(session, "audio", "output")
    voice, tokens = output.get("voice", "alloy"), session.get("max_output_tokens", "inf")
    if isinstance(voice, str) and voice not in VOICES:
        yield "session.audio.output.voice", f"Invalid value: '{voice}'."
    if not 0.25 <= output.get("speed", 1) <= 1.5:
        yield "session.audio.output.speed", "The speed must be from 0.25 to 1.5."
    if tokens != "inf" and not 1 <= tokens <= 4096:
        yield "session.max_output_tokens", "The maximum must be from 1 to 4096, or 'inf'."
    if not 0 <= _section(session, "truncation").get("retention_ratio", 1) <= 1:
        yield "session.truncation.retention_ratio", "The ratio must be from 0 to 1."


def _section(session: Mapping[str, Any], *path: str) -> Mapping[str, Any]:
    """The object at ``path``; an empty one if it is missing or no object."""
    found = session
    for name in path:
        inner = found.get(name)
        found = inner if isinstance(inner, Mapping) else {}
    return found
