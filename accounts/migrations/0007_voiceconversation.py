import django.contrib.postgres.indexes
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import accounts.values.exact_json

CREATE_SEARCH_INDEX = """
do $$ begin
  execute format(
    'create index conversation_search on accounts_voiceconversation'
    ' using gin (user_id, search_text %I.gin_trgm_ops)',
    (select extnamespace::regnamespace::text from pg_extension where extname = 'pg_trgm'));
end $$;
"""


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0006_row_level_security"),
    ]

    operations = [
        migrations.CreateModel(
            name="VoiceConversation",
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
                ("topic", models.CharField(max_length=200)),
                ("transcription", models.JSONField(decoder=accounts.values.exact_json.Decoder)),
                ("native_language", models.CharField(max_length=50)),
                (
                    "native_language_code",
                    models.CharField(editable=False, max_length=50),
                ),
                ("target_language", models.CharField(max_length=50)),
                (
                    "target_language_code",
                    models.CharField(editable=False, max_length=50),
                ),
                (
                    "conversation_type",
                    models.CharField(
                        choices=[
                            ("practice", "Language Practice"),
                            ("lesson", "Language Lesson"),
                            ("conversation", "Free Conversation"),
                            ("assessment", "Language Assessment"),
                            ("pronunciation", "Pronunciation Practice"),
                            ("vocabulary", "Vocabulary Building"),
                            ("grammar", "Grammar Practice"),
                        ],
                        default="practice",
                        max_length=20,
                    ),
                ),
                (
                    "duration_minutes",
                    models.PositiveSmallIntegerField(blank=True, null=True),
                ),
                (
                    "ai_feedback",
                    models.JSONField(decoder=accounts.values.exact_json.Decoder, blank=True, default=dict),
                ),
                (
                    "generated_feedback",
                    models.JSONField(decoder=accounts.values.exact_json.Decoder, blank=True, null=True),
                ),
                (
                    "feedback_status",
                    models.CharField(
                        choices=[
                            ("none", "None"),
                            ("queued", "Queued"),
                            ("done", "Done"),
                            ("failed", "Failed"),
                        ],
                        default="none",
                        max_length=10,
                    ),
                ),
                ("feedback_error", models.TextField(blank=True)),
                ("client_id", models.UUIDField(blank=True, editable=False, null=True)),
                (
                    "creation_digest",
                    models.CharField(blank=True, editable=False, max_length=64),
                ),
                ("search_text", models.TextField(blank=True, editable=False)),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                ("updated_at", models.DateTimeField(auto_now=True)),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="voice_conversations",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
        ),
        migrations.AddIndex(
            model_name="voiceconversation",
            index=models.Index(fields=["user", "-created_at", "-id"], name="conversation_of_user"),
        ),
        migrations.AddIndex(
            model_name="voiceconversation",
            index=models.Index(
                fields=["user", "target_language_code", "-created_at", "-id"],
                name="conversation_by_language",
            ),
        ),
        migrations.AddIndex(
            model_name="voiceconversation",
            index=models.Index(
                fields=["user", "conversation_type", "-created_at", "-id"],
                name="conversation_by_type",
            ),
        ),
        # Raw SQL, because pg_trgm may be in any schema and not in search_path.
        migrations.SeparateDatabaseAndState(
            database_operations=[migrations.RunSQL(CREATE_SEARCH_INDEX, "drop index conversation_search")],
            state_operations=[
                migrations.AddIndex(
                    model_name="voiceconversation",
                    index=django.contrib.postgres.indexes.GinIndex(
                        fields=["user", "search_text"],
                        name="conversation_search",
                        opclasses=["uuid_ops", "gin_trgm_ops"],
                    ),
                ),
            ],
        ),
        migrations.AddConstraint(
            model_name="voiceconversation",
            constraint=models.UniqueConstraint(
                fields=("user", "client_id"),
                name="conversation_once_per_client_id",
                violation_error_message="This client_id was already used.",
            ),
        ),
        migrations.AddConstraint(
            model_name="voiceconversation",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("duration_minutes", None),
                    models.Q(("duration_minutes__gte", 0), ("duration_minutes__lte", 1440)),
                    _connector="OR",
                ),
                name="conversation_fits_a_day",
                violation_error_message="A conversation lasts 0 to 1440 minutes.",
            ),
        ),
        migrations.AddConstraint(
            model_name="voiceconversation",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "conversation_type__in",
                        [
                            "practice",
                            "lesson",
                            "conversation",
                            "assessment",
                            "pronunciation",
                            "vocabulary",
                            "grammar",
                        ],
                    )
                ),
                name="conversation_type_is_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="voiceconversation",
            constraint=models.CheckConstraint(
                condition=models.Q(("feedback_status__in", ["none", "queued", "done", "failed"])),
                name="conversation_feedback_status_is_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="voiceconversation",
            constraint=models.CheckConstraint(
                condition=models.Q(("topic", ""), _negated=True),
                name="conversation_has_a_topic",
            ),
        ),
    ]
