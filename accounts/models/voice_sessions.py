"""Voice sessions: what each reserves and is charged of its user's minutes, and its call at OpenAI."""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, Self

from django.contrib.postgres.expressions import ArraySubquery
from django.db import models
from django.db.models import (
    Case,
    Count,
    DecimalField,
    ExpressionWrapper,
    F,
    Func,
    OuterRef,
    Q,
    Sum,
    Value,
    When,
)
from django.db.models.functions import Coalesce, TruncDate, TruncMonth

from accounts.models.querysets import LockableQuerySet
from accounts.models.users import User
from accounts.values import realtime_prices

KEPT = timedelta(days=400)
# A hang-up this long after the end of a session is ours: the learner is not charged more than reserved.
HANG_UP_TOLERANCE = timedelta(minutes=1)
MAX_CALL_MINUTES = 60  # OpenAI ends a call then
# A session whose call has not been begun after this time gives way to a new session.
TIME_TO_CALL = timedelta(minutes=2)


class VoiceSessionQuerySet(LockableQuerySet["VoiceSession"]):
    def for_user(self, user: User) -> Self:
        """The user's own sessions; the only way from the API to a row."""
        return self.filter(user=user)

    def after(self, instant: datetime) -> Self:
        """Sessions started later than ``instant``."""
        return self.filter(created_at__gt=instant)

    def until(self, instant: datetime) -> Self:
        """Sessions started at ``instant`` or earlier."""
        return self.filter(created_at__lte=instant)

    def oldest_first(self) -> Self:
        """Orders by ``created_at``, then by ``id``."""
        return self.order_by("created_at", "id")

    def with_stored_events(self) -> Self:
        """Adds ``stored_events``, the JSON array of the contents of the events, in the order of arrival."""
        contents = VoiceEvent.objects.filter(session=OuterRef("pk")).order_by("pk").values("content")
        array = Func(ArraySubquery(contents), function="to_json", output_field=models.JSONField())
        return self.annotate(stored_events=array)

    def instants(self) -> models.QuerySet[VoiceSession, datetime]:
        """The ``created_at`` of each session, oldest first."""
        return self.oldest_first().values_list("created_at", flat=True)

    def timed(self) -> Self:
        """Sessions with an end. Those that began before ``ends_at`` was a column have none."""
        return self.filter(ends_at__isnull=False)

    def open(self) -> Self:
        """Sessions that are neither saved nor ended."""
        return self.filter(state=VoiceSession.State.OPEN)

    def without_call(self, *, before: datetime) -> Self:
        """Open sessions started at ``before`` or earlier whose call was never begun."""
        never_called = Q(transport=VoiceSession.Transport.CALL, call_taken_at=None, last_event_at=None)
        return self.open().until(before).filter(never_called)

    def with_minutes(self, at: datetime) -> Self:
        """Adds ``minutes``: those charged, or those reserved while the charge is not known.

        A session without a call reserves minutes until it ends, and is charged none.
        """
        holds = Q(call_started_at__isnull=False) | Q(state=VoiceSession.State.OPEN, ends_at__gt=at)
        return self.annotate(
            minutes=Case(
                When(charged_minutes__isnull=False, then=F("charged_minutes")),
                When(holds, then=F("reserved_minutes")),
                default=Value(0),
            )
        )

    def with_estimated_cost(self, prices: Sequence[realtime_prices.Price] = realtime_prices.PRICES) -> Self:
        """Adds ``estimated_cost`` in US dollars, of the charged minutes. Null while the charge is not known.

        The price is that of the day on which the session started. ``prices`` are in the order of their dates.
        """
        dollars = DecimalField(max_digits=20, decimal_places=8)
        rates = [
            When(created_at__gte=datetime.combine(price.since, time(), UTC), then=Value(price.per_minute))
            for price in reversed(prices)
        ]
        rate = Case(*rates, default=Value(prices[0].per_minute), output_field=dollars)
        return self.annotate(estimated_cost=ExpressionWrapper(F("charged_minutes") * rate, dollars))

    def in_month(self, month: date) -> Self:
        """Sessions started in the month, in UTC, that begins on the date ``month``."""
        start = datetime.combine(month, time(), UTC)
        following = (start + timedelta(days=31)).replace(day=1)
        return self.filter(created_at__gte=start, created_at__lt=following)

    def usage(self, at: datetime, *groups: str) -> models.QuerySet[Any, dict[str, Any]]:
        """``sessions``, ``total_minutes``, ``tokens`` and ``estimated_total`` (US dollars) of each group.

        ``groups`` are columns, or ``day`` or ``month``, which are dates in UTC.
        """
        rows: Any = self.with_minutes(at).with_estimated_cost()
        rows = rows.annotate(
            day=TruncDate("created_at", tzinfo=UTC),
            month=TruncMonth("created_at", tzinfo=UTC, output_field=models.DateField()),
        )
        totals: models.QuerySet[Any, dict[str, Any]] = rows.values(*groups).annotate(
            sessions=Count("pk"),
            total_minutes=Sum("minutes"),
            tokens=Coalesce(Sum("reported_tokens"), 0),
            estimated_total=Sum("estimated_cost"),
        )
        return totals

    def uses(self, at: datetime) -> list[tuple[datetime, int]]:
        """The start and the minutes of each session that has minutes, oldest first."""
        rows: models.QuerySet[Any] = self.with_minutes(at).oldest_first()
        return [row for row in rows.values_list("created_at", "minutes") if row[1]]


