import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import accounts.models.practice

USER = models.ForeignKey(
    db_constraint=False,
    db_index=False,
    on_delete=django.db.models.deletion.CASCADE,
    related_name="+",
    to=settings.AUTH_USER_MODEL,
)


class Migration(migrations.Migration):
    dependencies = [("accounts", "0028_events_of_participants")]

    operations = [
        migrations.CreateModel(
            name="PracticeHour",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "user", "hour", blank=True, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("hour", models.IntegerField()),
                ("conversations", models.IntegerField()),
                ("timed", models.IntegerField()),
                ("minutes", models.IntegerField()),
                ("grammar_sum", accounts.models.practice.ExactNumber()),
                ("grammar_count", models.IntegerField()),
                ("pronunciation_sum", accounts.models.practice.ExactNumber()),
                ("pronunciation_count", models.IntegerField()),
                ("user", USER),
            ],
        ),
        migrations.CreateModel(
            name="PracticeKind",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "user",
                        "target_language_code",
                        "target_language",
                        "conversation_type",
                        blank=True,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("target_language_code", models.CharField(max_length=50)),
                ("target_language", models.CharField(max_length=50)),
                ("conversation_type", models.CharField(max_length=20)),
                ("conversations", models.IntegerField()),
                ("user", USER.clone()),
            ],
        ),
    ]
