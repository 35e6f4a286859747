import django.contrib.postgres.fields
import django.contrib.postgres.indexes
from django.db import migrations, models

CREATE_SEARCH_INDEX = """
do $$ begin
  execute format(
    'create index %I on %I using gin (search_text %I.gin_trgm_ops)', '{name}', 'accounts_{model}',
    (select extnamespace::regnamespace::text from pg_extension where extname = 'pg_trgm'));
end $$;
"""


def search_index(model: str, name: str) -> migrations.SeparateDatabaseAndState:
    """A trigram index on ``search_text``.

    Raw SQL, because pg_trgm may be in any schema and not in search_path.
    """
    index = django.contrib.postgres.indexes.GinIndex(
        fields=["search_text"], name=name, opclasses=["gin_trgm_ops"]
    )
    return migrations.SeparateDatabaseAndState(
        [migrations.RunSQL(CREATE_SEARCH_INDEX.format(name=name, model=model), f"drop index {name}")],
        [migrations.AddIndex(model_name=model, index=index)],
    )


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0007_voiceconversation"),
        ("auth", "0012_alter_user_first_name_max_length"),
    ]

    operations = [
        migrations.AddField(
            model_name="gig",
            name="search_text",
            field=models.TextField(blank=True, editable=False),
        ),
        migrations.AddField(
            model_name="gig",
            name="status_before_suspension",
            field=models.CharField(
                blank=True,
                choices=[
                    ("draft", "Draft"),
                    ("active", "Active"),
                    ("paused", "Paused"),
                    ("suspended", "Suspended"),
                ],
                editable=False,
                max_length=10,
            ),
        ),
        migrations.AddField(
            model_name="gig",
            name="suspended_at",
            field=models.DateTimeField(blank=True, editable=False, null=True),
        ),
        migrations.AddField(
            model_name="gig",
            name="suspension_reason",
            field=models.TextField(blank=True, editable=False, max_length=1000),
        ),
        migrations.AddField(
            model_name="gig",
            name="tag_keys",
            field=django.contrib.postgres.fields.ArrayField(
                base_field=models.TextField(), blank=True, default=list, editable=False, size=None
            ),
        ),
        migrations.AddField(
            model_name="teacher",
            name="search_text",
            field=models.TextField(blank=True, editable=False),
        ),
        migrations.AddField(
            model_name="user",
            name="search_text",
            field=models.TextField(blank=True, editable=False),
        ),
        migrations.AddIndex(
            model_name="gig",
            index=models.Index(
                condition=models.Q(("status", "active")),
                fields=["price_per_session", "id"],
                name="gig_active_by_price",
            ),
        ),
        migrations.AddIndex(
            model_name="gig",
            index=models.Index(
                condition=models.Q(("status", "active")),
                fields=["-created_at", "-id"],
                name="gig_active_newest_first",
            ),
        ),
        migrations.AddIndex(
            model_name="gig",
            index=models.Index(
                condition=models.Q(("status", "active")),
                fields=["teacher", "price_per_session", "id"],
                name="gig_active_of_teacher",
            ),
        ),
        migrations.AddIndex(
            model_name="gig",
            index=django.contrib.postgres.indexes.GinIndex(fields=["tag_keys"], name="gig_by_tag"),
        ),
        search_index("gig", "gig_search"),
        migrations.AddIndex(
            model_name="teacher",
            index=models.Index(fields=["-created_at", "-user"], name="teacher_newest_first"),
        ),
        migrations.AddIndex(
            model_name="teacher",
            index=models.Index(fields=["experience_years", "user"], name="teacher_by_experience"),
        ),
        search_index("teacher", "teacher_search"),
        migrations.AddIndex(
            model_name="user",
            index=models.Index(fields=["native_language_code", "-created_at", "-id"], name="user_by_native"),
        ),
        migrations.AddIndex(
            model_name="user",
            index=django.contrib.postgres.indexes.GinIndex(
                fields=["learning_language_codes"], name="user_by_learning"
            ),
        ),
        search_index("user", "user_search"),
        migrations.AddConstraint(
            model_name="gig",
            constraint=models.CheckConstraint(
                condition=models.Q(("status", "suspended"), ("suspended_at", None), _connector="XOR"),
                name="gig_suspension_has_an_instant",
            ),
        ),
    ]
