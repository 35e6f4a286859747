"""Changed and deleted comments, and their corrections and cards."""

import uuid
from collections.abc import Callable
from typing import Any

import pytest

from accounts.models import Card, Correction
from tests.fixtures.people import CHATS, Person
from tests.fixtures.shared import COMMENT, Shared, share


def test_a_change_keeps_the_correction_and_the_card_equal(shared: Shared) -> None:
    made = shared.comment(**COMMENT)
    state = Card.objects.values("pk", "due_at", "state").get()
    changed = shared.patch(made, corrected="tengo hambre", quote="soy hambre", text="Tener hambre.").json()
    assert changed["edited_at"] and changed["correction"] == made["correction"]
    row = Correction.objects.get()
    assert (row.quote, row.corrected, row.explanation) == ("soy hambre", "tengo hambre", "Tener hambre.")
    assert shared.texts_of_cards() == [("**soy** hambre", "tengo hambre", "Tener hambre.")]
    assert Card.objects.values("pk", "due_at", "state").get() == state
    again = shared.patch(changed, corrected="tengo hambre")
    assert again.json() == changed, "an equal value changes nothing"


def test_a_change_makes_and_deletes_a_correction_and_the_card_remains(shared: Shared) -> None:
    made = shared.comment(quote="soy hambre")
    assert made["correction"] is None
    corrected = shared.patch(made, corrected="tengo hambre").json()
    assert corrected["correction"] == Correction.objects.get().pk
    assert len(shared.texts_of_cards()) == 1
    assert shared.patch(made, corrected="").json()["correction"] is None
    assert not Correction.objects.exists()
    assert len(shared.texts_of_cards()) == 1


def test_a_card_that_the_learner_has_edited_does_not_follow(shared: Shared) -> None:
    made = shared.comment(**COMMENT)
    Card.objects.update(edited_at="2026-01-01T00:00Z", front="mine")
    shared.patch(made, corrected="Yo tengo mucha hambre")
    assert shared.texts_of_cards() == [("mine", "Yo tengo hambre", "Use tener.")]


def test_a_card_with_another_source_does_not_follow(shared: Shared) -> None:
    made, other = shared.comment(**COMMENT), shared.comment(**COMMENT)
    [card] = Card.objects.all()
    assert card.corrections.count() == 2
    shared.patch(made, corrected="Tengo mucha hambre")
    assert shared.texts_of_cards()[0] == ("Yo **soy** hambre", "Yo tengo hambre", "Use tener.")
    sources = {row.back: [each.comment_id for each in row.corrections.all()] for row in Card.objects.all()}
    assert sources == {"Yo tengo hambre": [other["id"]], "Tengo mucha hambre": [made["id"]]}


@pytest.mark.parametrize("reviewed", [False, True])
def test_a_card_joins_another_with_its_new_form(shared: Shared, reviewed: bool) -> None:
    made = shared.comment(**COMMENT)
    other = shared.comment(quote="un mesa", corrected="una mesa", text="Femenino.")
    if reviewed:
        Card.objects.filter(back="Yo tengo hambre").update(
            state="review", last_reviewed_at="2026-01-01T00:00Z"
        )
    shared.patch(made, corrected="¡Una mesa!")
    sources = {
        card.back: sorted(each.comment_id for each in card.corrections.all()) for card in Card.objects.all()
    }
    kept = {"Yo tengo hambre": list[int]()} if reviewed else {}
    assert sources == {"una mesa": [made["id"], other["id"]], **kept}


def test_a_change_of_the_text_alone_does_not_search_the_quote_again(shared: Shared) -> None:
    made = shared.comment(**COMMENT)
    shared.learner.client.patch(shared.own_path, {"transcription": "User: Otra cosa."})
    assert shared.teacher.client.get(f"{shared.path}comments/").json()[0]["turn"] is None
    assert shared.patch(made, text="Usa tener.", corrected="Tengo hambre").status_code == 200
    assert Correction.objects.get().turn is None
    assert set(shared.patch(made, quote="hambre").json()["errors"]) == {"quote"}


@pytest.mark.parametrize(
    "change", [{"text": ""}, {"text": None}, {"turn": 0}, {"quote": "no"}, {"corrected": "Yo soy hambre"}]
)
def test_an_invalid_change_changes_nothing(shared: Shared, change: Any) -> None:
    made = shared.comment(**COMMENT)
    assert shared.patch(made, **change).status_code == 400
    assert shared.teacher.client.get(f"{shared.path}comments/").json() == [made]


@pytest.mark.parametrize("by_learner", [True, False])
def test_a_deleted_comment_takes_its_correction_and_leaves_the_card(shared: Shared, by_learner: bool) -> None:
    made, kept = shared.comment(**COMMENT), shared.comment()
    path = f"{shared.own_path}comments/{made['id']}/"
    delete = (lambda: shared.learner.client.delete(path)) if by_learner else (lambda: shared.delete(made))
    assert [delete().status_code for _ in "12"] == [204, 404]
    assert shared.teacher.client.get(f"{shared.path}comments/").json() == [kept]
    assert (Correction.objects.count(), Card.objects.count(), shared.count()) == (0, 1, 1)


@pytest.mark.parametrize("by_teacher", [True, False])
def test_a_block_in_chat_refuses_new_and_changed_comments(shared: Shared, by_teacher: bool) -> None:
    client_id = str(uuid.uuid4())
    made = shared.comment(client_id=client_id)
    block = f"{CHATS}{shared.learner.open_chat(shared.teacher)['id']}/block/"
    blocker = shared.teacher if by_teacher else shared.learner
    blocker.client.post(block)
    for refused in (shared.post(), shared.patch(made, text="x")):
        assert (refused.status_code, refused.json()["code"]) == (403, "blocked")
    assert shared.post(client_id=client_id).json() == made
    assert shared.delete(made).status_code == 204
    blocker.client.delete(block)
    assert shared.patch(shared.comment(), text="x").status_code == 200


def test_a_teacher_cannot_change_the_comment_of_another(
    shared: Shared, make_teacher: Callable[..., Person]
) -> None:
    made, berta = shared.comment(), make_teacher("Berta")
    share(shared.learner, shared.pk, berta)
    other = Shared(shared.pk, shared.learner, berta)
    assert other.patch(made, text="x").status_code == other.delete(made).status_code == 404
    assert berta.client.get(f"{shared.path}comments/").json() == []
    assert berta.client.get(shared.path).json()["comments_count"] == 0
    assert shared.count() == 1
