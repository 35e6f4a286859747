"""Logs and error reports without row contents, which PostgreSQL quotes in its errors."""

import logging
import re
from typing import Any

# PostgreSQL: "DETAIL:  Failing row contains (17, Ana, ...)". A value may contain line breaks, and text
# that looks like the next field of the message. Therefore everything up to the next traceback is removed.
DETAIL = re.compile(
    r"^DETAIL:.*?(?=^Traceback \(most recent call last\)|^The above exception|^During handling|\Z)",
    re.MULTILINE | re.DOTALL,
)
LEFT_OUT = "DETAIL: (removed, because it quotes the row)\n"


class Formatter(logging.Formatter):
    """Log lines without the DETAIL of PostgreSQL errors."""

    def format(self, record: logging.LogRecord) -> str:
        """The log line and its traceback, without DETAIL."""
        return without_details(super().format(record))


def without_details(text: str) -> str:
    """``text`` without the DETAIL of PostgreSQL errors."""
    return DETAIL.sub(LEFT_OUT, text)


def without_details_of_rows(event: Any, hint: dict[str, Any]) -> Any:
    """Removes the DETAIL of PostgreSQL errors from the exceptions of a Sentry event (``before_send``)."""
    for exception in event.get("exception", {}).get("values", []):
        if exception.get("value"):
            exception["value"] = without_details(exception["value"])
    return event
