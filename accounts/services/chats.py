"""Chats: opened once for two people, written under the chat's lock."""

from datetime import datetime
from uuid import UUID

from django.db import transaction

from accounts.errors import InvalidInput, NotFound
from accounts.models import Chat, Message, User
from accounts.models.chats import ChatQuerySet
from accounts.services import idempotency


def open_chat(*, user: User, participant: UUID) -> tuple[Chat, bool]:
    """The chat of two people, whichever asks first; and whether it is new.

    Raises InvalidInput for a chat with oneself, NotFound for somebody who is not there.
    """
    if participant == user.pk:
        message = "A chat joins two different people."
        raise InvalidInput(message, errors={"participant": [message]})
    with transaction.atomic():
        User.objects.locked_present(user.pk)
        if known := Chat.objects.between(user.pk, participant).first():
            return known, False
        peer = User.objects.present().filter(pk=participant, is_active=True).first()
        if peer is None:
            raise NotFound("There is nobody with this id.")
        first, second = sorted((user, peer), key=lambda person: person.pk)
        return Chat.objects.get_or_create(first=first, second=second)


def own_chat(*, chats: ChatQuerySet, pk: UUID) -> Chat:
    """One of ``chats``. Raises NotFound for any other."""
    chat = chats.filter(pk=pk).first()
    if chat is None:
        raise NotFound
    return chat


@transaction.atomic
def send_message(
    *, chats: ChatQuerySet, pk: UUID, sender: User, content: str, client_id: UUID | None = None
) -> tuple[Message, bool]:
    """Appends to one of ``chats``; a repeated ``client_id`` gives the first message as it is now.

    Returns it and whether it is new. The chat's lock makes the order of ``seq`` the order of
    commits. Raises NotFound, ClientIdReused, NotAllowed while blocked, Conflict when the peer is gone.
    """
    User.objects.locked_present(sender.pk)  # a person before their chats, wherever both are locked
    chat = _locked(chats, pk)
    message, made = idempotency.create_once(
        rows=chat.messages.by_sender(sender),
        user=sender,
        fixed={"chat": chat, "sender": sender, "seq": chat.last_seq + 1},
        fields={"content": content, "client_id": client_id},
        defaults={},
    )
    if made:
        chat.admit_writing_to(chat.peer_of(sender))
        chat.take_in(message)
    return message, made


@transaction.atomic
def edit_message(
    *, chats: ChatQuerySet, pk: UUID, seq: int, user: User, content: str, at: datetime
) -> Message:
    """Changes the caller's own message. Raises NotFound, NotAllowed while blocked, Conflict."""
    chat = _locked(chats, pk)
    message = _own(chat, seq, user)
    chat.admit_writing_to(chat.peer_of(user))
    message.edit(content=content, at=at)
    return message


@transaction.atomic
def delete_message(*, chats: ChatQuerySet, pk: UUID, seq: int, user: User, at: datetime) -> None:
    """Empties the caller's own message, which keeps its ``seq``. Raises NotFound."""
    _own(_locked(chats, pk), seq, user).erase(at=at)


def _own(chat: Chat, seq: int, user: User) -> Message:
    message = chat.messages.by_sender(user).at(seq).select_for_update().first()
    if message is None:
        raise NotFound
    return message


def _locked(chats: ChatQuerySet, pk: UUID) -> Chat:
    """The chat, its row locked until the transaction ends."""
    chat = chats.select_for_update(of=("self",)).with_participants().filter(pk=pk).first()
    if chat is None:
        raise NotFound
    return chat
