"""JSON read from the database as bytes, which is fast to write to a response."""

from typing import Any

import orjson
from django.db.models import Field
from django.db.models.expressions import Combinable
from django.db.models.functions import Cast
from psycopg2 import extensions

JSON_OID = 114  # the type json; stored columns have the type jsonb (3802), which Django parses
extensions.string_types[JSON_OID] = extensions.BYTES


class RawJSONField(Field[bytes, bytes]):
    """The type json. Its values are bytes of UTF-8."""

    def db_type(self, connection: Any) -> str:
        return "json"


def raw_json(column: str) -> Combinable:
    """A jsonb column as bytes."""
    return Cast(column, RawJSONField())


def parsed(json: bytes | None) -> Any:
    """The value of JSON that was read as bytes; None for null."""
    return None if json is None else orjson.loads(json)
