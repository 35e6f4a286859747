"""Reading gigs: whose, which are on offer, in what order."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Self
from uuid import UUID

from django.db import models
from django.db.models import Q

from accounts.models.users import User
from accounts.values import languages, search_text

if TYPE_CHECKING:
    from accounts.models.gigs import Gig

OF_LISTED_TEACHER = Q(
    teacher__user__deleted_at=None, teacher__user__is_active=True, teacher__user__is_staff=False
)


class GigQuerySet(models.QuerySet["Gig"]):
    def active(self) -> Self:
        """Gigs on offer, by teachers of the directory."""
        return self.filter(OF_LISTED_TEACHER, status=self.model.Status.ACTIVE)

    def for_user(self, user: User) -> Self:
        """The caller's own gigs, in every status."""
        return self.filter(teacher=user.pk)

    def visible_to(self, user: User) -> Self:
        """Gigs on offer and the caller's own; all of them to staff."""
        return self if user.is_staff else self.filter(Q(pk__in=self.active()) | Q(teacher=user.pk))

    def with_teacher(self) -> Self:
        """Loads each gig's teacher and person in the same query."""
        return self.select_related("teacher__user")

    def newest_first(self) -> Self:
        """By creation, the id breaking ties."""
        return self.order_by("-created_at", "-id")

    def in_language(self, language: str) -> Self:
        """Gigs that teach ``language``, however either was spelt."""
        return self.filter(language_code=languages.code_of(language))

    def in_currency(self, currency: str) -> Self:
        """Gigs priced in ``currency``."""
        return self.filter(currency=currency.upper())

    def priced_between(self, lowest: Decimal | None, highest: Decimal | None) -> Self:
        """Gigs with a price for a session within these, both included; None is no bound."""
        rows = self if lowest is None else self.filter(price_per_session__gte=lowest)
        return rows if highest is None else rows.filter(price_per_session__lte=highest)

    def lasting_between(self, shortest: int | None, longest: int | None) -> Self:
        """Gigs whose session lasts this many minutes, both included; None is no bound."""
        rows = self if shortest is None else self.filter(session_minutes__gte=shortest)
        return rows if longest is None else rows.filter(session_minutes__lte=longest)

    def of_teacher(self, teacher_id: UUID) -> Self:
        """One teacher's gigs."""
        return self.filter(teacher=teacher_id)

    def tagged(self, tag: str) -> Self:
        """Gigs with this tag, in any case and without regard to accents."""
        return self.filter(tag_keys__contains=[search_text.plain(tag).strip()])

    def mentioning(self, text: str) -> Self:
        """Gigs each word of ``text`` is part of: title, description, tags, language, teacher's name."""
        found = self
        for word in search_text.words_of(text):
            own = self.model.objects.filter(search_text__contains=word).values("pk")
            people = User.objects.filter(search_text__contains=word).values("pk")
            named = self.model.objects.filter(teacher__in=people).values("pk")
            # A union of sets, each by its own index: OR over joined tables would use none.
            found = found.filter(pk__in=own.union(named))
        return found

    def by_client_id(self, client_id: UUID | None) -> Gig | None:
        """The gig that came with this ``client_id``."""
        return self.filter(client_id=client_id).first() if client_id else None