class VoiceSession(models.Model):
    """A practice with the tutor. It becomes a conversation if the learner speaks.

    ``ends_at`` is the latest end of its call, earlier if the learner finishes. ``options`` are the keyword
    arguments of the session's configuration at OpenAI, until the session has ended. ``call_taken_at`` is the
    time at which a request to OpenAI began; only one may be under way. ``hang_up_due_at`` and
    ``save_due_at`` are the times of the next runs of the tasks.
    """

    class State(models.TextChoices):
        OPEN = "open", "Open"
        ENDED = "ended", "Ended without a conversation"
        SAVED = "saved", "Saved"

    class Transport(models.TextChoices):
        CALL = "call", "Call through the server"
        SECRET = "secret", "Client secret"

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="voice_sessions")
    created_at = models.DateTimeField()
    state = models.CharField(max_length=10, choices=State, db_default=State.ENDED)
    transport = models.CharField(max_length=10, choices=Transport, db_default=Transport.CALL)
    topic = models.CharField(max_length=200, blank=True, db_default="")
    native_language = models.CharField(max_length=50, blank=True, db_default="")
    target_language = models.CharField(max_length=50, blank=True, db_default="")
    conversation_type = models.CharField(max_length=20, blank=True, db_default="")
    options = models.JSONField(null=True, blank=True)
    ends_at = models.DateTimeField(null=True, blank=True)
    reserved_minutes = models.PositiveSmallIntegerField(db_default=0)
    charged_minutes = models.PositiveSmallIntegerField(null=True, blank=True)
    call_taken_at = models.DateTimeField(null=True, blank=True)
    call_id = models.CharField(max_length=128, blank=True, db_default="")
    call_started_at = models.DateTimeField(null=True, blank=True)
    hang_up_due_at = models.DateTimeField(null=True, blank=True)
    hung_up_at = models.DateTimeField(null=True, blank=True)
    save_due_at = models.DateTimeField(null=True, blank=True)
    event_bytes = models.PositiveIntegerField(db_default=0)
    last_event_at = models.DateTimeField(null=True, blank=True)
    reported_tokens = models.PositiveIntegerField(null=True, blank=True)

    objects = VoiceSessionQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(fields=["user", "created_at"], name="voice_session_of_user"),
            models.Index(fields=["-created_at", "-id"], name="voice_session_newest_first"),
        ]

    def __str__(self) -> str:
        return f"{self.user}, {self.created_at:%Y-%m-%d %H:%M:%S}"

    @property
    def call_runs(self) -> bool | None:
        """Whether the call has begun and is not hung up. None with a client secret: calls are not known."""
        if self.transport == self.Transport.SECRET:
            return None
        return self.call_started_at is not None and self.hung_up_at is None

    def is_open(self, at: datetime) -> bool:
        """Whether a call may begin or run at ``at``."""
        return self.state == self.State.OPEN and self.ends_at is not None and at < self.ends_at

    def change(self, **fields: Any) -> None:
        """Stores these columns."""
        for name, value in fields.items():
            setattr(self, name, value)
        self.save(update_fields=list(fields))

    def record_hang_up(self, *, at: datetime) -> None:
        """Stores the end of the call, and the charge: the minutes since its start, rounded up."""
        assert self.call_started_at is not None and self.ends_at is not None
        minutes = math.ceil((at - self.call_started_at) / timedelta(minutes=1))
        minutes = min(max(minutes, 0), MAX_CALL_MINUTES)
        if at <= self.ends_at + HANG_UP_TOLERANCE:
            minutes = min(minutes, self.reserved_minutes)
        self.change(hung_up_at=at, charged_minutes=minutes)


class VoiceEventQuerySet(models.QuerySet["VoiceEvent"]):
    def of_session(self, session: VoiceSession) -> Self:
        """The events of a session."""
        return self.filter(session=session)


class VoiceEvent(models.Model):
    """An event of OpenAI that a browser has reported, without the parts that nothing reads.

    Deleted when the session is saved or has ended.
    """

    session = models.ForeignKey(VoiceSession, on_delete=models.CASCADE, related_name="events", db_index=False)
    event_id = models.CharField(max_length=64)
    content = models.JSONField()

    objects = VoiceEventQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["session", "event_id"], name="voice_event_once_per_session")
        ]

    def __str__(self) -> str:
        return self.event_id
