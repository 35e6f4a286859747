"""The configuration of Realtime sessions, validated by the types of the official package."""

from itertools import product
from typing import Any

import pytest
from openai.types.realtime import RealtimeSessionCreateRequestParam
from pydantic import TypeAdapter

from accounts.integrations import realtime_session
from standins.openai import session_rules

SHAPE: TypeAdapter[Any] = TypeAdapter(RealtimeSessionCreateRequestParam)
LEVELS = (None, "A1", "A2", "B1", "B2", "C1", "C2")
NEWER, OLDER = ("gpt-live-transcribe", "gpt-transcribe"), ("gpt-4o-transcribe", "whisper-1")


def config(**changes: Any) -> dict[str, Any]:
    usual = {
        "instructions": "Speak Spanish.",
        "target_code": "es",
        "native_code": "en",
        "level": None,
        "voice": None,
        "speed": None,
        "pause": None,
        "transcription_model": "gpt-live-transcribe",
    }
    return realtime_session.session_config(**usual | changes)


def transcription(**changes: Any) -> dict[str, Any]:
    found: dict[str, Any] = config(**changes)["audio"]["input"]["transcription"]
    return found


def test_session_is_complete(settings: Any) -> None:
    assert config() == {
        "type": "realtime",
        "model": settings.OPENAI_REALTIME_MODEL,
        "output_modalities": ["audio"],
        "instructions": "Speak Spanish.",
        "max_output_tokens": 2048,
        "truncation": {"type": "retention_ratio", "retention_ratio": 0.8},
        "audio": {
            "input": {
                "noise_reduction": {"type": "near_field"},
                "transcription": {"model": "gpt-live-transcribe", "languages": ["es", "en"]},
                "turn_detection": {"type": "semantic_vad", "eagerness": "low"},
            },
            "output": {"voice": "marin", "speed": 1.0},
        },
    }


def test_every_session_has_the_types_of_the_official_package() -> None:
    options = product(
        LEVELS, (None, *realtime_session.VOICES), (None, 0.25, 1.5), (None, "short"), NEWER + OLDER
    )
    for level, voice, speed, pause, model in options:
        made = config(level=level, voice=voice, speed=speed, pause=pause, transcription_model=model)
        assert SHAPE.validate_python(made) == made  # the types drop unknown keys
        session_rules.check(made, refused_models=())


def test_voices_are_the_built_in_ones() -> None:
    for voice in realtime_session.VOICES:
        assert config(voice=voice)["audio"]["output"]["voice"] == voice
    assert set(realtime_session.VOICES) == session_rules.VOICES


def test_beginners_hear_slower_speech_unless_they_choose() -> None:
    speeds = {level: config(level=level)["audio"]["output"]["speed"] for level in LEVELS}
    assert speeds == {None: 1.0, "A1": 0.85, "A2": 0.85, "B1": 1.0, "B2": 1.0, "C1": 1.0, "C2": 1.0}
    assert config(level="A1", speed=1.2)["audio"]["output"]["speed"] == 1.2


def test_pause_depends_on_the_level_unless_the_learner_chooses() -> None:
    def eagerness(**changes: Any) -> str:
        return str(config(**changes)["audio"]["input"]["turn_detection"]["eagerness"])

    usual = [eagerness(level=level) for level in LEVELS]
    assert usual == ["low", "low", "low", "medium", "medium", "high", "high"]
    chosen = [eagerness(level="C1", pause=pause) for pause in ("short", "medium", "long")]
    assert chosen == ["high", "medium", "low"]


@pytest.mark.parametrize("model", NEWER)
@pytest.mark.parametrize(
    ("target", "native", "languages"),
    [
        ("es", "en", ["es", "en"]),
        ("es", "es", ["es"]),
        ("fil", "tl", ["tl"]),
        ("yue", "en", ["en"]),
        ("es", "dothraki", ["es"]),
        ("日本", "elvish", None),
        ("", "", None),
    ],
)
def test_newer_model_gets_both_languages(
    model: str, target: str, native: str, languages: list[str] | None
) -> None:
    expected = {"model": model} | ({"languages": languages} if languages else {})
    assert transcription(transcription_model=model, target_code=target, native_code=native) == expected


@pytest.mark.parametrize("model", OLDER)
@pytest.mark.parametrize(
    ("target", "language"),
    [("es", "es"), ("fil", "tl"), ("eo", None), ("yue", None), ("a", None), ("", None)],
)
def test_older_model_gets_the_target_language_if_it_accepts_it(
    model: str, target: str, language: str | None
) -> None:
    expected = {"model": model} | ({"language": language} if language else {})
    assert transcription(transcription_model=model, target_code=target) == expected
