"""Comments of teachers on conversations that were shared with them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Self

from django.db import models
from django.db.models import Q

from accounts.models.idempotent import IdempotentModel, IdempotentQuerySet, once_per_client_id
from accounts.models.users import User
from accounts.models.voice_conversations import VoiceConversation

MAX_COMMENT_CHARACTERS = 2_000
MAX_COMMENTS = 500  # of a conversation


class CommentQuerySet(IdempotentQuerySet["Comment"]):
    def for_user(self, user: User) -> Self:
        """Comments on the user's own conversations."""
        return self.filter(conversation__user=user)

    def by_author(self, user: User) -> Self:
        """Comments written by ``user``."""
        return self.filter(author=user)

    def visible_to(self, user: User) -> Self:
        """Comments on the user's own conversations, and those that the user wrote."""
        return self.filter(Q(conversation__user=user) | Q(author=user))

    def in_conversation(self, pk: int) -> Self:
        """Comments on one conversation."""
        return self.filter(conversation=pk)

    def with_author(self) -> Self:
        """Loads each comment's author and correction in the same query."""
        return self.select_related("author", "correction")

    def locked_in(self, conversation: VoiceConversation, pk: int) -> Comment:
        """The comment ``pk`` on the conversation, locked, with its ``correction``. Raises NotFound."""
        rows = self.in_conversation(conversation.pk).select_related("correction")
        return rows.locked(pk=pk)

    def oldest_first(self) -> Self:
        """Orders by ``created_at``, then by ``id``."""
        return self.order_by("created_at", "id")


class Comment(IdempotentModel):
    """A comment of a teacher on a turn of a shared conversation, or on all of it if ``turn`` is null.

    ``corrected`` is the right form of ``quote``: such a comment has a Correction of the same texts.
    ``author`` is null after the teacher's account is deleted. A database trigger announces each comment
    to the learner (``private.announce_comment``).
    """

    conversation = models.ForeignKey(
        VoiceConversation, on_delete=models.CASCADE, related_name="comments", db_index=False
    )
    author = models.ForeignKey(
        User, on_delete=models.SET_NULL, null=True, blank=True, related_name="written_comments"
    )
    turn = models.PositiveIntegerField(null=True, blank=True)
    quote = models.TextField(blank=True)
    corrected = models.TextField(blank=True)
    text = models.TextField()
    created_at = models.DateTimeField(auto_now_add=True)
    edited_at = models.DateTimeField(null=True, blank=True)

    objects = CommentQuerySet.as_manager()

    class Meta:
        constraints = [
            once_per_client_id("conversation", "author", name="comment_once_per_client_id"),
            models.CheckConstraint(
                condition=~Q(text=""),
                name="comment_has_text",
                violation_error_message="A comment has a text.",
            ),
            models.CheckConstraint(
                condition=Q(corrected="") | ~Q(quote=""),
                name="comment_with_correction_has_a_quote",
                violation_error_message="A correction needs the quote that it corrects.",
            ),
        ]

    def __str__(self) -> str:
        return f"Comment {self.pk}"

    def edit(self, fields: Mapping[str, Any], *, at: datetime) -> bool:
        """Changes these columns. Returns False, and changes nothing, if they have these values already.

        A database trigger announces the change (``private.announce_comment``).
        """
        changed = [name for name, value in fields.items() if getattr(self, name) != value]
        if changed:
            for name in changed:
                setattr(self, name, fields[name])
            self.edited_at = at
            self.save(update_fields=[*changed, "edited_at"])
        return bool(changed)
