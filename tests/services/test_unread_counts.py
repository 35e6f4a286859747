"""The stored number of unread messages equals a count, after any steps and in races."""

import random
import uuid
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import connection

from accounts.errors import AccountDeleted, LinguaFlexError
from accounts.integrations.access_tokens import Claims
from accounts.models import Chat, Message, Participant, User
from accounts.services import chats, deletions
from tests.fixtures.threads import at_once, codes_of

STEPS, WRITERS, MESSAGES = 1_000, 6, 20
AT = datetime(2026, 1, 2, tzinfo=UTC)
WRONG_COUNTS = """
select p.chat_id, p.user_id, p.unread_count from accounts_participant p
where p.unread_count <> (select count(*) from accounts_message m where m.chat_id = p.chat_id
  and m.sender_id <> p.user_id and m.seq > p.read_seq and m.deleted_at is null)"""


def wrong_counts() -> list[Any]:
    with connection.cursor() as cursor:
        cursor.execute(WRONG_COUNTS)
        return cursor.fetchall()


def make_users(count: int) -> list[User]:
    return User.objects.bulk_create(User(pk=uuid.uuid4(), name=f"P{number}") for number in range(count))


def delete_account(user: User) -> None:
    """Deletes the account, in a session that has just begun."""
    claims = Claims(user.pk, uuid.uuid4(), "", AT, {"password": AT}, "aal1", {})
    deletions.delete_user(user=user, claims=claims, confirm=str(user.pk), at=AT)


