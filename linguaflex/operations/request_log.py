"""The log: a line for each request, JSON, and filters of lines that quote what clients send."""

import json
import logging
import re
from datetime import UTC, datetime
from typing import Any

import orjson

from linguaflex.logs import without_details
from linguaflex.operations import measurement
from linguaflex.operations.measurement import Measurement

logger = logging.getLogger("linguaflex.requests")


def write(*, method: str, route: str | None, status: int, measured: Measurement, user_id: str | None) -> None:
    """Writes the line of a request that has ended. It has a warning's level if the server has failed."""
    fields = {
        "request_id": measured.request_id,
        "method": method,
        "route": route,
        "status": status,
        "milliseconds": round(measured.seconds() * 1000, 2),
        "queries": measured.queries,
        "database_milliseconds": round(measured.database_seconds * 1000, 2),
        "user_id": user_id,
    }
    level = logging.WARNING if status >= 500 else logging.INFO
    logger.log(level, "request", extra={"fields": fields})


class JSONFormatter(logging.Formatter):
    """A JSON object in one line, without the details of PostgreSQL errors."""

    def format(self, record: logging.LogRecord) -> str:
        """The line. A traceback is the text ``exception``."""
        fields: dict[str, Any] = {
            "time": datetime.fromtimestamp(record.created, UTC),
            "level": record.levelname.lower(),
            "logger": record.name,
            "event": without_details(record.getMessage()),
        }
        if (measured := measurement.current.get()) is not None:
            fields["request_id"] = measured.request_id
        fields.update(getattr(record, "fields", {}))
        if record.exc_info:
            fields["exception"] = without_details(self.formatException(record.exc_info))
        try:
            return orjson.dumps(fields).decode()
        except TypeError:  # a lone surrogate in a text
            return json.dumps(fields, default=str)


class WithoutRequestLines(logging.Filter):
    """Drops the lines of requests: as text, they would repeat those of the development server."""

    def filter(self, record: logging.LogRecord) -> bool:
        return record.name != logger.name


class OnlyExceptions(logging.Filter):
    """Drops Django's lines about responses, and the path from its line about an unexpected exception.

    ``linguaflex.requests`` has a line for each response. ``accounts.rest.exception_handler`` logs the
    exceptions of API views, so only those of other views have a traceback here.
    """

    def filter(self, record: logging.LogRecord) -> bool:
        record.msg, record.args = "Unexpected exception.", ()
        return record.exc_info is not None


class OnlyReason(logging.Filter):
    """Keeps the reason for which Django's protection against CSRF has refused a form.

    Removes the path, and the foreign ``Origin`` or ``Referer``, which may have a query string.
    """

    SENT = re.compile(r" - .* does not match", re.DOTALL)

    def filter(self, record: logging.LogRecord) -> bool:
        if isinstance(record.args, tuple):
            reason = self.SENT.sub(": it does not match", str(record.args[0]))
            record.msg, record.args = "Forbidden (%s)", (reason,)
        return True


class WithoutClients(logging.Filter):
    """Removes addresses with query strings, headers and client addresses from gunicorn's lines."""

    BEGINNINGS = ("Error handling request", "Invalid request")

    def filter(self, record: logging.LogRecord) -> bool:
        for beginning in self.BEGINNINGS:
            if str(record.msg).startswith(beginning):
                record.msg, record.args = f"{beginning}.", ()
        return True
