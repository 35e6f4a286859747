"""Chats, their participants and messages."""

import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from accounts.models import Chat, Message, Participant
from benchmarks.speed import tokens
from benchmarks.speed.seed.rows import copy
from benchmarks.speed.seed.texts import CHANCE, days_ago, texts, vocabulary
from benchmarks.speed.sizes import Sizes

FEW_MESSAGES = 2  # in each of the chats of the person with the most chats


@dataclass
class Planned:
    """A chat to be seeded: its participants by id, its number of messages, and its newest message.

    ``read`` is the read mark of each participant.
    """

    people: tuple[uuid.UUID, uuid.UUID]  # the smaller id first
    length: int
    newest_at: datetime
    id: uuid.UUID
    read: tuple[int, int]

    def sender(self, seq: int) -> int:
        """0 or 1: which participant wrote the message."""
        return (seq + seq // 3) % 2


def fill(cursor: Any, sizes: Sizes) -> None:
    planned = list(plan(sizes))
    # The triggers of these tables send Realtime events.
    copy(cursor, Chat, map(chat, planned), triggers=False)
    people = (participant(each, side) for each in planned for side in (0, 1))
    copy(cursor, Participant, people, triggers=False)
    phrases = texts(vocabulary(3_000), 60, 3_000)
    copy(cursor, Message, messages(planned, phrases), triggers=False)


def plan(sizes: Sizes) -> Iterator[Planned]:
    pairs = set()
    while len(pairs) < sizes.chats:
        learner, teacher = CHANCE.randrange(sizes.learners), CHANCE.randrange(sizes.teachers)
        pairs.add((f"learner {learner}", f"teacher {teacher}"))
    for learner, teacher in sorted(pairs):
        yield between(learner, teacher, sizes.messages)
    for count in sizes.chat_lists:
        length = FEW_MESSAGES if count == max(sizes.chat_lists) else sizes.messages
        for number in range(count):
            yield between(f"chats {count}", f"friend {number}", length)
    if sizes.long_chat:
        yield between("long chat", "teacher 0", sizes.long_chat)


def between(one: str, other: str, length: int) -> Planned:
    first, second = sorted((tokens.user_id(one), tokens.user_id(other)))
    read = (CHANCE.randint(length // 2, length), CHANCE.randint(length // 2, length))
    name = f"benchmark chat {one} {other}"
    return Planned((first, second), length, days_ago(60), uuid.uuid5(uuid.NAMESPACE_URL, name), read)


def chat(planned: Planned) -> Chat:
    return Chat(
        id=planned.id,
        first_id=planned.people[0],
        second_id=planned.people[1],
        last_seq=planned.length,
        created_at=planned.newest_at - timedelta(days=30),
        updated_at=planned.newest_at,
    )


def participant(planned: Planned, side: int) -> Participant:
    """One of the two participants, with the exact count of unread messages."""
    unread = range(planned.read[side] + 1, planned.length + 1)
    return Participant(
        chat_id=planned.id,
        user_id=planned.people[side],
        read_seq=planned.read[side],
        unread_count=sum(planned.sender(seq) != side for seq in unread),
        active_at=planned.newest_at,
    )


def messages(planned: list[Planned], phrases: list[str]) -> Iterator[Message]:
    """The messages in the order in which people write them: the chats in turn."""
    remaining, seq = planned, 0
    while remaining:
        seq += 1
        for each in remaining:
            yield Message(
                chat_id=each.id,
                seq=seq,
                sender_id=each.people[each.sender(seq)],
                content=CHANCE.choice(phrases),
                created_at=each.newest_at - timedelta(seconds=20 * (each.length - seq)),
            )
        remaining = [each for each in remaining if each.length > seq]
