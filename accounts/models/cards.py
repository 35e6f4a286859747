"""Flashcards of a learner."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime
from typing import Self

from django.contrib.postgres.expressions import ArraySubquery
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import Case, Count, Exists, F, OuterRef, Prefetch, Q, Subquery, Value, When
from django.db.models.functions import Coalesce

from accounts.models.card_reviews import CardReview
from accounts.models.corrections import Correction
from accounts.models.derived import DerivedColumnsModel
from accounts.models.idempotent import IdempotentModel, IdempotentQuerySet, once_per_client_id
from accounts.models.querysets import one_of
from accounts.models.users import User
from accounts.values import languages, search_text

SUSPENDED = "suspended"  # the state of a suspended card in the API
MAX_SEARCHED_CHARACTERS = 25_000


class CardQuerySet(IdempotentQuerySet["Card"]):
    def for_user(self, user: User) -> Self:
        """The user's own cards; the only way from the API to a card."""
        return self.filter(learner=user)

    def with_keys(self, language_codes: Iterable[str], keys: Iterable[str]) -> Self:
        """Cards with one of these languages, and one of these values of ``dedupe_key``."""
        return self.filter(language_code__in=language_codes, dedupe_key__in=keys)

    def due_first(self) -> Self:
        """Orders by ``due_at``, then by ``id``."""
        return self.order_by("due_at", "id")

    def oldest_first(self) -> Self:
        """Orders by ``id``."""
        return self.order_by("id")

    def created_after(self, pk: int) -> Self:
        """Cards with a greater id."""
        return self.filter(pk__gt=pk)

    def due(self, at: datetime) -> Self:
        """Cards due at ``at`` that are not suspended."""
        return self.filter(suspended_at=None, due_at__lte=at)

    def in_language(self, *names: str) -> Self:
        """Cards in one of these languages, in any spelling."""
        return self.filter(one_of("language_code", map(languages.code_of, names)))

    def in_state(self, *states: str) -> Self:
        """Cards in one of these states of the API: a State, or SUSPENDED."""
        condition = Q()
        for state in states:
            is_suspended = state == SUSPENDED
            condition |= Q(suspended_at__isnull=False) if is_suspended else Q(suspended_at=None, state=state)
        return self.filter(condition)

    def from_source(self, *sources: str) -> Self:
        """Cards with a correction of one of these values of Correction.Source."""
        return self.filter(_has_correction(source__in=sources))

    def from_conversation(self, pk: int) -> Self:
        """Cards with a correction of this conversation."""
        return self.filter(_has_correction(conversation=pk))

    def only_from_conversation(self, pk: int) -> Self:
        """Cards with corrections, all of them of this conversation."""
        others = CardSource.objects.filter(card=OuterRef("pk")).exclude(correction__conversation=pk)
        return self.from_conversation(pk).filter(~Exists(others))

    def concerned_by(self, correction: Correction, key: str) -> Self:
        """Cards with this correction, and the card of its language with this ``dedupe_key``."""
        linked = Exists(CardSource.objects.filter(card=OuterRef("pk"), correction=correction))
        return self.filter(Q(linked) | Q(language_code=correction.language_code, dedupe_key=key))

    def with_sources(self) -> Self:
        """Adds ``correction_ids``, ascending."""
        links = CardSource.objects.filter(card=OuterRef("pk")).order_by("correction")
        return self.annotate(correction_ids=ArraySubquery(links.values("correction_id")))

    def with_shown_state(self) -> Self:
        """Adds the column ``shown_state``, for lists without instances: an instance computes it."""
        suspended = When(suspended_at__isnull=False, then=Value(SUSPENDED))
        return self.annotate(shown_state=Case(suspended, default=F("state"), output_field=models.TextField()))

    def with_reviews(self) -> Self:
        """Loads the reviews in one more query, in the order of replay."""
        return self.prefetch_related(Prefetch("reviews", CardReview.objects.in_order()))

    def with_review_count(self) -> Self:
        """Adds ``review_count``, the number of reviews."""
        reviews = CardReview.objects.filter(card=OuterRef("pk")).order_by().values("card")
        counted = Subquery(reviews.annotate(number=Count("*")).values("number"))
        return self.annotate(review_count=Coalesce(counted, 0))

    def mentioning(self, text: str) -> Self:
        """Cards with every word of ``text`` in front, back or note. Ignores case and accents."""
        return self.searched(*(Q(search_text__contains=word) for word in search_text.words_of(text)))


def _has_correction(**lookups: object) -> Exists:
    conditions = {f"correction__{name}": value for name, value in lookups.items()}
    return Exists(CardSource.objects.filter(card=OuterRef("pk"), **conditions))


