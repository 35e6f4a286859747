"""Bans: the instant until which a user has no access, and the conditions that compare it with now.

Every comparison uses the database's clock, so a ban ends without a write and without a worker.
"""

from datetime import UTC, datetime
from typing import Any

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

# The end of a ban without an end. PostgreSQL stores ``infinity``; psycopg2 reads it as this value.
FOREVER = datetime.max.replace(tzinfo=UTC)
NOW = Now()


class EndField(models.DateTimeField):  # type: ignore[type-arg]
    """An instant, or FOREVER, which is stored as PostgreSQL's ``infinity``.

    It needs no conversion after a read: psycopg2 returns ``infinity`` as ``datetime.max`` in the time zone
    of the connection, which is UTC. psycopg 3 would raise DataError.
    """

    def get_db_prep_value(self, value: Any, connection: Any, prepared: bool = False) -> Any:
        value = super().get_db_prep_value(value, connection, prepared)
        return "infinity" if value == FOREVER else value


def not_banned(path: str = "") -> Q:
    """The condition that a user has no ban, or one that has ended. ``path`` is the lookup to the user."""
    return Q(**{f"{path}banned_until": None}) | Q(**{f"{path}banned_until__lte": NOW})


def banned(path: str = "") -> Q:
    """The condition that a user is banned now. ``path`` is the lookup to the user."""
    return Q(**{f"{path}banned_until__gt": NOW})
