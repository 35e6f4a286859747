"""Chats and their messages."""

import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from accounts.models import Chat, Message
from benchmarks.speed import tokens
from benchmarks.speed.seed.rows import copy
from benchmarks.speed.seed.texts import CHANCE, days_ago, texts, vocabulary
from benchmarks.speed.sizes import Sizes

FEW_MESSAGES = 2  # in each of the chats of the person with the most chats


@dataclass
class Planned:
    """A chat to be seeded: its participants by id, its number of messages, and its newest message."""

    people: tuple[uuid.UUID, uuid.UUID]  # the smaller id first
    length: int
    newest_at: datetime
    id: uuid.UUID


def fill(cursor: Any, sizes: Sizes) -> None:
    planned = list(plan(sizes))
    copy(cursor, Chat, map(chat, planned))
    copy(cursor, Message, messages(planned, texts(vocabulary(3_000), 60, 3_000)))


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
    name = f"benchmark chat {one} {other}"
    return Planned((first, second), length, days_ago(60), uuid.uuid5(uuid.NAMESPACE_URL, name))


def chat(planned: Planned) -> Chat:
    """The first participant has read half of the messages or more, and the second one all."""
    return Chat(
        id=planned.id,
        first_id=planned.people[0],
        second_id=planned.people[1],
        last_seq=planned.length,
        first_read_seq=CHANCE.randint(planned.length // 2, planned.length),
        second_read_seq=planned.length,
        created_at=planned.newest_at - timedelta(days=30),
        updated_at=planned.newest_at,
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
                sender_id=each.people[(seq + seq // 3) % 2],
                content=CHANCE.choice(phrases),
                created_at=each.newest_at - timedelta(seconds=20 * (each.length - seq)),
            )
        remaining = [each for each in remaining if each.length > seq]
