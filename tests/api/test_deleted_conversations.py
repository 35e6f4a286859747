"""Deleted conversations: their comments and corrections are deleted, and their cards on request."""

import pytest

from accounts.models import Card, Comment, Correction, VoiceConversation
from tests.fixtures.people import Person
from tests.fixtures.shared import COMMENT, Shared, share


def cards_after_deletion(shared: Shared, parameters: str) -> set[str]:
    assert shared.learner.client.delete(f"{shared.own_path}{parameters}").status_code == 204
    return {back for _, back, _ in shared.texts_of_cards()}


@pytest.fixture
def carded(shared: Shared) -> Shared:
    """A conversation with two cards. One of them has a correction of another conversation too."""
    other = shared.learner.save_conversation(transcription="User: Un mesa.")["id"]
    share(shared.learner, other, shared.teacher)
    shared.comment(**COMMENT)
    for pk in (shared.pk, other):
        Shared(pk, shared.learner, shared.teacher).comment(quote="un mesa", corrected="una mesa")
    Shared(other, shared.learner, shared.teacher).comment(quote="mesa", corrected="silla")
    return shared


def test_cards_outlive_their_conversation(carded: Shared) -> None:
    assert cards_after_deletion(carded, "") == {"Yo tengo hambre", "una mesa", "silla"}
    assert Correction.objects.count() == Comment.objects.count() == 2


def test_cards_of_one_conversation_alone_are_deleted_on_request(carded: Shared) -> None:
    assert cards_after_deletion(carded, "?cards=delete") == {"una mesa", "silla"}


def test_another_value_of_cards_is_refused(shared: Shared) -> None:
    answer = shared.learner.client.delete(f"{shared.own_path}?cards=all")
    assert (answer.status_code, set(answer.json()["errors"])) == (400, {"cards"})
    assert VoiceConversation.objects.exists()


def test_cards_of_another_learner_remain(carded: Shared, stranger: Person) -> None:
    assert stranger.client.delete(f"{carded.own_path}?cards=delete").status_code == 404
    assert Card.objects.count() == 3
