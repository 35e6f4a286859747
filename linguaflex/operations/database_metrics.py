"""Metrics that are read from the database at each scrape, in five statements with a time limit."""

from collections import Counter
from collections.abc import Iterator
from datetime import timedelta

from django.db import Error
from django.db.models import Sum
from django.utils import timezone
from prometheus_client import CollectorRegistry
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from accounts.models import VoiceConversation, VoiceSession
from accounts.models.local_settings import local_settings
from accounts.services import worker_health

MAX_MILLISECONDS = 2_000
NEWEST_CONVERSATIONS = 1_000


class DatabaseCollector(Collector):
    def collect(self) -> Iterator[GaugeMetricFamily]:
        """The metrics. If the database does not answer, only ``linguaflex_database_up``, which is 0 then."""
        found = list[GaugeMetricFamily]()
        try:
            with local_settings(statement_timeout=MAX_MILLISECONDS):
                found = [*jobs(), *feedback(), *voice_minutes()]
        except Error:
            pass
        up = "Whether the database has answered this scrape in time."
        yield GaugeMetricFamily("linguaflex_database_up", up, value=bool(found))
        yield from found


def registry() -> CollectorRegistry:
    """A registry that reads the database when it is written out."""
    registry = CollectorRegistry()
    registry.register(DatabaseCollector())
    return registry


def jobs() -> Iterator[GaugeMetricFamily]:
    """The state of each queue of background jobs. A queue whose workers were never seen has no time."""
    at = timezone.now()
    due = GaugeMetricFamily("linguaflex_jobs_due", "Due jobs that wait, at most 10,000.", labels=["queue"])
    oldest = GaugeMetricFamily(
        "linguaflex_oldest_job_seconds", "How long the oldest due job has waited.", labels=["queue"]
    )
    seen = GaugeMetricFamily(
        "linguaflex_worker_last_seen_seconds", "The time since a worker was last seen.", labels=["queue"]
    )
    for queue in worker_health.queues():
        due.add_metric([queue.name], queue.due)
        oldest.add_metric([queue.name], queue.oldest_age(at).total_seconds())
        if queue.seen_at is not None:
            seen.add_metric([queue.name], (at - queue.seen_at).total_seconds())
    yield from (due, oldest, seen)


def feedback() -> Iterator[GaugeMetricFamily]:
    """The outcomes of AI feedback of the newest conversations."""
    metric = GaugeMetricFamily(
        "linguaflex_recent_feedback",
        f"The newest {NEWEST_CONVERSATIONS:,} conversations by the state of their AI feedback.",
        labels=["status"],
    )
    newest = VoiceConversation.objects.order_by("-pk").values_list("feedback_status", flat=True)
    counts = Counter(newest[:NEWEST_CONVERSATIONS])
    for status in VoiceConversation.FeedbackStatus.values:
        metric.add_metric([status], counts[status])
    yield metric


def voice_minutes() -> Iterator[GaugeMetricFamily]:
    """The minutes charged for voice sessions."""
    recent = VoiceSession.objects.after(timezone.now() - timedelta(days=1))
    minutes = recent.aggregate(minutes=Sum("charged_minutes", default=0))["minutes"]
    text = "Minutes charged for voice sessions that began in the last 24 hours."
    yield GaugeMetricFamily("linguaflex_voice_minutes_last_day", text, value=minutes)
