"""Teachers: the teaching profiles of users."""

from __future__ import annotations

from decimal import Decimal
from typing import Any, Self

from django.contrib.postgres.expressions import ArraySubquery
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.validators import ArrayMaxLengthValidator
from django.core.validators import MaxValueValidator
from django.db import models
from django.db.models import Count, Exists, Func, Min, OuterRef, Prefetch, Q, QuerySet, Subquery, Value
from django.db.models.functions import Cast, JSONObject
from django.db.models.lookups import IsNull

from accounts.models.derived import DerivedColumnsModel
from accounts.models.search import SearchableQuerySet, contains_word, short_substrings
from accounts.models.users import User, is_listed
from accounts.values import search_text

MAX_CERTIFICATES = 20
MAX_SEARCHED_CHARACTERS = 6_000
MAX_CERTIFICATE_LENGTH = 200
MAX_EXPERIENCE_YEARS = 80
BY_PRICE = ("currency", "price_per_session", "id")  # the order of a teacher's gigs


class TeacherQuerySet(SearchableQuerySet["Teacher"]):
    near_rows, far_rows = 5, 0  # with all their gigs

    def for_user(self, user: User) -> Self:
        """The user's own teaching profile; the only way from the API to a change of it."""
        return self.filter(pk=user.pk)

    def listed(self) -> Self:
        """Teachers in the directory; see ``is_listed``."""
        return self.filter(is_listed("user__"))

    def offering(self, gigs: QuerySet[Any]) -> Self:
        """Teachers who own at least one of ``gigs``."""
        return self.filter(Exists(gigs.filter(teacher=OuterRef("pk"))))

    def with_fullness(self, gigs: QuerySet[Any], limit: int) -> Self:
        """Loads each teacher's user. Adds ``is_full``: the teacher owns ``limit`` of ``gigs``, or more."""
        last = gigs.filter(teacher=OuterRef("pk"))[limit - 1 :]
        return self.select_related("user").annotate(is_full=Exists(last))

    def with_offer(self, gigs: QuerySet[Any], currency: str = "") -> Self:
        """Loads each teacher's user, and the teacher's gigs among ``gigs`` into ``offered_gigs``.

        ``offered_gigs`` is ordered by currency, then by price. Adds the columns of ``with_prices``.
        """
        rows = gigs.order_by(*BY_PRICE).defer("search_text", "full_search_text")
        offered = Prefetch("gigs", rows, to_attr="offered_gigs")
        return self.prefetch_related(offered).with_prices(gigs, currency)

    def with_prices(self, gigs: QuerySet[Any], currency: str = "") -> Self:
        """Loads each teacher's user. Adds ``offers`` and the columns of ``with_lowest_price``.

        ``offers`` is JSON text: one ``{"currency": str, "lowest_price": str, "gigs": int}`` per currency.
        """
        offer = JSONObject(
            currency="currency",
            lowest_price=Cast(Min("price_per_session"), models.TextField()),
            gigs=Count("*"),
        )
        theirs = gigs.filter(teacher=OuterRef("pk")).order_by("currency").values("currency")
        offers = Func(ArraySubquery(theirs.annotate(offer=offer).values("offer")), function="to_jsonb")
        text = Cast(offers, models.TextField())
        return self.select_related("user").annotate(offers=text).with_lowest_price(gigs, currency)

    def with_lowest_price(self, gigs: QuerySet[Any], currency: str) -> Self:
        """Adds ``lowest_price``: the price of the teacher's cheapest of ``gigs`` in ``currency``, or None.

        ``lowest_price_currency`` is ``currency`` in upper case. Both are None if ``currency`` is "".
        """
        theirs = gigs.filter(teacher=OuterRef("pk"), currency=currency.upper())
        lowest = Subquery(theirs.order_by("price_per_session").values("price_per_session")[:1])
        unknown = Value(None, models.DecimalField[Decimal | None, Decimal | None]())
        return self.annotate(
            lowest_price=lowest if currency else unknown,
            lowest_price_currency=Value(currency.upper() or None, models.TextField()),
        )

    def mentioning(self, text: str, gigs: QuerySet[Any]) -> Self:
        """Teachers such that every word of ``text`` occurs in the name, the profile or one of ``gigs``."""
        conditions, walked = [], []
        for word in search_text.words_of(text):
            own, named = contains_word(word), contains_word(word, "user__search_text")
            offered = gigs.filter(contains_word(word, "full_search_text")).order_by()
            # Each part of the union uses an index; an OR over joined tables would use none.
            pks = [Teacher.objects.filter(part).order_by().values("pk") for part in (own, named)]
            conditions.append(Q(pk__in=pks[0].union(pks[1], offered.values("teacher_id"))))
            # Not Exists: PostgreSQL may evaluate it by reading all gigs once.
            theirs = Subquery(offered.filter(teacher=OuterRef("pk")).values("pk")[:1])
            walked.append(own | named | Q(IsNull(theirs, False)))
        return self.searched(*conditions, walked=walked)


class Teacher(DerivedColumnsModel):
    """The teaching profile of a user. Its primary key is the user's id."""

    user = models.OneToOneField(User, on_delete=models.CASCADE, primary_key=True, related_name="teacher")
    headline = models.CharField(max_length=150, blank=True)
    about = models.TextField(max_length=5000, blank=True)
    qualification = models.CharField(max_length=200, blank=True)
    experience_years = models.PositiveSmallIntegerField(
        default=0, validators=[MaxValueValidator(MAX_EXPERIENCE_YEARS)]
    )
    certificates = ArrayField(
        models.CharField(max_length=MAX_CERTIFICATE_LENGTH),
        default=list,
        blank=True,
        validators=[ArrayMaxLengthValidator(MAX_CERTIFICATES)],
    )
    is_verified = models.BooleanField(default=False)
    search_text = models.TextField(blank=True, editable=False)
    created_at = models.DateTimeField(auto_now_add=True)
    is_full: bool  # of ``with_fullness``

    objects = TeacherQuerySet.as_manager()

    derived_columns = {"search_text": ("headline", "about", "qualification")}

    class Meta:
        permissions = [("verify_teacher", "Can verify teachers and take it back")]
        constraints = [
            models.CheckConstraint(
                condition=Q(experience_years__lte=MAX_EXPERIENCE_YEARS),
                name="teacher_experience_is_a_working_life",
                violation_error_message="Experience is 0 to 80 years.",
            )
        ]
        indexes = [
            models.Index(fields=["-created_at", "-user"], name="teacher_newest_first"),
            models.Index(fields=["experience_years", "user"], name="teacher_by_experience"),
            GinIndex(fields=["search_text"], name="teacher_search", opclasses=["gin_trgm_ops"]),
            GinIndex(short_substrings("search_text"), name="teacher_short_search"),
        ]

    def __str__(self) -> str:
        return f"{self.user} ({self.headline})" if self.headline else str(self.user)

    def derive(self) -> None:
        """Sets the search text."""
        texts = [self.headline, self.qualification, self.about]
        self.search_text = search_text.searchable(texts, MAX_SEARCHED_CHARACTERS)

    def verify(self, *, verified: bool) -> None:
        """Stores whether staff have checked the qualification."""
        self.is_verified = verified
        self.save(update_fields=["is_verified", "updated_at"])