class Card(DerivedColumnsModel, IdempotentModel):
    """A flashcard with its state in the scheduler FSRS-6 (the package ``fsrs``).

    ``front`` is the mistake, ``back`` the right form. ``dedupe_key`` is that of the right form, see
    ``values/flashcards.py``: the next correction with the same key becomes one more source of this card. It
    is empty if another card of the learner in this language has the key already. ``state`` is ``new`` before
    the first review. ``step``, ``stability`` (days) and ``difficulty`` (1 to 10) are FSRS's own.
    """

    class State(models.TextChoices):
        NEW = "new", "New"
        LEARNING = "learning", "Learning"
        REVIEW = "review", "Review"
        RELEARNING = "relearning", "Relearning"

    learner = models.ForeignKey(User, on_delete=models.CASCADE, related_name="cards", db_index=False)
    front = models.TextField()
    back = models.TextField()
    note = models.TextField(blank=True)
    language_code = models.CharField(max_length=50, blank=True)
    dedupe_key = models.CharField(max_length=64, blank=True, editable=False)
    corrections = models.ManyToManyField(Correction, through="CardSource", related_name="cards")
    state = models.CharField(max_length=10, choices=State, default=State.NEW)
    step = models.PositiveSmallIntegerField(null=True, blank=True)
    stability = models.FloatField(null=True, blank=True)
    difficulty = models.FloatField(null=True, blank=True)
    due_at = models.DateTimeField()
    last_reviewed_at = models.DateTimeField(null=True, blank=True)
    suspended_at = models.DateTimeField(null=True, blank=True)
    edited_at = models.DateTimeField(null=True, blank=True, editable=False)
    search_text = models.TextField(blank=True, editable=False)
    created_at = models.DateTimeField()

    objects = CardQuerySet.as_manager()

    derived_columns = {"search_text": ("front", "back", "note")}

    class Meta:
        constraints = [
            once_per_client_id("learner", name="card_once_per_client_id"),
            models.UniqueConstraint(
                fields=["learner", "language_code", "dedupe_key"],
                condition=~Q(dedupe_key=""),
                name="card_once_per_corrected_form",
                violation_error_message="The learner has a card with this answer.",
            ),
            models.CheckConstraint(
                condition=Q(state__in=["new", "learning", "review", "relearning"]), name="card_state_is_known"
            ),
            models.CheckConstraint(
                condition=Q(state="new", last_reviewed_at=None)
                | (~Q(state="new") & Q(last_reviewed_at__isnull=False)),
                name="card_is_new_until_reviewed",
            ),
        ]
        indexes = [
            models.Index(fields=["learner", "due_at", "id"], name="card_of_learner"),
            models.Index(
                fields=["learner", "language_code", "due_at", "id"],
                condition=Q(suspended_at=None),
                name="card_by_language",
            ),
            GinIndex(
                fields=["learner", "search_text"], name="card_search", opclasses=["uuid_ops", "gin_trgm_ops"]
            ),
        ]

    def __str__(self) -> str:
        return f"Card {self.pk}"

    @property
    def shown_state(self) -> str:
        """The state in the API: SUSPENDED, or ``state``."""
        return SUSPENDED if self.suspended_at else self.state

    def derive(self) -> None:
        """Computes the search text."""
        texts = [self.front, self.back, self.note]
        self.search_text = search_text.searchable(texts, MAX_SEARCHED_CHARACTERS)

    @property
    def has_learners_texts(self) -> bool:
        """Whether the learner has written or edited the texts."""
        return self.edited_at is not None or self.creation_digest != ""

    def suspend(self, *, at: datetime) -> None:
        """Takes the card out of the due cards. A repetition keeps the first ``at``."""
        if self.suspended_at is None:
            self.suspended_at = at
            self.save(update_fields=["suspended_at", "updated_at"])

    def resume(self) -> None:
        """Puts the card back among the due cards, with the due time that it had."""
        self.suspended_at = None
        self.save(update_fields=["suspended_at", "updated_at"])


class CardSourceQuerySet(models.QuerySet["CardSource"]):
    def of_cards(self, cards: Iterable[Card]) -> dict[int, set[int]]:
        """The ids of the corrections of each card that has any, by the card's id."""
        found = defaultdict(set)
        for card, correction in self.filter(card__in=cards).values_list("card_id", "correction_id"):
            found[card].add(correction)
        return found

    def link(self, card: Card, correction: Correction) -> Self:
        """The row of a card and a correction, if there is one."""
        return self.filter(card=card, correction=correction)


class CardSource(models.Model):
    """A correction that a card was made from."""

    card = models.ForeignKey(Card, on_delete=models.CASCADE, db_index=False)
    correction = models.ForeignKey(Correction, on_delete=models.CASCADE)

    objects = CardSourceQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["card", "correction"], name="card_source_once")]

    def __str__(self) -> str:
        return f"Card {self.card_id} of correction {self.correction_id}"
