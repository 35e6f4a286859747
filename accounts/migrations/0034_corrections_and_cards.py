"""Corrections, cards with their reviews, comments of teachers and shares; the learner's settings of cards."""

import uuid

import django.contrib.postgres.indexes
import django.core.validators
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

CREATE_SEARCH_INDEX = """
do $$ begin
  execute format(
    'create index card_search on accounts_card using gin (learner_id, search_text %I.gin_trgm_ops)',
    (select extnamespace::regnamespace::text from pg_extension where extname = 'pg_trgm'));
end $$;
"""


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0033_voice_calls"),
        ("auth", "0012_alter_user_first_name_max_length"),
    ]

    operations = [
        migrations.CreateModel(
            name="Card",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("client_id", models.UUIDField(blank=True, editable=False, null=True)),
                ("creation_digest", models.CharField(blank=True, editable=False, max_length=64)),
                ("updated_at", models.DateTimeField(auto_now=True)),
                ("front", models.TextField()),
                ("back", models.TextField()),
                ("note", models.TextField(blank=True)),
                ("language_code", models.CharField(blank=True, max_length=50)),
                ("dedupe_key", models.CharField(blank=True, editable=False, max_length=64)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("new", "New"),
                            ("learning", "Learning"),
                            ("review", "Review"),
                            ("relearning", "Relearning"),
                        ],
                        default="new",
                        max_length=10,
                    ),
                ),
                ("step", models.PositiveSmallIntegerField(blank=True, null=True)),
                ("stability", models.FloatField(blank=True, null=True)),
                ("difficulty", models.FloatField(blank=True, null=True)),
                ("due_at", models.DateTimeField()),
                ("last_reviewed_at", models.DateTimeField(blank=True, null=True)),
                ("suspended_at", models.DateTimeField(blank=True, null=True)),
                ("edited_at", models.DateTimeField(blank=True, editable=False, null=True)),
                ("search_text", models.TextField(blank=True, editable=False)),
                ("created_at", models.DateTimeField()),
            ],
        ),
        migrations.CreateModel(
            name="CardReview",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("client_id", models.UUIDField(default=uuid.uuid4, editable=False)),
                (
                    "rating",
                    models.PositiveSmallIntegerField(
                        choices=[(1, "again"), (2, "hard"), (3, "good"), (4, "easy")]
                    ),
                ),
                ("reviewed_at", models.DateTimeField()),
                ("seconds", models.FloatField(blank=True, null=True)),
                ("desired_retention", models.FloatField()),
                ("created_at", models.DateTimeField(auto_now_add=True)),
            ],
        ),
        migrations.CreateModel(
            name="CardSource",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Comment",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("client_id", models.UUIDField(blank=True, editable=False, null=True)),
                ("creation_digest", models.CharField(blank=True, editable=False, max_length=64)),
                ("turn", models.PositiveIntegerField(blank=True, null=True)),
                ("quote", models.TextField(blank=True)),
                ("corrected", models.TextField(blank=True)),
                ("text", models.TextField()),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                ("edited_at", models.DateTimeField(blank=True, null=True)),
            ],
        ),
        migrations.CreateModel(
            name="Correction",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("client_id", models.UUIDField(blank=True, editable=False, null=True)),
                ("creation_digest", models.CharField(blank=True, editable=False, max_length=64)),
                (
                    "source",
                    models.CharField(
                        choices=[
                            ("ai", "AI"),
                            ("teacher", "Teacher"),
                            ("peer", "Partner of a chat"),
                            ("self", "Learner"),
                        ],
                        max_length=10,
                    ),
                ),
                ("language_code", models.CharField(blank=True, max_length=50)),
                ("quote", models.TextField()),
                ("corrected", models.TextField()),
                ("explanation", models.TextField(blank=True)),
                ("turn", models.PositiveIntegerField(blank=True, null=True)),
                ("outdated_at", models.DateTimeField(blank=True, null=True)),
                ("created_at", models.DateTimeField(auto_now_add=True)),
            ],
        ),
        migrations.CreateModel(
            name="DeclinedLearner",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("created_at", models.DateTimeField(auto_now_add=True)),
            ],
        ),
        migrations.CreateModel(
            name="Share",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                ("ended_at", models.DateTimeField(blank=True, null=True)),
            ],
        ),
        migrations.AddField(
            model_name="user",
            name="auto_cards",
            field=models.BooleanField(db_default=True, default=True),
        ),
        migrations.AddField(
            model_name="user",
            name="desired_retention",
            field=models.FloatField(
                db_default=0.9,
                default=0.9,
                validators=[
                    django.core.validators.MinValueValidator(0.7),
                    django.core.validators.MaxValueValidator(0.97),
                ],
            ),
        ),
        migrations.AddField(
            model_name="user",
            name="reviews_per_day",
            field=models.PositiveSmallIntegerField(
                db_default=100,
                default=100,
                validators=[
                    django.core.validators.MinValueValidator(1),
                    django.core.validators.MaxValueValidator(9999),
                ],
            ),
        ),
        migrations.AddField(
            model_name="voiceconversation",
            name="comments_count",
            field=models.PositiveIntegerField(db_default=0, default=0, editable=False),
        ),
        migrations.AddConstraint(
            model_name="user",
            constraint=models.CheckConstraint(
                condition=models.Q(("desired_retention__gte", 0.7), ("desired_retention__lte", 0.97)),
                name="user_retention_in_range",
                violation_error_message="The desired retention is 0.7 to 0.97.",
            ),
        ),
        migrations.AddConstraint(
            model_name="user",
            constraint=models.CheckConstraint(
                condition=models.Q(("reviews_per_day__gte", 1), ("reviews_per_day__lte", 9999)),
                name="user_reviews_per_day_in_range",
                violation_error_message="A day has 1 to 9999 reviews.",
            ),
        ),
        migrations.AddField(
            model_name="card",
            name="learner",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="cards",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="cardreview",
            name="card",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="reviews",
                to="accounts.card",
            ),
        ),
        migrations.AddField(
            model_name="cardreview",
            name="learner",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="card_reviews",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="cardsource",
            name="card",
            field=models.ForeignKey(
                db_index=False, on_delete=django.db.models.deletion.CASCADE, to="accounts.card"
            ),
        ),
        migrations.AddField(
            model_name="comment",
            name="author",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="written_comments",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="comment",
            name="conversation",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="comments",
                to="accounts.voiceconversation",
            ),
        ),
        migrations.AddField(
            model_name="correction",
            name="author",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="written_corrections",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="correction",
            name="comment",
            field=models.OneToOneField(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="correction",
                to="accounts.comment",
            ),
        ),
        migrations.AddField(
            model_name="correction",
            name="conversation",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="corrections",
                to="accounts.voiceconversation",
            ),
        ),
        migrations.AddField(
            model_name="correction",
            name="learner",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE,
                related_name="corrections",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="correction",
            name="message",
            field=models.ForeignKey(
                blank=True,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="corrections",
                to="accounts.message",
            ),
        ),
        migrations.AddField(
            model_name="cardsource",
            name="correction",
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, to="accounts.correction"),
        ),
        migrations.AddField(
            model_name="card",
            name="corrections",
            field=models.ManyToManyField(
                related_name="cards", through="accounts.CardSource", to="accounts.correction"
            ),
        ),
        migrations.AddField(
            model_name="declinedlearner",
            name="learner",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE,
                related_name="declined_by",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="declinedlearner",
            name="teacher",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="declined_learners",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="share",
            name="conversation",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="shares",
                to="accounts.voiceconversation",
            ),
        ),
        migrations.AddField(
            model_name="share",
            name="learner",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="given_shares",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="share",
            name="teacher",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE,
                related_name="received_shares",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddIndex(
            model_name="cardreview",
            index=models.Index(fields=["card", "reviewed_at", "client_id"], name="card_review_in_order"),
        ),
        migrations.AddIndex(
            model_name="cardreview",
            index=models.Index(
                fields=["learner", "reviewed_at"], include=("rating",), name="card_review_of_learner"
            ),
        ),
        migrations.AddConstraint(
            model_name="cardreview",
            constraint=models.UniqueConstraint(
                fields=("card", "client_id"), name="card_review_once_per_client_id"
            ),
        ),
        migrations.AddConstraint(
            model_name="cardreview",
            constraint=models.CheckConstraint(
                condition=models.Q(("rating__gte", 1), ("rating__lte", 4)), name="card_review_rating_is_known"
            ),
        ),
        migrations.AddConstraint(
            model_name="cardreview",
            constraint=models.CheckConstraint(
                condition=models.Q(("desired_retention__gte", 0.7), ("desired_retention__lte", 0.97)),
                name="card_review_retention_in_range",
            ),
        ),
        migrations.AddConstraint(
            model_name="comment",
            constraint=models.UniqueConstraint(
                fields=("conversation", "author", "client_id"),
                name="comment_once_per_client_id",
                violation_error_message="This client_id was already used.",
            ),
        ),
        migrations.AddConstraint(
            model_name="comment",
            constraint=models.CheckConstraint(
                condition=models.Q(("text", ""), _negated=True),
                name="comment_has_text",
                violation_error_message="A comment has a text.",
            ),
        ),
        migrations.AddConstraint(
            model_name="comment",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("corrected", ""), models.Q(("quote", ""), _negated=True), _connector="OR"
                ),
                name="comment_with_correction_has_a_quote",
                violation_error_message="A correction needs the quote that it corrects.",
            ),
        ),
        migrations.AddConstraint(
            model_name="correction",
            constraint=models.CheckConstraint(
                condition=models.Q(("source__in", ["ai", "teacher", "peer", "self"])),
                name="correction_source_is_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="correction",
            constraint=models.CheckConstraint(
                condition=models.Q(("conversation", None), ("message", None), _connector="XOR"),
                name="correction_of_a_turn_or_of_a_message",
                violation_error_message="A correction belongs to a conversation or to a chat message.",
            ),
        ),
        migrations.AddConstraint(
            model_name="correction",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("source", "ai"), _negated=True), ("author", None), _connector="OR"
                ),
                name="correction_of_the_ai_has_no_author",
            ),
        ),
        migrations.AddConstraint(
            model_name="correction",
            constraint=models.UniqueConstraint(
                fields=("message", "author", "client_id"),
                name="correction_once_per_client_id",
                violation_error_message="This client_id was already used.",
            ),
        ),
        migrations.AddConstraint(
            model_name="cardsource",
            constraint=models.UniqueConstraint(fields=("card", "correction"), name="card_source_once"),
        ),
        migrations.AddIndex(
            model_name="card",
            index=models.Index(fields=["learner", "due_at", "id"], name="card_of_learner"),
        ),
        migrations.AddIndex(
            model_name="card",
            index=models.Index(
                condition=models.Q(("suspended_at", None)),
                fields=["learner", "language_code", "due_at", "id"],
                name="card_by_language",
            ),
        ),
        # Raw SQL, because pg_trgm may be in any schema and not in search_path.
        migrations.SeparateDatabaseAndState(
            database_operations=[migrations.RunSQL(CREATE_SEARCH_INDEX, "drop index card_search")],
            state_operations=[
                migrations.AddIndex(
                    model_name="card",
                    index=django.contrib.postgres.indexes.GinIndex(
                        fields=["learner", "search_text"],
                        name="card_search",
                        opclasses=["uuid_ops", "gin_trgm_ops"],
                    ),
                ),
            ],
        ),
        migrations.AddConstraint(
            model_name="card",
            constraint=models.UniqueConstraint(
                fields=("learner", "client_id"),
                name="card_once_per_client_id",
                violation_error_message="This client_id was already used.",
            ),
        ),
        migrations.AddConstraint(
            model_name="card",
            constraint=models.UniqueConstraint(
                condition=models.Q(("dedupe_key", ""), _negated=True),
                fields=("learner", "language_code", "dedupe_key"),
                name="card_once_per_corrected_form",
                violation_error_message="The learner has a card with this answer.",
            ),
        ),
        migrations.AddConstraint(
            model_name="card",
            constraint=models.CheckConstraint(
                condition=models.Q(("state__in", ["new", "learning", "review", "relearning"])),
                name="card_state_is_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="card",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("last_reviewed_at", None), ("state", "new")),
                    models.Q(models.Q(("state", "new"), _negated=True), ("last_reviewed_at__isnull", False)),
                    _connector="OR",
                ),
                name="card_is_new_until_reviewed",
            ),
        ),
        migrations.AddConstraint(
            model_name="declinedlearner",
            constraint=models.UniqueConstraint(fields=("teacher", "learner"), name="learner_declined_once"),
        ),
        migrations.AddIndex(
            model_name="share",
            index=models.Index(fields=["learner", "created_at"], name="share_of_learner"),
        ),
        migrations.AddIndex(
            model_name="share",
            index=models.Index(
                condition=models.Q(("ended_at", None)),
                fields=["teacher", "-created_at", "-id"],
                name="share_of_teacher",
            ),
        ),
        migrations.AddConstraint(
            model_name="share",
            constraint=models.UniqueConstraint(
                condition=models.Q(("ended_at", None)),
                fields=("conversation", "teacher"),
                name="share_once_per_teacher",
                violation_error_message="This conversation is already shared with this teacher.",
            ),
        ),
        migrations.AddConstraint(
            model_name="share",
            constraint=models.CheckConstraint(
                condition=models.Q(("learner", models.F("teacher")), _negated=True),
                name="share_with_another_person",
                violation_error_message="A conversation is shared with another person.",
            ),
        ),
    ]
