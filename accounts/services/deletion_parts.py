"""The rows of a large account, deleted in parts before the rest.

Each part is a transaction. Its locks delay others for less than a second, as does its COMMIT, at which
PostgreSQL checks the foreign keys of the deleted rows. The account is anonymised already: only transactions
that began earlier add rows, which the last transaction of the deletion deletes. Several runs may work at the
same time.

Lock order of a part: the user, conversations, then chats, as in ``deletions.py``.
"""

from collections.abc import Callable, Iterator
from datetime import datetime
from functools import partial, reduce
from operator import or_
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Exists, Q

from accounts.models import (
    Card,
    CardReview,
    Chat,
    Comment,
    Correction,
    Message,
    Participant,
    Share,
    User,
    VoiceConversation,
)
from accounts.models.querysets import LockableQuerySet
from accounts.services import learning_deletion

SIZE = 2_000  # rows of a part, or messages


def is_large(user: User) -> bool:
    """Whether the user has more than SIZE rows of one of the kinds that are deleted in parts."""
    kinds: list[LockableQuerySet[Any]] = [
        Share.objects.between(user),
        VoiceConversation.objects.for_user(user),
        Message.objects.by_sender(user).present(),
        CardReview.objects.for_user(user),
        Card.objects.for_user(user),
        Correction.objects.for_user(user),
        Comment.objects.by_author(user),
        Correction.objects.by_author(user),
    ]
    more = reduce(or_, (Q(Exists(rows[SIZE:])) for rows in kinds))
    return bool(User.objects.filter(more, pk=user.pk).exists())


def delete_parts(user: User, at: datetime) -> None:
    """Deletes the rows of an anonymised user that may be many, and empties the messages. Idempotent."""
    for chats, after in _messages_of(user):
        _in_turn(user, partial(_empty_messages, chats=chats, after=after, at=at))
    for delete_part in (_shares, _conversations, _reviews, _cards, _written_comments, _written_corrections):
        while _in_turn(user, delete_part):
            pass


@transaction.atomic
def _in_turn(user: User, delete_part: Callable[[User], int]) -> int:
    """Deletes a part while no other run does. Returns the number of rows."""
    User.objects.locked(pk=user.pk, no_key=True)
    return delete_part(user)


def _shares(user: User) -> int:
    part = Share.objects.between(user).part(SIZE)
    VoiceConversation.objects.filter(shares__in=part).lock_in_order()
    return learning_deletion.delete_shares(part)


def _conversations(user: User) -> int:
    part = VoiceConversation.objects.for_user(user).part(SIZE)
    part.lock_in_order()
    return learning_deletion.delete_conversations(part)


def _reviews(user: User) -> int:
    return CardReview.objects.for_user(user).part(SIZE).delete_alone()


def _cards(user: User) -> int:
    return learning_deletion.delete_cards(Card.objects.for_user(user).part(SIZE))


def _written_comments(user: User) -> int:
    part = Comment.objects.by_author(user).part(SIZE)
    VoiceConversation.objects.filter(comments__in=part).lock_in_order()
    return learning_deletion.forget_author(part)


def _written_corrections(user: User) -> int:
    part = Correction.objects.by_author(user).part(SIZE)
    VoiceConversation.objects.filter(corrections__in=part).lock_in_order()
    Chat.objects.filter(messages__corrections__in=part).lock_in_order()
    return learning_deletion.forget_author(part)


def _messages_of(user: User) -> Iterator[tuple[list[UUID], int]]:
    """Chats of the user, and the ``seq`` after which a part begins: SIZE messages of these chats together."""
    together: list[UUID] = []
    number = 0
    chats = Chat.objects.of_user(user).filter(last_seq__gt=0).order_by("pk")
    for pk, last_seq in chats.values_list("pk", "last_seq"):
        if last_seq > SIZE:
            yield from (([pk], after) for after in range(0, last_seq, SIZE))
            continue
        if number + last_seq > SIZE:
            yield together, 0
            together, number = [], 0
        together.append(pk)
        number += last_seq
    if together:
        yield together, 0


def _empty_messages(user: User, *, chats: list[UUID], after: int, at: datetime) -> int:
    """Empties the user's messages of a part and deletes their corrections, as a deletion of each would."""
    Chat.objects.filter(pk__in=chats).lock_in_order()
    sent = Message.objects.by_sender(user).present().filter(chat__in=chats)
    part = sent.after(after).before(after + SIZE + 1)
    learning_deletion.delete_corrections(Correction.objects.filter(message__in=part))
    # First, because the event of the deletion has the count.
    Participant.objects.filter(chat__in=chats).exclude(user=user).uncount_all(part)
    return part.soft_delete(at=at)
