"""The log of readings of private text by staff."""

from __future__ import annotations

from typing import Self

from django.db import models
from django.db.models import CharField, Q
from django.db.models.functions import Cast

from accounts.models.chats import Chat, Message
from accounts.models.users import User
from accounts.models.validators import validate_not_blank


class PrivateTextReadingQuerySet(models.QuerySet["PrivateTextReading"]):
    def about(self, user: User) -> Self:
        """Readings of the user's texts, and of chats of the user and their messages."""
        chats = Chat.objects.filter(participants__user=user).annotate(text_id=Cast("pk", CharField()))
        messages = Message.objects.for_user(user).annotate(text_id=Cast("pk", CharField()))
        return self.filter(
            Q(owner=user)
            | Q(model="chat", object_id__in=chats.values("text_id"))
            | Q(model="message", object_id__in=messages.values("text_id"))
        )

    def empty_reasons(self) -> int:
        """Empties ``why``. Returns the number of changed rows."""
        return self.exclude(why="").update(why="")


class PrivateTextReading(models.Model):
    """One reading: ``by`` may read the texts of the row ``object_id`` of ``model``, which are the owner's.

    The row is committed before the texts are read. A database trigger refuses every later change, except
    that ``why`` is emptied with the account of the owner (``private.keep_reading``).
    """

    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="readings")
    owner = models.ForeignKey(
        User, on_delete=models.PROTECT, null=True, blank=True, related_name="readings_of_texts"
    )
    model = models.CharField(max_length=50)  # such as "voiceconversation"
    object_id = models.CharField(max_length=36)
    why = models.CharField(max_length=500, validators=[validate_not_blank])
    created_at = models.DateTimeField(auto_now_add=True)

    objects = PrivateTextReadingQuerySet.as_manager()

    class Meta:
        default_permissions = ("view",)
        permissions = [("read_private_text", "Can read private texts, with a reason that is logged")]
        indexes = [models.Index(fields=["model", "object_id"], name="reading_of_row")]

    def __str__(self) -> str:
        return f"Reading {self.pk}"
