"""Shares and comments at the same moment: nothing is doubled, lost, or stored after the share has ended."""

import random
import uuid
from collections.abc import Callable
from typing import Any

import pytest
from django.utils import timezone

from accounts.errors import LinguaFlexError
from accounts.models import Card, CardSource, Comment, Correction, Share, User, VoiceConversation
from accounts.services import comments, shares, voice_conversations
from tests.fixtures.people import Person, client_of
from tests.fixtures.shared import COMMENT, TRANSCRIPTION, Shared, share
from tests.fixtures.threads import at_once, result_of

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("clean_auth")]
STEPS, WORKERS = 200, 4


def test_shares_at_once_make_one(student: Person, teacher: Person) -> None:
    pk = student.save_conversation()["id"]
    body = {"teacher": str(teacher.user.pk)}
    path = f"/accounts/voice-conversations/{pk}/shares/"
    statuses = at_once(6, lambda _: client_of(student.token).post(path, body).status_code)
    assert sorted(statuses) == [200] * 5 + [201]
    assert Share.objects.count() == 1


def test_shares_of_two_conversations_at_once_keep_the_limit(student: Person, teacher: Person) -> None:
    paths = [f"/accounts/voice-conversations/{student.save_conversation()['id']}/shares/" for _ in range(6)]
    body = {"teacher": str(teacher.user.pk)}
    statuses = at_once(6, lambda number: client_of(student.token).post(paths[number], body).status_code)
    assert sorted(statuses) == [201] * 3 + [429] * 3


def test_two_teachers_share_with_each_other_at_once(make_teacher: Callable[..., Person]) -> None:
    pair = [make_teacher("Ana"), make_teacher("Berta")]
    for _ in range(3):
        ids = [person.save_conversation()["id"] for person in pair]
        answers = at_once(2, lambda number, ids=ids: share(pair[number], ids[number], pair[1 - number]))
        assert [answer.status_code for answer in answers] == [201, 201]


def test_a_comment_that_waits_for_a_revocation_is_refused(shared: Shared) -> None:
    def revoke() -> None:
        ids = {"user": shared.learner.user, "pk": shared.pk, "teacher": shared.teacher.user.pk}
        shares.end_share(**ids, at=timezone.now())

    assert result_of(lambda: shared.post(**COMMENT).status_code, during=revoke) == 404
    assert not Comment.objects.exists() and not Card.objects.exists()


def test_a_change_that_waits_for_a_revocation_is_refused(shared: Shared) -> None:
    made = shared.comment()

    def revoke() -> None:
        ids = {"user": shared.learner.user, "pk": shared.pk, "teacher": shared.teacher.user.pk}
        shares.end_share(**ids, at=timezone.now())

    assert result_of(lambda: shared.patch(made, text="late").status_code, during=revoke) == 404
    assert Comment.objects.get().text == "Bien."


def test_a_share_that_waits_for_a_decline_is_refused(shared: Shared) -> None:
    other = shared.learner.save_conversation()["id"]
    answer = result_of(
        lambda: share(shared.learner, other, shared.teacher),
        during=lambda: shares.decline_share(user=shared.teacher.user, pk=shared.pk, at=timezone.now()),
    )
    assert (answer.status_code, answer.json()["code"]) == (403, "share_declined")
    assert not Share.objects.active().exists()


def add(shared: Shared) -> None:
    comments.add_comment(user=shared.teacher.user, pk=shared.pk, fields=dict(COMMENT), at=timezone.now())


def test_a_comment_that_waits_for_the_deletion_of_the_conversation_is_refused(shared: Shared) -> None:
    def delete() -> None:
        voice_conversations.delete_conversation(user=shared.learner.user, pk=shared.pk, at=timezone.now())

    assert result_of(lambda: shared.post(**COMMENT).status_code, during=delete) == 404
    assert not Comment.objects.exists()


@pytest.mark.parametrize("parameters", ["", "?cards=delete"])
def test_the_deletion_of_a_conversation_waits_for_a_comment(shared: Shared, parameters: str) -> None:
    path = f"{shared.own_path}{parameters}"
    answer = result_of(lambda: shared.learner.client.delete(path), during=lambda: add(shared))
    assert answer.status_code == 204
    assert not Comment.objects.exists() and not Correction.objects.exists()
    assert Card.objects.count() == (0 if parameters else 1)


