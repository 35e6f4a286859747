"""Bans: the instant until which a user has no access, and the conditions that compare it with now.

Every comparison uses the database's clock, so a ban ends without a write and without a worker.
"""

from datetime import UTC, datetime
from typing import Any

from django.contrib.auth.base_user import AbstractBaseUser
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.crypto import salted_hmac

from accounts.models.derived import DerivedColumnsModel

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


class BannableUser(DerivedColumnsModel, AbstractBaseUser):
    """A user whom staff can ban. ``banned_until`` is the end of the last ban, if nobody has lifted it."""

    banned_until = EndField(null=True, blank=True, editable=False)

    class Meta:
        abstract = True

    def get_session_auth_hash(self) -> str:
        """The value that Django stores in each admin session. ``ban`` changes it, which ends the sessions."""
        value = f"{self.pk}{self.password}"
        return salted_hmac("accounts.User", value, algorithm="sha256").hexdigest()

    def ban(self, *, until: datetime = FOREVER) -> None:
        """Withdraws all access, and ends the user's admin sessions: the end of a ban restores none."""
        self.banned_until = until.astimezone(UTC)  # PostgreSQL refuses offsets of 16 hours or more
        # A new random unusable password: it changes the session hash, see get_session_auth_hash.
        self.set_unusable_password()
        self.save(update_fields=["banned_until", "password", "updated_at"])

    def unban(self) -> None:
        self.banned_until = None
        self.save(update_fields=["banned_until", "updated_at"])

    def is_banned(self, *, at: datetime) -> bool:
        """Whether the ban has not ended. The API asks the database instead: see ``models/bans.py``."""
        return self.banned_until is not None and self.banned_until > at
