"""Spellings of a language in profiles, gigs, conversations and voice sessions."""

from typing import Any

import pytest

from tests.fixtures.people import GIGS, VOICE, Person
from tests.fixtures.voice_sessions import ask

USERS = "/accounts/users/"
# Two spellings of tests/cases/: all resources use one look-up.
ENGLISH = ["Indian English", "🇬🇧 English"]


@pytest.mark.parametrize("written", ENGLISH)
def test_users_are_found_by_their_language_however_it_is_written(
    make_person: Any, student: Person, written: str
) -> None:
    make_person("Zoe", native_language=written, learning_languages=["Castellano", "中文（简体）"])

    def names(**filters: str) -> list[str]:
        return [found["name"] for found in student.client.get(USERS, filters).json()]

    assert "Zoe" in names(native_language="en")
    assert "Zoe" not in names(native_language="Hindi")
    assert names(learning_language="Chinese") == names(learning_language="Spanish (Mexico)") == ["Zoe"]


@pytest.mark.parametrize("written", ENGLISH)
def test_gigs_are_found_by_their_language_however_it_is_written(teacher: Person, written: str) -> None:
    gig = teacher.offer(language=written)
    assert (gig["language"], gig["language_code"]) == (written, "en")
    assert teacher.client.get(GIGS, {"language": "English"}).json() == [gig]
    assert teacher.client.get(GIGS, {"language": "Hindi"}).json() == []


@pytest.mark.parametrize("written", ENGLISH)
def test_conversations_are_found_by_their_language_however_it_is_written(
    student: Person, written: str
) -> None:
    saved = student.save_conversation(target_language=written)["id"]

    def found(language: str) -> list[str]:
        listed = student.client.get(VOICE, {"language": language}).json()
        return [one["id"] for one in listed]

    assert found("English") == [saved]
    assert found("Hindi") == []


@pytest.mark.usefixtures("simulator")
@pytest.mark.parametrize(("written", "sent"), [*((text, "en") for text in ENGLISH), ("Tagalog", "tl")])
def test_openai_is_told_the_language_however_it_is_written(student: Person, written: str, sent: str) -> None:
    session = ask(student, target_language=written).json()["session"]
    assert session["audio"]["input"]["transcription"]["languages"][0] == sent


@pytest.mark.usefixtures("simulator")
@pytest.mark.parametrize("written", ["French Creole", "Arabic Sign Language", "Spansh"])
def test_openai_is_not_told_a_language_that_is_not_meant(student: Person, written: str) -> None:
    session = ask(student, target_language=written).json()["session"]
    assert session["audio"]["input"]["transcription"]["languages"] == ["en"]
