"""Empties the ``creation_digest`` of deleted messages, as a deletion does.

Each batch is a transaction of its own, so that no lock lasts. The trigger on messages ignores this
column and broadcasts nothing.
"""

from typing import Any

from django.db import migrations

BATCH = 5_000


def empty_digests(apps: Any, schema_editor: Any) -> None:
    messages = apps.get_model("accounts", "Message").objects.using(schema_editor.connection.alias)
    outdated = messages.filter(deleted_at__isnull=False).exclude(creation_digest="").order_by("pk")
    after = 0
    while batch := list(outdated.filter(pk__gt=after).values_list("pk", flat=True)[:BATCH]):
        messages.filter(pk__in=batch).update(creation_digest="")
        after = batch[-1]


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("accounts", "0019_search_fold")]

    operations = [migrations.RunPython(empty_digests, migrations.RunPython.noop)]
