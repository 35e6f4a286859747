"""Reading people: who is present, who is listed, whom a token names; and making staff."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import TYPE_CHECKING, Any, Self

from django.contrib.auth.base_user import BaseUserManager
from django.db import models
from django.db.models import Q

from accounts.errors import InvalidToken
from accounts.integrations import supabase_auth
from accounts.models.auth_sessions import account_is_open, session_is_live
from accounts.values import languages, search_text

if TYPE_CHECKING:
    from accounts.models.users import User


class UserQuerySet(models.QuerySet["User"]):
    def present(self) -> Self:
        """People who have not deleted their account."""
        return self.filter(deleted_at=None)

    def locked_present(self, pk: uuid.UUID) -> User:
        """The person, locked until the transaction ends: no deletion begins in between.

        Whatever writes to a person's row or makes rows of theirs begins with it. Raises
        InvalidToken for one who has deleted the account.
        """
        user = self.present().select_for_update(no_key=True).filter(pk=pk).first()
        if user is None:
            raise InvalidToken("This account has been deleted.")
        return user

    def listed(self) -> Self:
        """The directory: neither staff nor people who are gone or banned."""
        return self.present().filter(is_active=True, is_staff=False)

    def with_teacher(self) -> Self:
        """Loads each person's teaching profile in the same query."""
        return self.select_related("teacher")

    def newest_first(self) -> Self:
        """By creation, the id breaking ties."""
        return self.order_by("-created_at", "-id")

    def in_role(self, role: str) -> Self:
        """Students or teachers."""
        return self.filter(role=role)

    def native_in(self, language: str) -> Self:
        """People whose native language is ``language``, however either was spelt."""
        return self.filter(native_language_code=languages.code_of(language))

    def learning(self, language: str) -> Self:
        """People who learn ``language``, however either was spelt."""
        return self.filter(learning_language_codes__contains=[languages.code_of(language)])

    def mentioning(self, text: str) -> Self:
        """People whose name or profile has every word of ``text``, without regard to accents."""
        words = (Q(search_text__contains=word) for word in search_text.words_of(text))
        return self.filter(*words)

    def for_claims(self, *, sub: uuid.UUID, session_id: uuid.UUID, issued_at: datetime) -> Self:
        """The person of an access token, with ``session_live`` and ``teacher``: one statement for all."""
        return (
            self.select_related("teacher")
            .filter(pk=sub)
            .annotate(session_live=session_is_live(sub=sub, session_id=session_id, issued_at=issued_at))
        )

    def with_email_older_than(self, instant: datetime) -> Self:
        """People whose address was last taken from a token issued before ``instant``, or from none."""
        return self.filter(Q(email_as_of=None) | Q(email_as_of__lt=instant))

    def staff(self) -> Self:
        """Members of staff who may act: neither gone nor banned here."""
        return self.present().filter(is_active=True, is_staff=True)

    def with_open_account(self, sub: uuid.UUID) -> Self:
        """The person ``sub`` unless Supabase says that the account is gone or banned."""
        return self.filter(account_is_open(sub), pk=sub)

    def awaiting_deletion(self, *, before: datetime) -> Self:
        """Tombstones from ``before`` whose account and rows are not yet gone."""
        return self.filter(deleted_at__lt=before, deletion_finished_at=None)


class UserManager(BaseUserManager["User"].from_queryset(UserQuerySet)):  # type: ignore[misc]
    def get_by_natural_key(self, username: str | None) -> User:
        """The member of staff with this address: among staff alone it is unique."""
        user: User = self.get(email__iexact=username, is_staff=True)
        return user

    def create_superuser(self, email: str, password: str | None = None, **fields: Any) -> User:
        """Makes a confirmed Supabase account and its row with all rights.

        Raises InvalidInput when Supabase refuses the address or the password.
        """
        account = supabase_auth.create_account(email=email, password=password, name="")
        user: User
        user, _ = self.update_or_create(
            pk=account.id,
            defaults={
                "email": account.email,
                "is_staff": True,
                "is_superuser": True,
                **fields,
            },
        )
        return user
