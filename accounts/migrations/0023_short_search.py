"""Indexes for searches of words without a trigram, such as words of one or two Chinese characters.

The indexes are built without blocking writes. If that fails, drop those of ``user_short_search``,
``teacher_short_search`` and ``gig_short_search`` that exist, also valid ones, and migrate again.
"""

from pathlib import Path

import django.contrib.postgres.fields
import django.contrib.postgres.indexes
from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models

FUNCTION = Path(__file__).with_name("sql") / "0023_short_substrings.sql"
STATISTICS = Path(__file__).with_name("sql") / "0023_short_search_statistics.sql"


def short_search_index(model: str) -> AddIndexConcurrently:
    substrings = models.Func(
        "search_text",
        function="private.short_substrings",
        output_field=django.contrib.postgres.fields.ArrayField(models.TextField()),
    )
    index = django.contrib.postgres.indexes.GinIndex(substrings, name=f"{model}_short_search")
    return AddIndexConcurrently(model_name=model, index=index)


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("accounts", "0022_emptied_profile_fields")]

    operations = [
        migrations.RunSQL(FUNCTION.read_text(), "drop function private.short_substrings(text)"),
        short_search_index("user"),
        short_search_index("teacher"),
        short_search_index("gig"),
        migrations.RunSQL(STATISTICS.read_text(), migrations.RunSQL.noop),
    ]
