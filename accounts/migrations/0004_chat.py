import uuid

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0003_gig"),
    ]

    operations = [
        migrations.CreateModel(
            name="Chat",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=uuid.uuid4,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("last_seq", models.PositiveBigIntegerField(default=0)),
                ("first_read_seq", models.PositiveBigIntegerField(default=0)),
                ("second_read_seq", models.PositiveBigIntegerField(default=0)),
                ("first_blocked_at", models.DateTimeField(blank=True, null=True)),
                ("second_blocked_at", models.DateTimeField(blank=True, null=True)),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                ("updated_at", models.DateTimeField(auto_now=True)),
                (
                    "first",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="chats_as_first",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "second",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="chats_as_second",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
        ),
        migrations.AddIndex(
            model_name="chat",
            index=models.Index(fields=["first", "-updated_at", "-id"], name="chat_of_first"),
        ),
        migrations.AddIndex(
            model_name="chat",
            index=models.Index(fields=["second", "-updated_at", "-id"], name="chat_of_second"),
        ),
        migrations.AddConstraint(
            model_name="chat",
            constraint=models.CheckConstraint(
                condition=models.Q(("first__lt", models.F("second"))),
                name="chat_between_two_people",
                violation_error_message="A chat joins two different people.",
            ),
        ),
        migrations.AddConstraint(
            model_name="chat",
            constraint=models.UniqueConstraint(
                fields=("first", "second"),
                name="chat_once_per_pair",
                violation_error_message="These two already have a chat.",
            ),
        ),
        migrations.AddConstraint(
            model_name="chat",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("first_read_seq__lte", models.F("last_seq")),
                    ("second_read_seq__lte", models.F("last_seq")),
                ),
                name="chat_read_not_beyond_written",
            ),
        ),
    ]
