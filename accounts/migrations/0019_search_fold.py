"""Computes the search columns of existing rows again, for a new fold, in batches."""

from collections.abc import Callable
from typing import Any

from django.db import migrations, transaction

from accounts.values import search_text, transcripts

BATCH = 500


def of_user(row: Any) -> dict[str, Any]:
    return {"search_text": search_text.searchable([row.name, row.bio, row.city, row.country])}


def of_teacher(row: Any) -> dict[str, Any]:
    return {"search_text": search_text.searchable([row.headline, row.about, row.qualification])}


def of_gig(row: Any) -> dict[str, Any]:
    texts = [row.title, row.description, row.language, *row.tags]
    return {
        "search_text": search_text.searchable(texts),
        "tag_keys": [search_text.key(tag) for tag in row.tags],
    }


def of_conversation(row: Any) -> dict[str, Any]:
    spoken = transcripts.searched_text(row.transcription)
    return {"search_text": search_text.searchable([row.topic, spoken])}


COMPUTED: dict[str, Callable[[Any], dict[str, Any]]] = {
    "User": of_user,
    "Teacher": of_teacher,
    "Gig": of_gig,
    "VoiceConversation": of_conversation,
}


def fill(apps: Any, schema_editor: Any) -> None:
    for name, computed in COMPUTED.items():
        rows = apps.get_model("accounts", name).objects.order_by("pk")
        after: dict[str, Any] = {}
        while keys := list(rows.filter(**after).values_list("pk", flat=True)[:BATCH]):
            fill_batch(rows.filter(pk__in=keys), computed)
            after = {"pk__gt": keys[-1]}


@transaction.atomic
def fill_batch(rows: Any, computed: Callable[[Any], dict[str, Any]]) -> None:
    """Updates the rows of one batch, locked so that a parallel change of their texts is not lost."""
    for row in rows.select_for_update(no_key=True):
        rows.filter(pk=row.pk).update(**computed(row))


class Migration(migrations.Migration):
    atomic = False  # each batch is a transaction
    dependencies = [("accounts", "0018_language_codes")]

    operations = [migrations.RunPython(fill, migrations.RunPython.noop)]
