"""Chats: opened once per pair of users, written under the lock of the chat's row."""

from datetime import datetime
from uuid import UUID

from django.db import transaction

from accounts.errors import InvalidInput, NotFound
from accounts.models import Chat, Message, User
from accounts.services import idempotency


def open_chat(*, user: User, participant: UUID) -> tuple[Chat, bool]:
    """Opens the chat of two users, unless it exists. Returns the chat and whether it is new.

    Two users who open it at the same moment get the same chat, by the constraint
    ``chat_once_per_pair``. Raises InvalidInput if ``participant`` is the user, NotFound if it is not
    the id of an active user, AccountDeleted.
    """
    if participant == user.pk:
        message = "A chat joins two different people."
        raise InvalidInput(message, errors={"participant": [message]})
    with transaction.atomic():
        User.objects.lock_present(user.pk)
        if known := Chat.objects.between(user.pk, participant).first():
            return known, False
        peer = User.objects.present().filter(pk=participant, is_active=True).first()
        if peer is None:
            raise NotFound("There is no user with this id.")
        first, second = sorted((user, peer), key=lambda participant: participant.pk)
        return Chat.objects.get_or_create(first=first, second=second)


def get_chat(*, user: User, chat_id: UUID) -> Chat:
    """One of the user's chats, not locked. Raises NotFound."""
    chat = Chat.objects.for_user(user).filter(pk=chat_id).first()
    if chat is None:
        raise NotFound
    return chat


@transaction.atomic
def send_message(
    *, user: User, chat_id: UUID, content: str, client_id: UUID | None = None
) -> tuple[Message, bool]:
    """Appends a message to one of the user's chats. Idempotent by ``client_id``.

    Without ``client_id``, each call creates a message. Returns the message and whether it is new. A
    database trigger broadcasts a new message (``private.announce_message``). Raises NotFound, NotAllowed
    (blocked), Conflict (participant deleted), ClientIdReused, AccountDeleted.
    """
    User.objects.lock_present(user.pk)  # lock order: a user before their chats
    chat = Chat.objects.locked_of(user=user, pk=chat_id)
    message, is_new = idempotency.create_once_locked(
        rows=chat.messages.by_sender(user),
        fixed={"chat": chat, "sender": user, "seq": chat.last_seq + 1},
        fields={"content": content, "client_id": client_id},
        defaults={},
    )
    if is_new:
        chat.check_writable(user)
        chat.record(message)
    return message, is_new


@transaction.atomic
def edit_message(*, user: User, chat_id: UUID, seq: int, content: str, at: datetime) -> Message:
    """Changes the content of one of the user's own messages.

    A database trigger broadcasts the edit (``private.announce_message``). Raises NotFound, NotAllowed
    (blocked), Conflict (message or participant deleted).
    """
    chat = Chat.objects.locked_of(user=user, pk=chat_id)
    message = chat.messages.by_sender(user).locked(seq=seq)
    chat.check_writable(user)
    message.edit(content=content, at=at)
    return message


@transaction.atomic
def delete_message(*, user: User, chat_id: UUID, seq: int, at: datetime) -> None:
    """Deletes one of the user's own messages, also while the chat is blocked. Raises NotFound.

    The row keeps its ``seq`` and loses its content. A database trigger broadcasts the deletion
    (``private.announce_message``).
    """
    chat = Chat.objects.locked_of(user=user, pk=chat_id)
    chat.messages.by_sender(user).locked(seq=seq).soft_delete(at=at)


def mark_read(*, user: User, chat_id: UUID, seq: int) -> None:
    """Marks the messages of one of the user's chats as read up to ``seq``. Raises NotFound.

    A database trigger broadcasts a new read mark (``private.announce_read``).
    """
    get_chat(user=user, chat_id=chat_id).mark_read(user=user, seq=seq)


def block_chat(*, user: User, chat_id: UUID, at: datetime) -> None:
    """Blocks one of the user's chats: neither participant can write. Raises NotFound."""
    get_chat(user=user, chat_id=chat_id).block(user=user, at=at)


def unblock_chat(*, user: User, chat_id: UUID) -> None:
    """Removes the user's own block; a block of the other participant remains. Raises NotFound."""
    get_chat(user=user, chat_id=chat_id).unblock(user=user)
