from decimal import Decimal

import django.contrib.postgres.fields
import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0002_teacher"),
    ]

    operations = [
        migrations.CreateModel(
            name="Gig",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True,
                        primary_key=True,
                        serialize=False,
                        verbose_name="ID",
                    ),
                ),
                ("title", models.CharField(max_length=200)),
                ("description", models.TextField(max_length=10000)),
                ("language", models.CharField(max_length=50)),
                ("language_code", models.CharField(editable=False, max_length=50)),
                (
                    "price_per_session",
                    models.DecimalField(decimal_places=2, max_digits=10),
                ),
                ("currency", models.CharField(default="USD", max_length=3)),
                ("session_minutes", models.PositiveSmallIntegerField()),
                (
                    "tags",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=50),
                        blank=True,
                        default=list,
                        size=None,
                    ),
                ),
                ("what_is_included", models.TextField(blank=True, max_length=5000)),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("draft", "Draft"),
                            ("active", "Active"),
                            ("paused", "Paused"),
                            ("suspended", "Suspended"),
                        ],
                        default="active",
                        max_length=10,
                    ),
                ),
                ("client_id", models.UUIDField(blank=True, editable=False, null=True)),
                (
                    "creation_digest",
                    models.CharField(blank=True, editable=False, max_length=64),
                ),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                ("updated_at", models.DateTimeField(auto_now=True)),
                (
                    "teacher",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="gigs",
                        to="accounts.teacher",
                    ),
                ),
            ],
        ),
        migrations.AddIndex(
            model_name="gig",
            index=models.Index(fields=["teacher", "-created_at", "-id"], name="gig_of_teacher"),
        ),
        migrations.AddIndex(
            model_name="gig",
            index=models.Index(
                condition=models.Q(("status", "active")),
                fields=["language_code", "price_per_session", "id"],
                name="gig_active_by_language",
            ),
        ),
        migrations.AddConstraint(
            model_name="gig",
            constraint=models.CheckConstraint(
                condition=models.Q(("price_per_session__gte", Decimal("0"))),
                name="gig_price_is_not_negative",
                violation_error_message="A price is zero or more.",
            ),
        ),
        migrations.AddConstraint(
            model_name="gig",
            constraint=models.CheckConstraint(
                condition=models.Q(("session_minutes__gte", 1), ("session_minutes__lte", 1440)),
                name="gig_session_fits_a_day",
                violation_error_message="A session lasts 1 to 1440 minutes.",
            ),
        ),
        migrations.AddConstraint(
            model_name="gig",
            constraint=models.CheckConstraint(
                condition=models.Q(("currency__regex", "^[A-Z]{3}$")),
                name="gig_currency_is_iso_4217",
                violation_error_message="A currency is three capital letters.",
            ),
        ),
        migrations.AddConstraint(
            model_name="gig",
            constraint=models.CheckConstraint(
                condition=models.Q(("status__in", ["draft", "active", "paused", "suspended"])),
                name="gig_status_is_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="gig",
            constraint=models.UniqueConstraint(
                fields=("teacher", "client_id"),
                name="gig_once_per_client_id",
                violation_error_message="This client_id was already used.",
            ),
        ),
    ]
