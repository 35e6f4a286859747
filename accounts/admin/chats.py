"""Chats in the admin, read-only. The messages are behind a form, 50 at a time."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from accounts.admin.dialogues import Line, note_of
from accounts.admin.private_text import PrivateTextAdmin
from accounts.admin.shown_parts import MAX_CHARACTERS
from accounts.admin.site import site
from accounts.models import Chat, Message

MESSAGES = 50
MAX_SEQ = 2**63 - 1


@admin.register(Chat, site=site)
class ChatAdmin(PrivateTextAdmin):
    """Every chat."""

    ordering = ("-updated_at", "-pk")
    people = ("first", "second")
    list_display = ("last_activity", "first", "second", "number_of_messages", "created_at")
    list_filter = ("updated_at", "created_at")
    filtered = ("updated_at", "created_at", "first", "second")
    date_hierarchy = "updated_at"
    loaded = ("updated_at", "last_seq")

    @admin.display(ordering="updated_at", description="last activity")
    def last_activity(self, chat: Chat) -> Any:
        """The time of the newest message."""
        return chat.updated_at

    @admin.display(ordering="last_seq", description="messages")
    def number_of_messages(self, chat: Chat) -> int:
        """The number of messages, deleted ones too."""
        return chat.last_seq

    def texts(self, request: HttpRequest, row: Chat) -> dict[str, Any]:
        """The newest messages that fit on a page, or those before the parameter ``before``."""
        newest = Message.objects.in_chat(row.pk).before(seq_of(request.GET.get("before", "")))
        messages = list(reversed(fitting(newest.order_by("-seq")[:MESSAGES])))
        is_more = bool(messages) and messages[0].seq > 1
        return {
            "heading": "Messages",
            "lines": [line_of(message, row) for message in messages],
            "older": f"?before={messages[0].seq}" if is_more else "",
        }


def fitting(messages: Iterable[Message]) -> list[Message]:
    """The first messages that have up to MAX_CHARACTERS together: whole messages, and one at least."""
    shown: list[Message] = []
    left = MAX_CHARACTERS
    for message in messages:
        left -= len(message.content)
        if left < 0 and shown:
            break
        shown.append(message)
    return shown


def line_of(message: Message, chat: Chat) -> Line:
    """The message on the page."""
    sender = chat.first if message.sender_id == chat.first_id else chat.second
    return Line(
        speaker=str(sender),
        pieces=[(message.content, False)] if message.content else [],
        is_left=sender == chat.first,
        note=note_of(message),
    )


def seq_of(text: str) -> int:
    """The number, or one above every ``seq`` if the text is none."""
    return min(int(text), MAX_SEQ) if text.isascii() and text.isdigit() and len(text) < 20 else MAX_SEQ
