"""JSON read from the database as bytes, which is fast to write to a response."""

from typing import Any

from django.db.models import Field
from django.db.models.functions import Cast
from psycopg2 import extensions

# The type bpchar, a text. No column has it, so that psycopg2 may return its values undecoded.
BPCHAR_OID = 1042
extensions.string_types[BPCHAR_OID] = extensions.BYTES


class RawTextField(Field[bytes, bytes]):
    """The type bpchar. Its values are bytes of UTF-8."""

    def db_type(self, connection: Any) -> str:
        return "bpchar"


class RawJSON(Cast):
    """The text of a jsonb column as bytes."""

    def __init__(self, column: str) -> None:
        super().__init__(column, RawTextField())
        self.column = column
