"""Computes long search texts of gigs again, which are shorter now, in batches."""

from typing import Any

from django.db import migrations, transaction
from django.db.models.functions import Length

from accounts.values import search_text

BATCH = 100  # each text has entries in two large indexes
LONGEST = 2_000


def shorten(apps: Any, schema_editor: Any) -> None:
    gigs = apps.get_model("accounts", "Gig").objects.order_by("pk")
    long = gigs.annotate(length=Length("search_text")).filter(length__gt=LONGEST)
    last = 0
    while keys := list(long.filter(pk__gt=last).values_list("pk", flat=True)[:BATCH]):
        shorten_batch(gigs.filter(pk__in=keys))
        last = keys[-1]


@transaction.atomic
def shorten_batch(rows: Any) -> None:
    """Updates these rows, locked so that a parallel change of their texts is not lost."""
    for row in rows.select_for_update(no_key=True).defer("search_text", "full_search_text"):
        texts = [row.title, row.language, *row.tags, row.description]
        rows.filter(pk=row.pk).update(search_text=search_text.searchable(texts, LONGEST))


class Migration(migrations.Migration):
    atomic = False  # each batch is a transaction
    dependencies = [("accounts", "0048_count_stored_bytes")]

    operations = [migrations.RunPython(shorten, migrations.RunPython.noop)]
