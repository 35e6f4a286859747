"""Gigs: the teaching services that teachers offer."""

from decimal import Decimal

from django.contrib.postgres.fields import ArrayField
from django.db import models

from accounts.models.teachers import Teacher


class Gig(models.Model):
    """One service: a language, a price for a session, its length in minutes."""

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
    price_per_session = models.DecimalField(max_digits=10, decimal_places=2)
    currency = models.CharField(max_length=3, default="USD")  # ISO 4217
    session_minutes = models.PositiveSmallIntegerField()
    tags = ArrayField(models.CharField(max_length=50), default=list, blank=True)
    what_is_included = models.TextField(max_length=5000, blank=True)
    status = models.CharField(max_length=10, choices=Status, default=Status.ACTIVE)
    client_id = models.UUIDField(null=True, blank=True, editable=False)
    creation_digest = models.CharField(max_length=64, blank=True, editable=False)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(price_per_session__gte=Decimal(0)),
                name="gig_price_is_not_negative",
                violation_error_message="A price is zero or more.",
            ),
            models.CheckConstraint(
                condition=models.Q(session_minutes__gte=1, session_minutes__lte=1440),
                name="gig_session_fits_a_day",
                violation_error_message="A session lasts 1 to 1440 minutes.",
            ),
            models.CheckConstraint(
                condition=models.Q(currency__regex=r"^[A-Z]{3}$"),
                name="gig_currency_is_iso_4217",
                violation_error_message="A currency is three capital letters.",
            ),
            models.CheckConstraint(
                condition=models.Q(status__in=["draft", "active", "paused", "suspended"]),
                name="gig_status_is_known",
            ),
            models.UniqueConstraint(
                fields=["teacher", "client_id"],
                name="gig_once_per_client_id",
                violation_error_message="This client_id was already used.",
            ),
        ]
        indexes = [
            models.Index(fields=["teacher", "-created_at", "-id"], name="gig_of_teacher"),
            models.Index(
                fields=["language_code", "price_per_session", "id"],
                condition=models.Q(status="active"),
                name="gig_active_by_language",
            ),
        ]

    def __str__(self) -> str:
        return self.title
