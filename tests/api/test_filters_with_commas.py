"""Filters that take several values, separated by commas, and filters with the name of their field."""

from collections.abc import Callable
from typing import Any

import pytest

from accounts.values import languages
from tests.fixtures.people import CARDS, GIGS, VOICE, Person

USERS, TEACHERS = "/accounts/users/", "/accounts/teachers/"
SUMMARY = f"{VOICE}summary/"
CODES = {
    "es": ["es"],
    "es,ja": ["es", "ja"],
    " Spanish , 日本語,, ": ["es", "ja"],
    "es,Spanisch,es-MX": ["es"],
    "no,nn": ["no", "nn"],
    "Norwegian, Nynorsk": ["nn"],
    "Spanish, Mexico": ["es"],
    "Kalaba-X, Spanish": ["kalaba-x, spanish"],
    "Kalaba-X,": ["kalaba-x,"],
    ",": [","],
}
UNKNOWN_WORDS = [
    (VOICE, "type", "practice, lesson, conversation, assessment, pronunciation, vocabulary, grammar"),
    (VOICE, "conversation_type", "practice, lesson, conversation, assessment, pronunciation"),
    (CARDS, "state", "new, learning, review, relearning, suspended"),
    (CARDS, "source", "ai, teacher, peer, self"),
    (USERS, "role", "student, teacher"),
]


@pytest.mark.parametrize("text", CODES)
def test_commas_separate_languages_if_each_is_known(text: str) -> None:
    assert list(map(languages.code_of, languages.names_in(text))) == CODES[text]


@pytest.fixture
def topics(student: Person) -> Callable[..., list[str]]:
    """Lists the topics of the student's conversations, in the order of their creation."""
    saved = {
        "A": {"target_language": "Spanish", "conversation_type": "lesson", "native_language": "English"},
        "B": {"target_language": "Japanese", "conversation_type": "grammar", "native_language": "German"},
        "C": {"target_language": "French", "conversation_type": "practice", "native_language": "Dutch"},
        "D": {"target_language": "Kalaba, X", "conversation_type": "lesson", "native_language": "Dutch"},
    }
    for topic, fields in saved.items():
        student.save_conversation(topic=topic, transcription=topic * 3, **fields)

    def listed(**query: str) -> list[str]:
        answer = student.client.get(VOICE, query)
        assert answer.status_code == 200, answer.json()
        return sorted(row["topic"] for row in answer.json())

    return listed


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ({"language": "es,ja"}, "AB"),
        ({"target_language": "日本語, Französisch"}, "BC"),
        ({"target_language": "es"}, "A"),
        ({"language": "Kalaba, X"}, "D"),
        ({"language": "es,Kalaba"}, ""),
        ({"native_language": "en,de"}, "AB"),
        ({"type": "lesson,grammar"}, "ABD"),
        ({"type": " lesson , ,"}, "AD"),
        ({"type": ","}, "ABCD"),
        ({"conversation_type": "grammar"}, "B"),
        ({"conversation_type": "grammar,practice"}, "BC"),
        ({"type": "lesson,grammar", "conversation_type": "grammar,practice"}, "B"),
        ({"type": "lesson", "conversation_type": "grammar"}, ""),
        ({"language": "es,ja", "target_language": "ja,fr"}, "B"),
        ({"language": "es,ja", "type": "grammar,practice"}, "B"),
        ({"language": "es,ja", "search": "bbb"}, "B"),
        ({"conversation_types": "grammar"}, "ABCD"),
    ],
)
def test_conversations_of_any_of_the_values_are_listed(
    topics: Callable[..., list[str]], query: dict[str, str], expected: str
) -> None:
    assert topics(**query) == list(expected)


@pytest.mark.django_db
@pytest.mark.usefixtures("topics")
def test_the_summary_takes_several_languages(student: Person) -> None:
    for name in ("language", "target_language"):
        answer = student.client.get(SUMMARY, {name: "es,ja"}).json()
        assert [each["code"] for each in answer["languages"]] == ["ja", "es"]
    both = student.client.get(SUMMARY, {"language": "es,ja", "target_language": "es"}).json()
    assert both["total_conversations"] == 1


@pytest.mark.django_db
@pytest.mark.parametrize(("path", "name", "known"), UNKNOWN_WORDS)
def test_an_unknown_word_is_refused_with_the_known_ones(
    student: Person, path: str, name: str, known: str
) -> None:
    first = known.partition(",")[0]
    for text in ("unknown", f"{first},unknown", first.upper()):
        answer = student.client.get(path, {name: text})
        assert (answer.status_code, list(answer.json()["errors"])) == (400, [name])
        assert f"Expected one or more of {known}" in answer.json()["errors"][name][0]
    assert student.client.get(path, {name: first}).status_code == 200


@pytest.mark.django_db
def test_gigs_and_teachers_of_several_languages_are_listed(
    student: Person, make_teacher: Callable[..., Person]
) -> None:
    offered = {"Spanish": "es", "Japanese": "ja", "French": "fr"}
    teachers = {code: make_teacher(language) for language, code in offered.items()}
    for language, code in offered.items():
        teachers[code].offer(language=language)
    gigs = student.client.get(GIGS, {"language": "es,fr"}).json()
    assert sorted(gig["language_code"] for gig in gigs) == ["es", "fr"]
    found = student.client.get(TEACHERS, {"language": "es,Japanisch"}).json()
    assert {row["id"] for row in found} == {str(teachers[code].user.pk) for code in ("es", "ja")}


@pytest.mark.django_db
def test_cards_of_several_values_are_listed(student: Person) -> None:
    made = {name: student.make_card(front=name, language=name) for name in ("Spanish", "Japanese", "French")}
    student.client.post(f"{CARDS}{made['Spanish']['id']}/suspend/")
    student.review(made["Japanese"])

    def fronts(**query: str) -> list[str]:
        return sorted(card["front"] for card in student.client.get(CARDS, query).json())

    assert fronts(language="es,ja") == ["Japanese", "Spanish"]
    assert fronts(state="new,suspended") == ["French", "Spanish"]
    assert fronts(state="learning,review,suspended", language="es,ja,fr") == ["Japanese", "Spanish"]
    assert fronts(source="self,ai") == []


@pytest.mark.django_db
def test_users_of_several_values_are_listed(student: Person, make_person: Callable[..., Person]) -> None:
    for name, native, learning in (("De", "German", ["es", "fr"]), ("Ja", "Japanese", ["ko"])):
        profile = {"native_language": native, "learning_languages": learning}
        assert make_person(name).client.patch(f"{USERS}me/", profile).status_code == 200

    def names(**query: Any) -> list[str]:
        return sorted(user["name"] for user in student.client.get(USERS, query).json())

    assert names(native_language="de,ja") == ["De", "Ja"]
    assert names(learning_language="fr,ko") == ["De", "Ja"]
    assert names(learning_language="fr") == ["De"]
    assert names(role="student,teacher") == ["Ana", "De", "Ja"]
