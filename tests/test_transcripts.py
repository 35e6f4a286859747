"""Speakers and texts of every form of transcription."""

import unicodedata
from typing import Any

import pytest

from accounts.values.transcripts import Turn, turns_of


def speakers_of(transcription: Any, name: str = "Ana") -> list[tuple[str, str]]:
    return [(turn.speaker[0], turn.text) for turn in turns_of(transcription, learner_name=name)]


@pytest.mark.parametrize(
    ("transcription", "turns"),
    [
        ("User: Hola.\nAI: ¿Qué tal?\nUser: Bien.", [("l", "Hola.\n"), ("t", "¿Qué tal?\n"), ("l", "Bien.")]),
        ("  STUDENT : Hola.\n\nTutor:¿Y tú?", [("l", "Hola.\n\n"), ("t", "¿Y tú?")]),
        ("user:你好\nassistant:你好!", [("l", "你好\n"), ("t", "你好!")]),
        ("Ana: Hola.\nAI: Hola.", [("l", "Hola.\n"), ("t", "Hola.")]),
        ("Hola, ¿qué tal?", [("l", "Hola, ¿qué tal?")]),
        ("Note: a colon is no label.", [("l", "Note: a colon is no label.")]),
        ("AI: Hola.", [("t", "Hola.")]),
        ("ＡＩ：Hola\nＵser: Bien", [("t", "Hola\n"), ("l", "Bien")]),
        ("Tutor: Hola\nYou: Bien\nTutor: ¿Y?", [("t", "Hola\n"), ("l", "Bien\n"), ("t", "¿Y?")]),
        ("AI: Hola\nAna María: Bien", [("t", "Hola\n"), ("l", "Bien")]),
        ("Before.\nUser: Hola.", [("u", "Before.\n"), ("l", "Hola.")]),
        (
            {"messages": [{"role": "user", "text": "Hola."}, {"role": "assistant", "text": "¿Sí?"}]},
            [("l", "Hola."), ("t", "¿Sí?")],
        ),
        (
            {"segments": [{"speaker": "ana ", "text": "Hola."}, {"speaker": "Eva", "text": "¿Sí?"}]},
            [("l", "Hola."), ("u", "¿Sí?")],
        ),
        (
            {"segments": [{"speaker": "speaker_0", "text": "Hola."}, {"speaker": "Tutor", "text": "¿Sí?"}]},
            [("l", "Hola."), ("t", "¿Sí?")],
        ),
        ({"messages": [{"role": "user", "text": " "}], "full_text": "Adiós"}, []),
        ({"messages": [], "full_text": "User: Adiós"}, [("l", "Adiós")]),
        ({"full_text": "Adiós"}, [("l", "Adiós")]),
    ],
)
def test_speakers_are_recognised_in_every_form(transcription: Any, turns: list[tuple[str, str]]) -> None:
    assert speakers_of(transcription) == turns


def test_an_empty_learner_name_does_not_match_an_empty_label() -> None:
    assert turns_of({"segments": [{"speaker": "", "text": "Hola"}]}) == [Turn("learner", "Hola")]
    segments = [{"speaker": "", "text": "Hola"}, {"speaker": "user", "text": "Adiós"}]
    assert [turn.speaker for turn in turns_of({"segments": segments})] == ["unknown", "learner"]


@pytest.mark.parametrize("name", ["Ai", "Coach", " bot "])
def test_a_tutor_label_is_the_tutor_even_if_it_is_the_learners_name(name: str) -> None:
    messages = [{"role": "ai", "text": "Hola"}, {"role": "user", "text": "Bien"}]
    transcription = {"messages": [*messages, {"role": name, "text": "¿Sí?"}]}
    assert speakers_of(transcription, name) == [("t", "Hola"), ("l", "Bien"), ("t", "¿Sí?")]


@pytest.mark.parametrize("name", ["Jean-Pierre", "O'Brien", "अनीता", "José", "Dr. Ana  López", "王小明"])
def test_a_learner_is_recognised_by_any_spelling_of_the_name(name: str) -> None:
    for written in (name, unicodedata.normalize("NFD", name), name.upper(), f" {name} "):
        assert speakers_of(f"AI: Hola\n{written}: Bien\nEva: ¿Y?", name) == [
            ("t", "Hola\n"),
            ("l", "Bien\nEva: ¿Y?"),
        ]
