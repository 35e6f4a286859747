"""The configuration of a Realtime session with a language tutor.

Source: openai.types.realtime.RealtimeSessionCreateRequestParam, and the guides realtime-vad and
realtime-transcription under developers.openai.com/api/docs/guides/
"""

import re
from collections.abc import Iterable
from typing import Any

from django.conf import settings

VOICES = ("alloy", "ash", "ballad", "coral", "echo", "sage", "shimmer", "verse", "marin", "cedar")
DEFAULT_VOICE = "marin"  # OpenAI recommends marin and cedar for the best quality
# Multiples of the voice's own speed.
MIN_SPEED, MAX_SPEED = 0.25, 1.5
DEFAULT_SPEED, BEGINNERS_SPEED = 1.0, 0.85
# How long the tutor lets the learner pause -> OpenAI's eagerness to answer: it waits up to 2, 4 or 8 seconds.
EAGERNESS = {"short": "high", "medium": "medium", "long": "low"}
PAUSES = tuple(EAGERNESS)
# CEFR level -> speed and pause, unless the learner chooses. Beginners search for words.
PACE = {
    "A1": (BEGINNERS_SPEED, "long"),
    "A2": (BEGINNERS_SPEED, "long"),
    "B1": (DEFAULT_SPEED, "medium"),
    "B2": (DEFAULT_SPEED, "medium"),
    "C1": (DEFAULT_SPEED, "short"),
    "C2": (DEFAULT_SPEED, "short"),
}
UNKNOWN_PACE = (DEFAULT_SPEED, "long")
# About 90 seconds of speech at 20 audio tokens a second, with the transcript. The tutor speaks one or two
# sentences at a time; only the summary of an assessment is longer.
MAX_OUTPUT_TOKENS = 2048
# Once the context is full, OpenAI drops the oldest turns at each response, and the cache of prompts is lost
# each time. With a ratio it drops a fifth at once, and then nothing for many turns.
TRUNCATION = {"type": "retention_ratio", "retention_ratio": 0.8}
# These take a list of probable languages. Older models take one language.
MODELS_WITH_LANGUAGES = {"gpt-transcribe", "gpt-live-transcribe"}
ISO_639_1 = re.compile(r"[a-z]{2}")
# The codes that the older models accept. OpenAI refuses a session with any other code; without a code, it
# detects the language. Source: OpenAI's error message for an unknown code.
OLDER_MODELS_LANGUAGES = (
    "af ar az be bg bs ca cs cy da de el en es et fa fi fr gl he hi hr hu hy id is it ja kk kn ko lt lv"
    " mi mk mr ms ne nl no pl pt ro ru sk sl sr sv sw ta th tl tr uk ur vi zh"
)
# Our code of a language -> OpenAI's code. Tagalog and its standard, Filipino, have one code with us.
OTHER_CODES = {"fil": "tl"}


def session_config(
    *,
    instructions: str,
    target_code: str,
    native_code: str,
    level: str | None,
    voice: str | None,
    speed: float | None,
    pause: str | None,
    transcription_model: str,
) -> dict[str, Any]:
    """The ``session`` of a request to OpenAI. A ``voice``, ``speed`` or ``pause`` of None is the default.

    The codes are those of ``values.languages.code_of``; ``level`` is a CEFR level, None if unknown.
    """
    usual_speed, usual_pause = PACE.get(level or "", UNKNOWN_PACE)
    return {
        "type": "realtime",
        "model": settings.OPENAI_REALTIME_MODEL,
        "output_modalities": ["audio"],
        "instructions": instructions,
        "max_output_tokens": MAX_OUTPUT_TOKENS,
        "truncation": TRUNCATION,
        "audio": {
            "input": {
                "noise_reduction": {"type": "near_field"},  # a headset, a phone or a laptop
                "transcription": transcription(transcription_model, (target_code, native_code)),
                "turn_detection": {"type": "semantic_vad", "eagerness": EAGERNESS[pause or usual_pause]},
            },
            "output": {
                "voice": voice or DEFAULT_VOICE,
                "speed": usual_speed if speed is None else speed,
            },
        },
    }


def transcription(model: str, codes: Iterable[str]) -> dict[str, Any]:
    """The transcription by ``model`` of speech in these languages, the most probable one first."""
    known = list(dict.fromkeys(OTHER_CODES.get(code, code) for code in codes))
    if model in MODELS_WITH_LANGUAGES:
        hints = [code for code in known if ISO_639_1.fullmatch(code)]
        return {"model": model, "languages": hints} if hints else {"model": model}
    accepted = known[0] in OLDER_MODELS_LANGUAGES.split()
    return {"model": model, "language": known[0]} if accepted else {"model": model}
