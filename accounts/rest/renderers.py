"""The renderer of JSON."""

from collections.abc import Mapping
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any

import orjson
from rest_framework.fields import DateTimeField
from rest_framework.renderers import JSONRenderer
from rest_framework.utils.encoders import JSONEncoder

from accounts.values import exact_json

# Instants in UTC with Z, as a DateTimeField writes them.
OPTIONS = orjson.OPT_UTC_Z | orjson.OPT_PASSTHROUGH_DATACLASS | orjson.OPT_NON_STR_KEYS
INSTANT = DateTimeField(default_timezone=UTC)


class Encoder(JSONEncoder):
    """DRF's encoder, which also writes stored JSON, and instants as a DateTimeField does."""

    def default(self, obj: Any) -> Any:
        if isinstance(obj, orjson.Fragment):
            return exact_json.loads(obj.contents)
        return INSTANT.to_representation(obj) if isinstance(obj, datetime) else super().default(obj)


ENCODER = Encoder()


class FastJSONRenderer(JSONRenderer):
    """DRF's JSON, written by orjson.

    DRF writes it for ``Accept: application/json; indent=4``, and if it contains what orjson refuses.
    """

    encoder_class = Encoder

    def render(
        self,
        data: Any,
        accepted_media_type: str | None = None,
        renderer_context: Mapping[str, Any] | None = None,
    ) -> bytes:
        """``data`` as JSON in UTF-8; nothing for None."""
        if data is None:
            return b""
        if not self.get_indent(accepted_media_type or "", dict(renderer_context or {})):
            with suppress(orjson.JSONEncodeError):  # for instance, an integer beyond 64 bits
                return orjson.dumps(data, default=ENCODER.default, option=OPTIONS)
        return super().render(data, accepted_media_type, renderer_context)
