"""The size that a request announces in its header ``Content-Length``."""

from collections.abc import Mapping
from typing import Any

MAX_DIGITS = 18  # a longer number is larger than every limit, as its first digits are


def announces_more(meta: Mapping[str, Any], limit: int) -> bool:
    """Whether the header announces more than ``limit`` bytes. ``meta`` is the request's ``META``."""
    length = str(meta.get("CONTENT_LENGTH") or "0")
    return length.isdecimal() and int(length.lstrip("0")[:MAX_DIGITS] or "0") > limit
