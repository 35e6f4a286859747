"""The bytes that users store, counted by database triggers (migrations/sql/0047_stored_bytes.sql).

Counted are conversations, messages, cards, corrections, comments and gigs: a user may write any number of
them. A row counts its texts and 200 bytes. Corrections and comments count for their author, cards for their
learner.
"""

from __future__ import annotations

import uuid

from django.conf import settings
from django.db import models
from django.db.models import F, Func, Sum
from django.db.models.expressions import Combinable

# Without coalesce in Django: a sum of bigint is a decimal number.
SUM_OF_USER = """coalesce(
    (select sum(b.bytes) from accounts_storedbytes b where b.user_id = %(expressions)s), 0)::bigint"""


def bytes_of_user(column: str = "pk") -> Combinable:
    """The bytes that the user with the id in ``column`` stores."""
    # Not an IntegerField: Django would convert the value, which a CompiledQuery must not need.
    return Func(F(column), template=SUM_OF_USER, output_field=models.Field())


class StoredBytesQuerySet(models.QuerySet["StoredBytes"]):
    def of_user(self, pk: uuid.UUID) -> int:
        """The bytes that the user stores."""
        return int(self.filter(user=pk).aggregate(total=Sum("bytes"))["total"] or 0)


class StoredBytes(models.Model):
    """The difference that a statement has made to the bytes of a user, or the sum of earlier differences.

    The sum of a user's rows is the user's bytes. A trigger replaces them by their sum, on average at each
    32nd row.
    """

    # The counted rows have the foreign key; a second check would slow each write.
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.CASCADE,
        db_index=False,
        db_constraint=False,
        related_name="+",
    )
    bytes = models.BigIntegerField()

    objects = StoredBytesQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["user"], include=["bytes"], name="stored_bytes_of_user")]

    def __str__(self) -> str:
        return f"{self.user_id}: {self.bytes:+,} bytes"
