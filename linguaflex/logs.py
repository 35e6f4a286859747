"""Logs and error reports without values of rows, which PostgreSQL quotes in its errors."""

import logging
import re
from typing import Any

# PostgreSQL: "DETAIL:  Failing row contains (17, Ana, ...)", and "LINE 1: ...set name = 'Ana', ...", a part
# of the statement with its values. A value may contain line breaks, and text that looks like the next field
# of the message. Therefore everything up to the next traceback is removed.
DETAIL = re.compile(
    r"^(?:DETAIL|LINE \d+):.*?"
    r"(?=^Traceback \(most recent call last\)|^The above exception|^During handling|\Z)",
    re.MULTILINE | re.DOTALL,
)
LEFT_OUT = "DETAIL: (removed, because it quotes values)\n"


class Formatter(logging.Formatter):
    """Log lines without the details of PostgreSQL errors."""

    def format(self, record: logging.LogRecord) -> str:
        """The log line and its traceback, ``without_details``."""
        return without_details(super().format(record))


def without_details(text: str) -> str:
    """``text`` without the values that PostgreSQL errors quote after the first line."""
    return DETAIL.sub(LEFT_OUT, text)


def without_details_of_rows(event: Any, hint: dict[str, Any]) -> Any:
    """Removes the details of PostgreSQL errors from the exceptions of a Sentry event (``before_send``)."""
    for exception in event.get("exception", {}).get("values", []):
        if exception.get("value"):
            exception["value"] = without_details(exception["value"])
    return event


def report_to_sentry(dsn: str) -> None:
    """Reports errors to Sentry, without tokens and transcripts."""
    import sentry_sdk  # imported here, because the import takes a third of a second
    from sentry_sdk.integrations.openai import OpenAIIntegration

    # Requests contain tokens and transcripts: send no bodies, local variables or client addresses.
    sentry_sdk.init(
        dsn=dsn,
        send_default_pii=False,
        include_local_variables=False,
        max_request_body_size="never",
        before_send=without_details_of_rows,
        # Its reports would contain OpenAI's errors, which quote the refused input.
        disabled_integrations=[OpenAIIntegration()],
    )
