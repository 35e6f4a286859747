"""Chats: opened once per pair of users, written under the lock of the chat's row.

Lock order: a user, then the chat, then its two participants. Only the deletion of an account locks
several chats, in the order of their ids.

Database triggers announce each change to the users in whose list the chat is (``private.announce_chat``,
``private.announce_chats_of_messages``).
"""

from datetime import datetime
from uuid import UUID

from django.db import transaction

from accounts.errors import InvalidInput, NotFound
from accounts.models import Chat, Message, Participant, User
from accounts.services import idempotency, storage


@transaction.atomic
def open_chat(*, user: User, participant: UUID, at: datetime) -> tuple[Chat, bool]:
    """Opens the chat of two users, unless it exists. Returns the chat and whether it is new.

    The chat is in the user's list from then on, in the other user's list from the first message. Two
    users who open it at the same moment get the same chat, by the constraint ``chat_once_per_pair``.
    Raises InvalidInput if ``participant`` is the user, NotFound if it is not the id of an admitted user,
    AccountDeleted.
    """
    if participant == user.pk:
        message = "A chat joins two different people."
        raise InvalidInput(message, errors={"participant": [message]})
    User.objects.lock_present(user.pk)
    chat = Chat.objects.between(user.pk, participant).first()
    if chat is None:
        peer = User.objects.admitted().filter(pk=participant).first()
        if peer is None:
            raise NotFound("There is no user with this id.")
        first, second = sorted((user, peer), key=lambda person: person.pk)
        chat, is_new = Chat.objects.get_or_create(first=first, second=second)
        if is_new:
            own = Participant(chat=chat, user=user, active_at=at)
            Participant.objects.bulk_create([own, Participant(chat=chat, user=peer)])
            return chat, True
    own, _ = Participant.objects.locked_pair(user=user, chat_id=chat.pk)
    own.open(at=at)
    return chat, False


@transaction.atomic
def send_message(
    *, user: User, chat_id: UUID, content: str, client_id: UUID | None = None
) -> tuple[Message, bool]:
    """Appends a message to one of the user's chats. Idempotent by ``client_id``.

    Without ``client_id``, each call creates a message. Returns the message and whether it is new. A
    database trigger broadcasts a new message (``private.announce_message``). Raises NotFound, NotAllowed
    (blocked), Conflict (participant deleted), ClientIdReused, StorageFull, AccountDeleted.
    """
    User.objects.lock_present(user.pk)
    own, peer = Participant.objects.locked_pair(user=user, chat_id=chat_id)
    sent = Message.objects.sent_with(client_id, chat=own.chat, sender=user) if client_id else None
    if sent is None:
        own.check_writable(peer)
        storage.check_room(user)
    message, is_new = idempotency.create_once_locked(
        model=Message,
        first=sent,
        fixed={"chat": own.chat, "sender": user, "seq": own.chat.last_seq + 1},
        fields={"content": content, "client_id": client_id},
        defaults={},
    )
    if is_new:
        own.chat.record(message)
    return message, is_new


@transaction.atomic
def edit_message(*, user: User, chat_id: UUID, seq: int, content: str, at: datetime) -> Message:
    """Changes the content of one of the user's own messages, and marks its corrections as outdated.

    A database trigger broadcasts the edit (``private.announce_message``). Raises NotFound, NotAllowed
    (blocked), Conflict (message or participant deleted), StorageFull.
    """
    own, peer = Participant.objects.locked_pair(user=user, chat_id=chat_id)
    message = own.chat.messages.by_sender(user).locked(seq=seq)
    own.check_writable(peer)
    with storage.limited_change(user):
        is_changed = message.edit(content=content, at=at)
    if is_changed:
        message.corrections.mark_outdated(at=at)
    return message


@transaction.atomic
def delete_message(*, user: User, chat_id: UUID, seq: int, at: datetime) -> None:
    """Deletes one of the user's own messages, also while the chat is blocked. Raises NotFound.

    The row keeps its ``seq`` and loses its content and its corrections. The peer does not count it as
    unread any more. A database trigger broadcasts the deletion (``private.announce_message``).
    """
    own, peer = Participant.objects.locked_pair(user=user, chat_id=chat_id)
    _delete(own.chat.messages.by_sender(user).locked(seq=seq), peer, at)


@transaction.atomic
def remove_message(*, pk: int, at: datetime) -> None:
    """Deletes a message for staff, as ``delete_message`` does, and marks it as removed by staff.

    Raises NotFound, also if it is deleted already.
    """
    message = Message.objects.select_related("sender").filter(pk=pk).first()
    if message is None:
        raise NotFound
    own, peer = Participant.objects.locked_pair(user=message.sender, chat_id=message.chat_id)
    if not _delete(own.chat.messages.locked(pk=pk), peer, at, by_staff=True):
        raise NotFound


def _delete(message: Message, peer: Participant, at: datetime, *, by_staff: bool = False) -> bool:
    """Returns False, and changes nothing, if the message is deleted already."""
    if message.deleted_at:
        return False
    peer.uncount(message)  # first, because the event of the deletion has the count
    message.soft_delete(at=at, by_staff=by_staff)
    message.corrections.all().delete()
    return True


@transaction.atomic
def mark_read(*, user: User, chat_id: UUID, seq: int) -> None:
    """Marks the messages of one of the user's chats as read up to ``seq``. Raises NotFound.

    A database trigger broadcasts a new read mark (``private.announce_read``).
    """
    own, _ = Participant.objects.locked_pair(user=user, chat_id=chat_id)
    own.mark_read(seq=seq)


@transaction.atomic
def block_chat(*, user: User, chat_id: UUID, at: datetime) -> None:
    """Blocks one of the user's chats: neither participant can write. Raises NotFound."""
    own, _ = Participant.objects.locked_pair(user=user, chat_id=chat_id)
    own.block(at=at)


@transaction.atomic
def unblock_chat(*, user: User, chat_id: UUID) -> None:
    """Removes the user's own block; a block of the other participant remains. Raises NotFound."""
    own, _ = Participant.objects.locked_pair(user=user, chat_id=chat_id)
    own.unblock()
