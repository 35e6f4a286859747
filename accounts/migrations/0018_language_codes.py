"""Computes the language codes of existing rows again, with the index of names. The texts and the search text do not change.

Not atomic: each statement commits by itself, so that no row stays locked until the last one is done. A
row whose text changes in between is skipped, since its save computes the code. May run again.
"""

from collections import defaultdict
from collections.abc import Iterator
from typing import Any

from django.db import migrations

from accounts.values import languages

BATCH = 500
FIELDS = {
    "User": {"native_language": "native_language_code", "learning_languages": "learning_language_codes"},
    "Gig": {"language": "language_code"},
    "VoiceConversation": {
        "native_language": "native_language_code",
        "target_language": "target_language_code",
    },
}


def recompute(apps: Any, schema_editor: Any) -> None:
    for name, fields in FIELDS.items():
        rows = apps.get_model("accounts", name).objects.order_by("pk")
        for text_field, code_field in fields.items():
            for batch in batches(rows.values_list("pk", text_field, code_field)):
                for (text, code), pks in outdated(batch).items():
                    unchanged = rows.filter(pk__in=pks, **{text_field: in_database(text)})
                    unchanged.update(**{code_field: in_database(code)})


def batches(rows: Any) -> Iterator[list[tuple[Any, Any, Any]]]:
    batch = list(rows[:BATCH])
    while batch:
        yield batch
        batch = list(rows.filter(pk__gt=batch[-1][0])[:BATCH])


def outdated(batch: list[tuple[Any, Any, Any]]) -> dict[tuple[Any, Any], list[Any]]:
    """Primary keys of rows with another code than the text's, by text and right code. Lists are tuples."""
    found = defaultdict(list)
    for pk, text, stored in batch:
        right: Any = codes_of(text) if isinstance(text, list) else languages.code_of(text)
        if right != stored:
            found[hashable(text), hashable(right)].append(pk)
    return found


def codes_of(texts: list[str]) -> list[str]:
    return list(dict.fromkeys(map(languages.code_of, texts)))


def hashable(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value


def in_database(value: Any) -> Any:
    return list(value) if isinstance(value, tuple) else value


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("accounts", "0017_validators")]

    operations = [migrations.RunPython(recompute, migrations.RunPython.noop)]
