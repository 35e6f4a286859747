"""The log of readings of private text by staff, which a trigger keeps append-only."""

from pathlib import Path

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import accounts.models.validators

SQL = Path(__file__).with_name("sql") / "0037_private_text_readings.sql"
UNDO = """
drop trigger reading_kept on public.accounts_privatetextreading;
drop function private.keep_reading();
"""


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0036_fill_corrections"),
    ]

    operations = [
        migrations.CreateModel(
            name="PrivateTextReading",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("model", models.CharField(max_length=50)),
                ("object_id", models.CharField(max_length=36)),
                (
                    "why",
                    models.CharField(
                        max_length=500, validators=[accounts.models.validators.validate_not_blank]
                    ),
                ),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                (
                    "by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="readings",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "owner",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="readings_of_texts",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "permissions": [
                    ("read_private_text", "Can read private texts, with a reason that is logged")
                ],
                "default_permissions": ("view",),
                "indexes": [models.Index(fields=["model", "object_id"], name="reading_of_row")],
            },
        ),
        migrations.RunSQL(SQL.read_text(), UNDO),
    ]
