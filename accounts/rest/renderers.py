"""The renderer of JSON."""

from collections.abc import Mapping
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
MAX_INDENTED = 100_000  # bytes of JSON without an indent


class Encoder(JSONEncoder):
    """DRF's encoder, which also writes stored JSON, and instants as a DateTimeField does."""

    def default(self, obj: Any) -> Any:
        if isinstance(obj, orjson.Fragment):
            return exact_json.loads(orjson.dumps(obj))
        return INSTANT.to_representation(obj) if isinstance(obj, datetime) else super().default(obj)


ENCODER = Encoder()


class FastJSONRenderer(JSONRenderer):
    """DRF's JSON, written by orjson. DRF writes what orjson refuses.

    For ``Accept: application/json; indent=4``, DRF writes it again with an indent, if it is short: the spaces
    make nested arrays up to a hundred times longer.
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
        written = self._compact(data)
        if len(written) > MAX_INDENTED or not self.get_indent(accepted_media_type or "", {}):
            return written
        return super().render(exact_json.loads(written), accepted_media_type, renderer_context)

    def _compact(self, data: Any) -> bytes:
        try:
            return orjson.dumps(data, default=ENCODER.default, option=OPTIONS)
        except orjson.JSONEncodeError:  # for instance, an integer beyond 64 bits
            return super().render(data, "", {})
