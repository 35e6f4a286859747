"""Computes the search columns of existing rows, as the models do at each save."""

from typing import Any

from django.db import migrations

from accounts.values import search_text

SEARCHED = {
    "User": ("name", "bio", "city", "country"),
    "Teacher": ("headline", "about", "qualification"),
    "Gig": ("title", "description", "language"),
}


def fill(apps: Any, schema_editor: Any) -> None:
    for name, fields in SEARCHED.items():
        model = apps.get_model("accounts", name)
        for row in model.objects.iterator(chunk_size=500):
            texts = [getattr(row, field) for field in fields]
            derived: dict[str, Any] = {}
            if name == "Gig":
                derived["tag_keys"] = [search_text.plain(tag).strip() for tag in row.tags]
                texts += row.tags
            derived["search_text"] = search_text.searchable(texts)
            model.objects.filter(pk=row.pk).update(**derived)


class Migration(migrations.Migration):
    dependencies = [("accounts", "0008_directory_and_search")]

    operations = [migrations.RunPython(fill, migrations.RunPython.noop)]
