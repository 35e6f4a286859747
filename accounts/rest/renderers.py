"""The renderer of JSON."""

from collections.abc import Mapping
from contextlib import suppress
from typing import Any

import orjson
from rest_framework.renderers import JSONRenderer

# Dates as DRF writes them: orjson passes them to ``default``.
OPTIONS = orjson.OPT_PASSTHROUGH_DATETIME | orjson.OPT_NON_STR_KEYS


class FastJSONRenderer(JSONRenderer):
    """DRF's JSON, written by orjson.

    DRF writes it for ``Accept: application/json; indent=4``, and if it contains what orjson refuses.
    """

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
                return orjson.dumps(data, default=self.encoder_class().default, option=OPTIONS)
        return super().render(data, accepted_media_type, renderer_context)
