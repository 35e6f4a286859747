"""Subtitles, the content of OpenAI's messages, the texts of places, and long transcriptions."""

import time
from typing import Any

import pytest

from accounts.values.transcripts import Turn, has_quote, place_of, searched_text, texts_of, turns_of


def speakers_of(transcription: Any) -> list[tuple[str, str]]:
    return [(turn.speaker[0], turn.text) for turn in turns_of(transcription)]


def test_notes_and_styles_of_subtitles_are_left_out() -> None:
    said = (
        "WEBVTT - lesson\r\n\r\nNOTE User: no\r\n\r\nSTYLE\r\n::cue { color: red }\r\n\r\nintro\r\n"
        "00:01.000 --> 00:03.000 align:start\r\n<v Tutor><i>Hola</i>\r\n\r\n00:05.000 --> 00:06.000\r\n"
        "<v User>Bue<00:05.500>nas\r\ntardes"
    )
    assert speakers_of(said) == [("t", "Hola"), ("l", "Buenas\ntardes")]


TIMES = ("00:00:01,000 --> 00:00:03,000", "00:00:05,000 --> 00:00:06,000")


@pytest.mark.parametrize(
    "form",
    [
        "1\n{0}\nTutor: Hola &amp; adi&oacute;s\n2\n{1}\nUser: Bien",
        "{0} Tutor: Hola & adiós\n{1} User: Bien",
        "{0} align:start line:0%\n{{\\an8}}Tutor: Hola & adiós\n\n{1}\n<i>User: Bien</i>",
        "0:00:01.000,0:00:03.000\nTutor: Hola & adiós\n\n0:00:05.000,0:00:06.000\nUser: Bien",
        "WEBVTT\r\r{0}\r<v Tutor>Hola & adiós\r\r{1}\r<v User>Bien",
    ],
)
def test_subtitles_are_read_without_times_and_styles(form: str) -> None:
    assert speakers_of(form.format(*TIMES)) == [("t", "Hola & adiós"), ("l", "Bien")]


@pytest.mark.parametrize(
    ("content", "text"),
    [
        ("Hola", "Hola"),
        ([{"type": "input_text", "text": "Hola"}], "Hola"),
        ([{"type": "input_audio", "transcript": "Hola"}, {"type": "text", "text": "Sí"}], "Hola\nSí"),
        ([{"type": "text", "text": {"value": "Hola"}}, {"type": "image_url"}], "Hola"),
        ([{"type": "audio", "text": "", "transcript": "Hola"}], "Hola"),
        (
            [{"type": "output_audio", "audio": {"transcript": "Hola"}}, {"type": "audio", "audio": "x"}],
            "Hola",
        ),
        ([5, None, "Hola", ["no"]], "Hola"),
        (None, None),
        ([], None),
    ],
)
def test_openai_content_is_text(content: Any, text: str | None) -> None:
    found = turns_of({"messages": [{"role": "user", "content": content}]})
    assert found == ([Turn("learner", text)] if text else [])


def test_the_audio_of_a_message_is_text() -> None:
    message = {"role": "assistant", "content": None, "audio": {"id": "audio_1", "transcript": "Hola"}}
    assert turns_of({"messages": [message]}) == [Turn("tutor", "Hola")]


@pytest.mark.parametrize(
    ("transcription", "texts"),
    [
        *(("a", ["a"]), ({"full_text": "a"}, ["a"]), ({}, [""]), ({"messages": []}, [""])),
        (
            {"messages": [{"role": "user", "text": "a"}], "segments": [{"speaker": "b", "text": "b"}]},
            ["a", "b"],
        ),
    ],
)
def test_each_place_has_a_text(transcription: Any, texts: list[str]) -> None:
    assert texts_of(transcription) == texts
    assert searched_text(transcription) == "\n".join(texts)
    for place, text in enumerate([*texts, "c"]):
        assert has_quote(texts, place, text) == (place < len(texts))
        assert not has_quote(texts, place, "d")


def test_the_first_hundred_thousand_characters_are_searched() -> None:
    assert searched_text(
        {"messages": [{"role": "user", "text": "a" * 99_999}, {"role": "user", "text": "bc"}]}
    ) == ("a" * 99_999 + "\n")


@pytest.mark.parametrize(
    ("transcription", "places"),
    [
        *(("User: a\nAI: b\nUser: c", [0, 0, 0]), ({"full_text": "User: a\nAI: b"}, [0, 0])),
        ({"messages": [{"role": "user", "text": "a"}]}, [0]),
        (
            {"messages": [{"role": role, "text": role.strip()} for role in ("user", " ", "ai", "user")]},
            [0, 2, 3],
        ),
    ],
)
def test_a_turn_has_the_place_of_its_message(transcription: Any, places: list[int]) -> None:
    assert [turn.place for turn in turns_of(transcription)] == places


def test_a_quote_is_in_the_first_turn_of_the_learner_that_has_it() -> None:
    turns = [
        Turn("tutor", "Hola", 0),
        Turn("learner", "No", 1),
        Turn("learner", "Hola", 2),
        Turn("learner", "Hola", 3),
    ]
    assert [place_of(quote, turns) for quote in ("Hola", "o", "Sí")] == [2, 1, None]


@pytest.mark.parametrize(
    ("message", "text"),
    [
        *(({"text": "a", "content": "b"}, "a"), ({"text": " ", "content": "b"}, "b"), ({"text": "a"}, "a")),
        *(({"text": "", "content": " "}, None), ({"text": None, "content": ["a", "b"]}, "a\nb"), ({}, None)),
    ],
)
def test_text_precedes_content(message: dict[str, Any], text: str | None) -> None:
    assert speakers_of({"messages": [{"role": "user", **message}]}) == ([("l", text)] if text else [])


PARTS = [
    "[",
    "a",
    "1:",
    "12:34 ",
    "a (",
    "a\n",
    "a: b\n",
    "<v a>",
    "<v ",
    "<i",
    "\n ",
    "at 1:11",
    "1h",
    "<b>",
    "a, 1:11 ",
    "User: ",
]


@pytest.mark.parametrize("part", PARTS)
def test_long_texts_are_read_within_a_second(part: str) -> None:
    text = f"00:01.000 --> 00:02.000\n{part * 10_000}"
    began = time.process_time()
    turns_of(text)
    assert time.process_time() - began < 1
