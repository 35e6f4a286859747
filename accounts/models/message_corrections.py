"""The corrections of chat messages, as one JSON column of a list of messages."""

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import F, Func, JSONField, OuterRef, Q, TextField, Value

from accounts.models.chats import Message, MessageQuerySet
from accounts.models.corrections import Correction

# As the API writes an instant: microseconds unless they are 0, in UTC, with Z.
UTC_TEXT = """to_char(%(expressions)s at time zone 'utc', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')"""
INSTANT = f"replace({UTC_TEXT}, '.000000', '')"
SHOWN = {
    "id": F("id"),
    "author": F("author_id"),
    "corrected": F("corrected"),
    "explanation": F("explanation"),
    "outdated": Q(outdated_at__isnull=False),
    "created_at": Func(F("created_at"), template=INSTANT, output_field=TextField()),
}


def with_corrections() -> MessageQuerySet:
    """All messages with ``shown_corrections``, the JSON array of the keys SHOWN, oldest first."""
    pairs = [part for name, column in SHOWN.items() for part in (Value(name), column)]
    shown = Func(*pairs, function="json_build_object", output_field=JSONField())
    rows = Correction.objects.filter(message=OuterRef("pk")).oldest_first()
    # json keeps the order of the keys, jsonb does not.
    array = Func(ArraySubquery(rows.values(shown=shown)), function="to_json", output_field=JSONField())
    return Message.objects.annotate(shown_corrections=array)