def test_the_deletion_of_an_account_waits_for_a_comment(shared: Shared) -> None:
    body = {"confirm": shared.learner.user.email}
    delete = lambda: shared.learner.client.delete("/accounts/users/me/", body).status_code  # noqa: E731
    assert result_of(delete, during=lambda: add(shared)) == 204
    assert not Comment.objects.exists() and not Share.objects.exists()


def test_a_card_that_gains_a_source_meanwhile_is_kept(shared: Shared) -> None:
    other = shared.learner.save_conversation(transcription=TRANSCRIPTION)["id"]
    share(shared.learner, other, shared.teacher)
    add(shared)
    path = f"{shared.own_path}?cards=delete"
    second = Shared(other, shared.learner, shared.teacher)
    answer = result_of(lambda: shared.learner.client.delete(path), during=lambda: add(second))
    assert answer.status_code == 204
    assert CardSource.objects.get().correction.conversation_id == other


def test_a_card_deleted_meanwhile_is_made_again(shared: Shared) -> None:
    add(shared)
    answer = result_of(
        lambda: shared.post(**COMMENT),
        during=lambda: list(Card.objects.all().for_update()),
        then=lambda: Card.objects.all().delete(),
    )
    assert answer.status_code == 201
    [link] = CardSource.objects.all()
    assert link.correction.comment_id == answer.json()["id"]


def test_comments_with_one_client_id_at_once_make_one(shared: Shared) -> None:
    body = {**COMMENT, "client_id": str(uuid.uuid4())}
    path = f"{shared.path}comments/"
    answers = at_once(6, lambda _: client_of(shared.teacher.token).post(path, body))
    assert sorted(answer.status_code for answer in answers) == [200] * 5 + [201]
    assert len({answer.json()["id"] for answer in answers}) == Card.objects.count() == shared.count() == 1


class Steps:
    """Random changes of the comments on a conversation, by its learner and by two teachers."""

    def __init__(self, shared: Shared, teachers: list[User]) -> None:
        self.conversation: dict[str, Any] = {"user": shared.learner.user, "pk": shared.pk}
        self.teachers = teachers
        self.seen: set[str] = set()  # kinds of changes, and codes of refused ones

    def work(self, seed: int) -> None:
        """Makes a part of the changes."""
        chance = random.Random(seed)
        for _ in range(STEPS // WORKERS):
            kind = chance.choice(["add"] * 5 + ["edit"] * 2 + ["delete", "remove", "revoke", "share"])
            try:
                self.step(kind, chance)
                self.seen.add(kind)
            except LinguaFlexError as refused:
                self.seen.add(refused.code)

    def step(self, kind: str, chance: random.Random) -> None:
        teacher, now = chance.choice(self.teachers), timezone.now()
        own: dict[str, Any] = {**self.conversation, "user": teacher}
        target = chance.choice([*Comment.objects.values_list("pk", flat=True), 0])
        corrected = chance.choice(["", "Yo tengo hambre", "Tengo hambre", "Tengo sed"])
        fields = {"text": str(chance.random()), "quote": "Yo soy hambre", "corrected": corrected}
        match kind:
            case "add":
                comments.add_comment(**own, fields=fields, at=now)
            case "edit":
                comments.edit_comment(**own, comment=target, fields=fields, at=now)
            case "delete":
                comments.delete_comment(**own, comment=target)
            case "remove":
                comments.remove_comment(**self.conversation, comment=target)
            case "revoke":
                shares.end_share(**self.conversation, teacher=teacher.pk, at=now)
            case "share":
                shares.share_conversation(**self.conversation, teacher=teacher.pk, at=now)
                Share.objects.update(created_at="2026-01-01T00:00Z")  # so that the limit is not reached


@pytest.mark.slow
def test_the_number_of_comments_equals_a_count_after_two_hundred_steps_in_threads(
    shared: Shared, make_teacher: Callable[..., Person]
) -> None:
    steps = Steps(shared, [shared.teacher.user, make_teacher("Berta").user])
    at_once(WORKERS, steps.work)
    assert steps.seen >= {"add", "edit", "delete", "remove", "revoke", "share", "not_found"}
    assert VoiceConversation.objects.get().comments_count == Comment.objects.count() > 0
    corrected = Comment.objects.exclude(corrected="").order_by("pk")
    pairs = Correction.objects.order_by("comment").values_list("comment", "corrected", "explanation")
    assert list(pairs) == list(corrected.values_list("pk", "corrected", "text"))
