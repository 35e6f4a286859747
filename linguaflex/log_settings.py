"""The setting LOGGING: lines of JSON or of text, without secrets and without what users have written."""

from typing import Any

FORMATS = ("json", "text")


def logging_of(format: str) -> dict[str, Any]:
    """Django's LOGGING for one of FORMATS."""
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {
            "text": {
                "()": "linguaflex.logs.Formatter",
                "format": "{asctime} {levelname} {name}: {message}",
                "style": "{",
            },
            "json": {"()": "linguaflex.operations.request_log.JSONFormatter"},
        },
        "filters": {
            name: {"()": f"linguaflex.operations.request_log.{name}"}
            for name in ("WithoutRequestLines", "OnlyExceptions", "OnlyReason", "WithoutClients")
        },
        "handlers": {
            "console": {
                "class": "logging.StreamHandler",
                "formatter": format,
                "filters": ["WithoutRequestLines"] if format == "text" else [],
            }
        },
        "root": {"handlers": ["console"], "level": "WARNING"},
        "loggers": {
            "django": {"handlers": [], "level": "WARNING"},
            "django.request": {"level": "ERROR", "filters": ["OnlyExceptions"]},
            # A foreign Host or a form with too many fields is a mistake of the client. Its line has a 400.
            "django.security": {"level": "CRITICAL"},
            "django.security.csrf": {"level": "WARNING", "filters": ["OnlyReason"]},
            # The development server's lines of requests. JSON has those of ``linguaflex.requests``.
            "django.server": {
                "handlers": ["console"],
                "level": "INFO" if format == "text" else "CRITICAL",
                "propagate": False,
            },
            "gunicorn.error": {
                "handlers": ["console"],
                "level": "INFO",
                "propagate": False,
                "filters": ["WithoutClients"],
            },
            "accounts": {"level": "INFO"},
            "linguaflex": {"level": "INFO"},
        },
    }
