"""Gigs: the teaching services that teachers offer."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any, Self
from uuid import UUID

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.validators import ArrayMaxLengthValidator
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Func, Q, Value, Window
from django.db.models.functions import RowNumber

from accounts.errors import Conflict
from accounts.models.derived import DerivedColumnsModel
from accounts.models.idempotent import IdempotentModel, IdempotentQuerySet, once_per_client_id
from accounts.models.querysets import one_of
from accounts.models.search import contains_word, short_substrings
from accounts.models.teachers import BY_PRICE, Teacher
from accounts.models.users import User, is_listed
from accounts.models.validators import validate_currency
from accounts.values import languages, search_text

MAX_GIGS = 200  # of a teacher, in every status: a teacher's page has all that are on offer
MAX_SEARCHED_CHARACTERS = 2_000  # a new name of the teacher is written into the search text of each gig
MAX_SESSION_MINUTES = 24 * 60
MAX_TAGS = 20
MAX_TAG_LENGTH = 50


class GigQuerySet(IdempotentQuerySet["Gig"]):
    def active(self) -> Self:
        """Gigs on offer: active, and the teacher is listed."""
        return self.filter(is_listed("teacher__user__")).active_of_listed()

    def active_of_listed(self) -> Self:
        """Active gigs. They are on offer if their teacher is listed."""
        return self.filter(status=Gig.Status.ACTIVE)

    def for_user(self, user: User) -> Self:
        """The user's own gigs, in every status; the only way from the API to a change of a gig."""
        return self.filter(teacher=user.pk)

    def visible_to(self, user: User) -> Self:
        """Gigs on offer and the user's own; for staff, all gigs."""
        return self if user.is_staff else self.filter(Q(pk__in=self.active()) | Q(teacher=user.pk))

    def with_teacher(self) -> Self:
        """Loads each gig's teacher, and the teacher's user, in the same query."""
        return self.select_related("teacher__user")

    def newest_first(self) -> Self:
        """Orders by creation, then by id."""
        return self.order_by("-created_at", "-id")

    def first_of_teachers(self, teachers: list[UUID], count: int) -> Self:
        """The first ``count`` gigs of each of these teachers, by currency and then by price."""
        rank = Window(RowNumber(), partition_by="teacher", order_by=BY_PRICE)
        ids = Value(teachers, ArrayField(models.UUIDField()))
        # One parameter, whatever the number of ids.
        one_of = Func(
            F("teacher"),
            ids,
            template="%(expressions)s)",
            arg_joiner=" = any(",
            output_field=models.BooleanField(),
        )
        found = self.filter(one_of).annotate(rank=rank).filter(rank__lte=count)
        return found.order_by("teacher", "rank")

    def in_language(self, *names: str) -> Self:
        """Gigs that teach one of these languages, in any spelling: names in any language, or BCP 47 tags."""
        return self.filter(one_of("language_code", map(languages.code_of, names)))

    def in_currency(self, currency: str) -> Self:
        """Gigs priced in ``currency``, an ISO 4217 code in upper or lower case."""
        return self.filter(currency=currency.upper())

    def priced_from(self, price: Decimal) -> Self:
        """Gigs whose session costs ``price`` or more."""
        return self.filter(price_per_session__gte=price)

    def priced_up_to(self, price: Decimal) -> Self:
        """Gigs whose session costs ``price`` or less."""
        return self.filter(price_per_session__lte=price)

    def lasting_at_least(self, minutes: int) -> Self:
        """Gigs whose session lasts ``minutes`` or more."""
        return self.filter(session_minutes__gte=minutes)

    def lasting_at_most(self, minutes: int) -> Self:
        """Gigs whose session lasts ``minutes`` or less."""
        return self.filter(session_minutes__lte=minutes)

    def of_teacher(self, teacher_id: UUID) -> Self:
        """The gigs of one teacher."""
        return self.filter(teacher=teacher_id)

    def tagged(self, tag: str) -> Self:
        """Gigs with this whole tag. Ignores case, accents, hyphens and blanks."""
        return self.filter(tag_keys__contains=[search_text.key(tag)])

    def mentioning(self, text: str) -> Self:
        """Gigs in which every word of ``text`` occurs.

        The searched texts are the first MAX_SEARCHED_CHARACTERS of title, language, tags and description, and
        the teacher's name, city, country and bio.
        """
        words = search_text.words_of(text)
        return self.searched(*(contains_word(word, "full_search_text") for word in words))