class Steps:
    """Random changes of the chats of a few users."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)
        self.users = make_users(5)
        self.at = AT

    def run(self) -> str:
        """Makes one step, which may be refused. Returns its name."""
        self.at += timedelta(seconds=1)
        kinds: list[Callable[..., Any]] = [self.open, self.read, self.edit, self.delete, self.block]
        step = self.random.choice([self.send] * 8 + kinds + [self.read, self.delete, self.unblock] * 3)
        try:
            step(*self.random.sample(self.users, 2))
        except LinguaFlexError as refused:
            return f"{step.__name__} refused: {refused.code}"
        return step.__name__

    def open(self, user: User, peer: User) -> Chat:
        return chats.open_chat(user=user, participant=peer.pk, at=self.at)[0]

    def target(self, user: User, peer: User) -> dict[str, Any]:
        """Arguments for one of the newest messages of the chat, or one that does not exist."""
        chat = self.open(user, peer)
        return {"user": user, "chat_id": chat.pk, "seq": max(0, chat.last_seq - self.random.randrange(-1, 5))}

    def send(self, user: User, peer: User) -> None:
        client_id = uuid.UUID(int=self.random.randrange(2_000))
        chat_id = self.open(user, peer).pk
        chats.send_message(user=user, chat_id=chat_id, content="Hola", client_id=client_id)

    def read(self, user: User, peer: User) -> None:
        chats.mark_read(**self.target(user, peer))

    def edit(self, user: User, peer: User) -> None:
        chats.edit_message(**self.target(user, peer), content=f"Adiós {self.at}", at=self.at)

    def delete(self, user: User, peer: User) -> None:
        chats.delete_message(**self.target(user, peer), at=self.at)

    def block(self, user: User, peer: User) -> None:
        chats.block_chat(user=user, chat_id=self.open(user, peer).pk, at=self.at)

    def unblock(self, user: User, peer: User) -> None:
        chats.unblock_chat(user=user, chat_id=self.open(user, peer).pk)

    def delete_account(self) -> None:
        leaver = self.users.pop()
        delete_account(leaver)


@pytest.mark.slow
@pytest.mark.django_db
def test_a_thousand_random_steps_keep_each_count_exact() -> None:
    steps, made = Steps(12), set()
    for number in range(STEPS):
        made.add(steps.run())
        if number % 400 == 399:
            steps.delete_account()
        if number % 20 == 0:
            assert wrong_counts() == [], made
    assert wrong_counts() == []
    assert made > {"open", "send", "read", "edit", "delete", "block", "unblock", "send refused: blocked"}
    assert Message.objects.filter(deleted_at=None).count() > 50
    assert Participant.objects.filter(unread_count__gt=0).count() > 1


@pytest.mark.django_db
def test_a_deleted_account_leaves_nothing_unread() -> None:
    user, peer = make_users(2)
    chat, _ = chats.open_chat(user=user, participant=peer.pk, at=AT)
    for sender in (user, peer, user):
        chats.send_message(user=sender, chat_id=chat.pk, content="Hola")
    counts = Participant.objects.in_chat(chat.pk)
    assert counts.get(user=peer).unread_count == 1
    delete_account(user)
    assert counts.get(user=peer).unread_count == 0
    assert wrong_counts() == []


@pytest.mark.django_db(transaction=True)
@pytest.mark.slow
def test_senders_readers_and_deletions_at_once_neither_deadlock_nor_miscount() -> None:
    pair = make_users(2)
    chat, _ = chats.open_chat(user=pair[0], participant=pair[1].pk, at=AT)

    def work(number: int) -> None:
        user, chance = pair[number % 2], random.Random(number)
        for _ in range(MESSAGES):
            message, _ = chats.send_message(user=user, chat_id=chat.pk, content="Hola")
            chats.mark_read(user=user, chat_id=chat.pk, seq=chance.randrange(message.seq + 1))
            if chance.random() < 0.3:
                chats.delete_message(user=user, chat_id=chat.pk, seq=message.seq, at=AT)
            if number == 0 and chance.random() < 0.2:
                chats.block_chat(user=user, chat_id=chat.pk, at=AT)
                chats.unblock_chat(user=user, chat_id=chat.pk)

    def refusable(number: int) -> None:
        try:
            work(number)
        except LinguaFlexError as refused:
            assert refused.code == "blocked"

    at_once(WRITERS, refusable)
    assert wrong_counts() == []
    seqs = list(Message.objects.order_by("seq").values_list("seq", flat=True))
    assert seqs == list(range(1, Chat.objects.get().last_seq + 1))


@pytest.mark.django_db(transaction=True)
@pytest.mark.slow
def test_two_users_of_one_chat_delete_their_accounts_while_both_write() -> None:
    pair = make_users(2)
    chat, _ = chats.open_chat(user=pair[0], participant=pair[1].pk, at=AT)

    def work(number: int) -> None:
        user = pair[number % 2]
        try:
            for _ in range(5):
                chats.send_message(user=user, chat_id=chat.pk, content="Hola")
            delete_account(user)
        except LinguaFlexError as refused:
            assert refused.code in {"participant_deleted", AccountDeleted.code}

    at_once(4, work)
    assert wrong_counts() == []


def refusal_of_message(user: User, chat: Chat, *, after: Callable[[], Any]) -> str:
    """The error code of a message that waits for the transaction of ``after``."""
    send = lambda: chats.send_message(user=user, chat_id=chat.pk, content="Hola")  # noqa: E731
    [code] = codes_of(send, during=after)
    return code


@pytest.mark.django_db(transaction=True)
def test_a_message_that_waits_for_a_block_is_refused() -> None:
    user, peer = make_users(2)
    chat, _ = chats.open_chat(user=user, participant=peer.pk, at=AT)
    assert (
        refusal_of_message(user, chat, after=lambda: chats.block_chat(user=peer, chat_id=chat.pk, at=AT))
        == "blocked"
    )
    assert not Message.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_a_message_that_waits_for_the_deletion_of_the_peer_is_refused() -> None:
    user, peer = make_users(2)
    chat, _ = chats.open_chat(user=user, participant=peer.pk, at=AT)
    assert refusal_of_message(user, chat, after=lambda: delete_account(peer)) == "participant_deleted"
    assert not Message.objects.exists()
