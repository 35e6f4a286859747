"""Corrections by the AI: stored with the feedback, replaced with it, and placed in the transcription."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from django.db import OperationalError

from accounts.models import Card, CardSource, Correction
from accounts.services import card_making
from standins.openai.faults import Fault
from standins.openai.responses import output_text, response
from tests.fixtures.jobs import run_jobs
from tests.fixtures.learning import review
from tests.fixtures.people import VOICE, Person

pytestmark = pytest.mark.django_db

PATH = "/responses"
SPOKEN = {
    "messages": [
        {"role": "assistant", "text": "¿Qué tal? Yo soy bien."},
        {"role": "user", "text": "Yo soy bien"},
        {"role": "user", "text": "Je veux l’eau froid"},
    ]
}
BIEN, EAU = ("Yo soy bien", "Estoy bien"), ("l'eau froid", "l'eau froide")


def answer(*pairs: tuple[str, str]) -> Fault:
    """An answer of OpenAI with corrections of these quotes and right forms."""
    corrections = [{"quote": quote, "corrected": right, "explanation": "why"} for quote, right in pairs]
    found = {
        "grammar_score": 80,
        "pronunciation_score": None,
        **dict.fromkeys(("vocabulary_usage", "confidence_level", "conversation_flow"), "good"),
        **{key: ["x"] for key in ("areas_for_improvement", "suggested_next_topics")},
        "corrections": corrections,
        "cefr_estimate": "A2",
    }
    text = output_text(json.dumps(found))
    return Fault(PATH, body=response("m", text).model_dump(mode="json"))


@pytest.fixture
def judge(simulator: Any) -> Callable[..., dict[str, Any]]:
    """Generates feedback with these corrections, and returns the conversation as it is then."""

    def run(person: Person, pk: int, *pairs: tuple[str, str]) -> dict[str, Any]:
        simulator.faults.add(answer(*pairs))
        assert person.client.post(f"{VOICE}{pk}/generate_feedback/").status_code == 202
        assert run_jobs() == []
        return dict(person.client.get(f"{VOICE}{pk}/").json())

    return run


def corrections() -> list[tuple[Any, ...]]:
    rows = Correction.objects.oldest_first()
    return list(rows.values_list("source", "quote", "corrected", "explanation", "turn", "language_code"))


def test_feedback_is_stored_with_its_corrections_and_cards(student: Person, judge: Any) -> None:
    pk = student.save_conversation(transcription=SPOKEN)["id"]
    done = judge(student, pk, BIEN, EAU)
    assert corrections() == [
        ("ai", *BIEN, "why", 1, "es"),
        ("ai", "l’eau froid", "l'eau froide", "why", 2, "es"),
    ]
    assert {row.author for row in Correction.objects.all()} == {None}
    assert set(Card.objects.values_list("learner", "front", "back", "note", "state")) == {
        (student.user.pk, "**Yo soy** bien", "Estoy bien", "why", "new"),
        (student.user.pk, "l’eau **froid**", "l'eau froide", "why", "new"),
    }
    assert CardSource.objects.count() == 2
    assert done["generated_feedback"]["corrections"] == [
        {"quote": "Yo soy bien", "corrected": "Estoy bien", "explanation": "why"},
        {"quote": "l’eau froid", "corrected": "l'eau froide", "explanation": "why"},
    ], "the feedback is as before"


def test_renewed_feedback_replaces_the_corrections_and_keeps_the_cards(
    student: Person, teacher: Person, judge: Any
) -> None:
    pk = student.save_conversation(transcription=SPOKEN)["id"]
    judge(student, pk, BIEN, EAU)
    first = Correction.objects.oldest_first()[0]
    card = Card.objects.get(corrections=first)
    review(card)
    Card.objects.filter(pk=card.pk).update(state="review", stability=5.0, last_reviewed_at=card.created_at)
    other = Correction.objects.create(
        learner=student.user,
        author=teacher.user,
        source="teacher",
        conversation=first.conversation,
        quote="x",
    )
    judge(student, pk, ("Yo soy bien", "¡Estoy bien!"))
    assert {row.pk for row in Correction.objects.all()} & {first.pk} == set()
    assert Correction.objects.get(pk=other.pk).source == "teacher", "only those by the AI are replaced"
    kept = Card.objects.get(pk=card.pk)
    assert (kept.state, kept.stability, kept.back) == ("review", 5.0, "Estoy bien")
    assert (kept.reviews.count(), kept.corrections.get().corrected) == (1, "¡Estoy bien!")
    assert Card.objects.count() == 2, "the card of a correction that is gone remains"
    assert Card.objects.filter(corrections=None).get().back == "l'eau froide"


def test_one_right_form_in_two_conversations_is_one_card_with_two_sources(
    student: Person, judge: Any
) -> None:
    for text in ("estoy bien.", "Estoy bien"):
        pk = student.save_conversation(transcription=SPOKEN)["id"]
        judge(student, pk, ("Yo soy bien", text))
    card = Card.objects.get()
    assert (card.back, card.corrections.count()) == ("estoy bien.", 2)


def test_two_learners_and_two_languages_have_cards_of_their_own(
    student: Person, stranger: Person, judge: Any
) -> None:
    for person, language in ((student, "Spanish"), (student, "German"), (stranger, "Spanish")):
        judge(person, person.save_conversation(transcription=SPOKEN, target_language=language)["id"], BIEN)
    assert set(Card.objects.values_list("learner", "language_code")) == {
        (student.user.pk, "es"),
        (student.user.pk, "de"),
        (stranger.user.pk, "es"),
    }


def test_no_cards_are_made_without_the_learners_wish(make_person: Callable[..., Person], judge: Any) -> None:
    person = make_person("Lea", auto_cards=False)
    judge(person, person.save_conversation(transcription=SPOKEN)["id"], BIEN)
    assert (Correction.objects.count(), Card.objects.count()) == (1, 0)


def test_a_changed_transcription_removes_the_place_of_a_lost_quote(student: Person, judge: Any) -> None:
    pk = student.save_conversation(transcription=SPOKEN)["id"]
    judge(student, pk, BIEN, EAU)
    tutor, first, second = SPOKEN["messages"]
    for messages, places in (
        ([tutor, first, second, {"role": "user", "text": "Adiós"}], [1, 2]),
        ([tutor, {**first, "text": "Estoy bien"}, second], [None, 2]),
        ([tutor, first, second], [None, 2]),
        ([second], [None, None]),
    ):
        change = {"transcription": {"messages": messages}}
        assert student.client.patch(f"{VOICE}{pk}/", change).status_code == 200
        assert list(Correction.objects.oldest_first().values_list("turn", flat=True)) == places
    assert Card.objects.count() == 2


def test_another_change_of_the_conversation_keeps_the_places(student: Person, judge: Any) -> None:
    pk = student.save_conversation(transcription=SPOKEN)["id"]
    judge(student, pk, BIEN)
    assert student.client.patch(f"{VOICE}{pk}/", {"topic": "Other"}).status_code == 200
    assert Correction.objects.get().turn == 1


def test_a_text_has_the_place_zero(student: Person, judge: Any) -> None:
    pk = student.save_conversation(transcription="User: Yo soy bien\nAI: Muy bien.")["id"]
    judge(student, pk, BIEN)
    assert Correction.objects.get().turn == 0


def test_corrections_are_stored_with_the_feedback_or_not_at_all(
    student: Person, judge: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    pk = student.save_conversation(transcription=SPOKEN)["id"]

    def fail(**_: Any) -> None:
        assert Correction.objects.exists()
        raise OperationalError

    with monkeypatch.context() as broken:
        broken.setattr(card_making, "make_cards", fail)
        student.client.post(f"{VOICE}{pk}/generate_feedback/")
        run_jobs()
    unchanged = student.client.get(f"{VOICE}{pk}/").json()
    assert unchanged["generated_feedback"] is None
    assert not Correction.objects.exists() and not Card.objects.exists()


def test_a_deleted_conversation_takes_its_corrections_and_leaves_the_cards(
    student: Person, judge: Any
) -> None:
    pk = student.save_conversation(transcription=SPOKEN)["id"]
    judge(student, pk, BIEN)
    assert student.client.delete(f"{VOICE}{pk}/").status_code == 204
    assert not Correction.objects.exists() and not CardSource.objects.exists()
    assert Card.objects.get().back == "Estoy bien"
