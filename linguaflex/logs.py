"""Logs and error reports without what people said: the database quotes rows in its errors."""

import logging
import re
from typing import Any

# PostgreSQL: "DETAIL:  Failing row contains (17, Ana, ...)". A value may hold line breaks, and even
# what looks like the next field of the message, so all goes that is before another traceback.
DETAIL = re.compile(
    r"^DETAIL:.*?(?=^Traceback \(most recent call last\)|^The above exception|^During handling|\Z)",
    re.MULTILINE | re.DOTALL,
)
LEFT_OUT = "DETAIL: (left out, for it quotes the row)\n"


class Formatter(logging.Formatter):
    """Log lines; what the database tells of a row is left out."""

    def format(self, record: logging.LogRecord) -> str:
        """The line, with its traceback."""
        return without_details(super().format(record))


def without_details(text: str) -> str:
    """``text`` without the details of PostgreSQL's errors."""
    return DETAIL.sub(LEFT_OUT, text)


def without_details_of_rows(event: Any, hint: dict[str, Any]) -> Any:
    """A Sentry event without them."""
    for exception in event.get("exception", {}).get("values", []):
        if exception.get("value"):
            exception["value"] = without_details(exception["value"])
    return event