class Gig(DerivedColumnsModel, IdempotentModel):
    """A teaching service: a language, the price of a session, and its length in minutes.

    ``status_before_suspension`` is the status that ``lift_suspension`` restores.
    """

    class Status(models.TextChoices):
        DRAFT = "draft", "Draft"
        ACTIVE = "active", "Active"
        PAUSED = "paused", "Paused"
        SUSPENDED = "suspended", "Suspended"

    teacher = models.ForeignKey(Teacher, on_delete=models.CASCADE, related_name="gigs")
    title = models.CharField(max_length=200)
    description = models.TextField(max_length=10_000)
    language = models.CharField(max_length=50)
    language_code = models.CharField(max_length=50, editable=False)
    price_per_session = models.DecimalField(
        max_digits=10, decimal_places=2, validators=[MinValueValidator(0)]
    )
    currency = models.CharField(max_length=3, default="USD", validators=[validate_currency])
    session_minutes = models.PositiveSmallIntegerField(
        validators=[MinValueValidator(1), MaxValueValidator(MAX_SESSION_MINUTES)]
    )
    tags = ArrayField(
        models.CharField(max_length=MAX_TAG_LENGTH),
        default=list,
        blank=True,
        validators=[ArrayMaxLengthValidator(MAX_TAGS)],
    )
    tag_keys = ArrayField(models.TextField(), default=list, blank=True, editable=False)
    what_is_included = models.TextField(max_length=5000, blank=True)
    search_text = models.TextField(blank=True, editable=False)
    # Also the search text of the user. Database triggers keep it (migrations/sql/0032_gig_search.sql).
    full_search_text = models.TextField(db_default="", editable=False)
    status = models.CharField(max_length=10, choices=Status, default=Status.ACTIVE)
    status_before_suspension = models.CharField(max_length=10, choices=Status, blank=True, editable=False)
    suspended_at = models.DateTimeField(null=True, blank=True, editable=False)
    suspension_reason = models.TextField(max_length=1000, blank=True, editable=False)
    created_at = models.DateTimeField(auto_now_add=True)

    objects = GigQuerySet.as_manager()

    derived_columns = {
        "language_code": ("language",),
        "tag_keys": ("tags",),
        "search_text": ("title", "description", "language", "tags"),
    }

    class Meta:
        permissions = [("suspend_gig", "Can suspend gigs and lift suspensions")]
        constraints = [
            models.CheckConstraint(
                condition=Q(price_per_session__gte=Decimal(0)),
                name="gig_price_is_not_negative",
                violation_error_message="A price is zero or more.",
            ),
            models.CheckConstraint(
                condition=Q(session_minutes__gte=1, session_minutes__lte=MAX_SESSION_MINUTES),
                name="gig_session_fits_a_day",
                violation_error_message="A session lasts 1 to 1440 minutes.",
            ),
            models.CheckConstraint(
                condition=Q(currency__regex=r"^[A-Z]{3}$"),
                name="gig_currency_is_iso_4217",
                violation_error_message="A currency is three capital letters.",
            ),
            models.CheckConstraint(
                condition=Q(status__in=["draft", "active", "paused", "suspended"]),
                name="gig_status_is_known",
            ),
            models.CheckConstraint(
                condition=Q(status="suspended") ^ Q(suspended_at=None),
                name="gig_suspension_has_an_instant",
            ),
            once_per_client_id("teacher", name="gig_once_per_client_id"),
        ]
        indexes = [
            models.Index(fields=["teacher", "-created_at", "-id"], name="gig_of_teacher"),
            models.Index(
                fields=["language_code", "price_per_session", "id"],
                condition=Q(status="active"),
                name="gig_active_by_language",
            ),
            models.Index(
                fields=["currency", "price_per_session", "id"],
                condition=Q(status="active"),
                name="gig_active_by_currency",
            ),
            models.Index(
                fields=["-created_at", "-id"], condition=Q(status="active"), name="gig_active_newest_first"
            ),
            models.Index(
                fields=["teacher", "price_per_session", "id"],
                condition=Q(status="active"),
                name="gig_active_of_teacher",
            ),
            GinIndex(fields=["tag_keys"], name="gig_by_tag"),
            GinIndex(fields=["full_search_text"], name="gig_full_search", opclasses=["gin_trgm_ops"]),
            GinIndex(short_substrings("full_search_text"), name="gig_full_short_search"),
        ]

    def __str__(self) -> str:
        return self.title

    def clean(self) -> None:
        """Converts the currency to upper case, so that admin forms accept both cases."""
        self.currency = self.currency.upper()

    def derive(self) -> None:
        """Sets the language code, the tags in comparable form, and the search text."""
        self.language_code = languages.code_of(self.language)
        self.tag_keys = [search_text.key(tag) for tag in self.tags]
        texts = [self.title, self.language, *self.tags, self.description]
        self.search_text = search_text.searchable(texts, MAX_SEARCHED_CHARACTERS)

    def delete(self, *args: Any, **kwargs: Any) -> tuple[int, dict[str, int]]:
        """Deletes the row. Raises Conflict if the gig is suspended.

        The caller holds the lock of the row, so that no suspension runs in parallel. ``QuerySet.delete``
        and the deletion of the teacher do not call this method.
        """
        self.check_deletable()
        return super().delete(*args, **kwargs)

    def activate(self) -> None:
        """Puts the gig on offer. Raises Conflict if it is suspended."""
        self._change_status(Gig.Status.ACTIVE)

    def pause(self) -> None:
        """Removes the gig from the lists. Raises Conflict if it is suspended or a draft."""
        if self.status == Gig.Status.DRAFT:
            raise Conflict("A draft is not on offer, so it cannot be paused.", code="gig_is_a_draft")
        self._change_status(Gig.Status.PAUSED)

    def suspend(self, *, reason: str, at: datetime) -> None:
        """Hides the gig from all users except its owner and staff. A repetition changes the reason."""
        if self.status != Gig.Status.SUSPENDED:
            self.status_before_suspension = self.status
            self.status, self.suspended_at = Gig.Status.SUSPENDED, at
        self.suspension_reason = reason
        self._save_suspension()

    def lift_suspension(self) -> None:
        """Restores the status from before the suspension. Does nothing if the gig is not suspended."""
        if self.status == Gig.Status.SUSPENDED:
            self.status, self.suspended_at = self.status_before_suspension, None
            self.status_before_suspension = self.suspension_reason = ""
            self._save_suspension()

    def check_deletable(self) -> None:
        """Raises Conflict if the gig is suspended: its owner must be able to read the reason."""
        if self.status == Gig.Status.SUSPENDED:
            sentence = "A suspended gig cannot be deleted. Staff can lift the suspension."
            raise Conflict(sentence, code="gig_suspended")

    def _change_status(self, status: str) -> None:
        if self.status == Gig.Status.SUSPENDED:
            raise Conflict(
                "Staff have suspended this gig. Only staff can lift the suspension.", code="gig_suspended"
            )
        self.status = status
        self.save(update_fields=["status", "updated_at"])

    def _save_suspension(self) -> None:
        names = ["status", "status_before_suspension", "suspended_at", "suspension_reason", "updated_at"]
        self.save(update_fields=names)
