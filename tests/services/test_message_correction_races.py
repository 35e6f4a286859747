"""Corrections of chat messages at the same time as edits, deletions, blocks and deletions of accounts."""

import re
import uuid
from typing import Any

import pytest
from django.utils import timezone

from accounts.integrations import access_tokens
from accounts.models import Card, Correction
from accounts.services import chats, deletions, message_corrections
from tests.fixtures.learning import rows_of
from tests.fixtures.people import CHATS, Person, client_of
from tests.fixtures.threads import at_once, codes_of

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("clean_auth")]


class Scene:
    """A chat of two users with one message of the learner."""

    def __init__(self, learner: Person, peer: Person) -> None:
        self.learner, self.peer = learner, peer
        self.chat = learner.open_chat(peer)
        learner.write(self.chat, "Yo soy bien")
        self.learners: dict[str, Any] = {"user": learner.user, "chat_id": self.chat["id"], "seq": 1}
        self.path = f"{CHATS}{self.chat['id']}/messages/1/corrections/"

    def correct(self) -> None:
        message_corrections.correct_message(
            user=self.peer.user,
            chat_id=self.chat["id"],
            seq=1,
            fields={"corrected": "Estoy bien"},
            at=timezone.now(),
        )

    def edit(self) -> None:
        chats.edit_message(**self.learners, content="Yo estoy bien", at=timezone.now())

    def delete(self) -> None:
        chats.delete_message(**self.learners, at=timezone.now())

    def block(self) -> None:
        chats.block_chat(user=self.learner.user, chat_id=self.chat["id"], at=timezone.now())

    def delete_account(self, person: Person) -> None:
        deletions.delete_user(
            user=person.user,
            claims=access_tokens.verify(person.token),
            confirm=person.user.email,
            at=timezone.now(),
        )


@pytest.fixture
def scene(student: Person, stranger: Person) -> Scene:
    return Scene(student, stranger)


def test_a_correction_during_the_deletion_of_its_message_is_refused(scene: Scene) -> None:
    assert codes_of(scene.correct, during=scene.delete) == ["message_deleted"]
    assert not Correction.objects.exists() and not Card.objects.exists()


def test_a_correction_during_an_edit_is_one_of_the_new_text(scene: Scene) -> None:
    assert codes_of(scene.correct, during=scene.edit) == []
    correction = Correction.objects.get()
    assert (correction.quote, correction.is_outdated) == ("Yo estoy bien", False)


def test_a_correction_during_a_block_is_refused(scene: Scene) -> None:
    assert codes_of(scene.correct, during=scene.block) == ["blocked"]
    assert not Correction.objects.exists() and not Card.objects.exists()


def test_an_edit_during_a_correction_outdates_it(scene: Scene) -> None:
    assert codes_of(scene.edit, during=scene.correct) == []
    correction = Correction.objects.get()
    assert (correction.quote, correction.is_outdated) == ("Yo soy bien", True)


def test_a_deletion_of_the_message_during_a_correction_deletes_it(scene: Scene) -> None:
    assert codes_of(scene.delete, during=scene.correct) == []
    assert not Correction.objects.exists()
    assert Card.objects.get().back == "Estoy bien"


def test_a_correction_during_the_deletion_of_the_learner_is_refused(scene: Scene) -> None:
    codes = codes_of(scene.correct, during=lambda: scene.delete_account(scene.learner))
    assert codes in (["message_deleted"], ["participant_deleted"])
    assert not Correction.objects.exists() and not Card.objects.exists()


def test_a_correction_during_the_deletion_of_the_corrector_is_refused(scene: Scene) -> None:
    codes = codes_of(scene.correct, during=lambda: scene.delete_account(scene.peer))
    assert codes == ["invalid_token"]
    assert not Correction.objects.exists() and not Card.objects.exists()


def test_the_deletion_of_the_learner_during_a_correction_deletes_it(scene: Scene) -> None:
    assert codes_of(lambda: scene.delete_account(scene.learner), during=scene.correct) == []
    assert rows_of(scene.learner.user) == rows_of(scene.peer.user) == {}
    assert not Correction.objects.exists() and not Card.objects.exists()


def test_the_deletion_of_the_corrector_during_a_correction_removes_the_author(scene: Scene) -> None:
    assert codes_of(lambda: scene.delete_account(scene.peer), during=scene.correct) == []
    correction = Correction.objects.get()
    assert (correction.author, correction.corrected, Card.objects.count()) == (None, "Estoy bien", 1)


def test_a_correction_locks_the_corrector_the_chat_and_then_the_card(
    scene: Scene, django_assert_num_queries: Any, whole_statements: None
) -> None:
    scene.correct()  # the first correction of a process has one more query
    body = {"corrected": "Estoy bien", "client_id": str(uuid.uuid4())}
    with django_assert_num_queries(13) as counted:
        assert scene.peer.client.post(scene.path, body).status_code == 201
    statements = [query["sql"] for query in counted.captured_queries]
    locked = [re.findall(r'"(\w+)"', sql.partition("UPDATE OF ")[2]) for sql in statements]
    assert [tables for tables in locked if tables] == [
        ["accounts_user"],
        ["accounts_chat", "accounts_participant"],
        ["accounts_message"],
        ["accounts_card"],
    ]


@pytest.mark.slow
def test_eight_requests_with_one_client_id_make_one_correction(scene: Scene) -> None:
    body = {"corrected": "Estoy bien", "client_id": str(uuid.uuid4())}

    def correct(number: int) -> int:
        return int(client_of(scene.peer.token).post(scene.path, body).status_code)

    assert sorted(at_once(8, correct)) == [200] * 7 + [201]
    assert Correction.objects.count() == Card.objects.count() == 1


@pytest.mark.slow
def test_corrections_of_a_message_never_exceed_their_limit(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(message_corrections, "MAX_CORRECTIONS", 3)

    def correct(number: int) -> int:
        answer = client_of(scene.peer.token).post(scene.path, {"corrected": f"Estoy {number}"})
        return int(answer.status_code)

    assert sorted(at_once(8, correct)) == [201] * 3 + [409] * 5
    assert Correction.objects.count() == 3
