"""Typed reading of environment variables: a wrong value names its variable and what was expected.

An empty variable counts as unset. A ``.env`` file beside ``manage.py`` fills in what the
environment leaves unset.
"""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import environ
from django.core.exceptions import ImproperlyConfigured

TRUE_WORDS = {"1", "true", "yes", "on"}
FALSE_WORDS = {"0", "false", "no", "off"}

_env = environ.Env()


def read_dotenv(path: Path) -> None:
    """Loads ``path`` if it exists; variables already in the environment win."""
    if path.is_file():
        environ.Env.read_env(path)


def text(name: str, default: str = "") -> str:
    """The variable without surrounding blanks, or ``default``."""
    return str(_env.str(name, default="")).strip() or default


def required(name: str, purpose: str) -> str:
    """The variable; raises ImproperlyConfigured with ``purpose`` when it is unset."""
    value = text(name)
    if not value:
        raise ImproperlyConfigured(f"{name} is not set. It is {purpose}. See .env.example.")
    return value


def flag(name: str, default: bool = False) -> bool:
    """True for 1, true, yes, on; False for 0, false, no, off."""
    word = text(name).lower()
    if not word:
        return default
    if word not in TRUE_WORDS | FALSE_WORDS:
        raise wrong(name, word, "1, true, yes, on or 0, false, no, off")
    return word in TRUE_WORDS


def number(name: str, default: int, minimum: int = 0, maximum: int = 2**31 - 1) -> int:
    """A whole number from ``minimum`` to ``maximum``."""
    word = text(name)
    if not word:
        return default
    if not word.isascii() or not word.isdigit() or not minimum <= int(word) <= maximum:
        raise wrong(name, word, f"a whole number from {minimum} to {maximum}")
    return int(word)


def names(name: str, default: list[str]) -> list[str]:
    """A comma-separated list."""
    word = text(name)
    return [part.strip() for part in word.split(",") if part.strip()] if word else default


def rate(name: str, default: str) -> str:
    """Requests in a period, such as ``30/min``."""
    word = text(name, default)
    if not re.fullmatch(r"[1-9][0-9]*/(s|sec|min|hour|day)", word):
        raise wrong(name, word, "a rate such as 30/min, 20/hour or 5/day")
    return word


def choice(name: str, allowed: tuple[str, ...], default: str) -> str:
    """One of ``allowed``."""
    word = text(name) or default
    if word not in allowed:
        raise wrong(name, word, " or ".join(allowed))
    return word


def web_address(name: str, default: str = "") -> str:
    """An http or https address without a trailing slash."""
    word = text(name) or default
    parts = urlsplit(word)
    if word and (parts.scheme not in ("http", "https") or not parts.netloc):
        raise wrong(name, word, "an address such as https://abcd.supabase.co")
    return word.rstrip("/")


def database(name: str) -> dict[str, Any]:
    """Django's database settings from a ``postgresql://`` URL."""
    config = parsed(name, _env.db_url_config, "postgresql://user:password@host:5432/database")
    if config.get("ENGINE") != "django.db.backends.postgresql":
        raise ImproperlyConfigured(f"{name} must be a postgresql:// URL.")
    return config


def cache(name: str) -> dict[str, Any]:
    """Django's cache settings from a URL such as ``redis://host:6379/1``."""
    if not text(name):
        return {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}
    return parsed(name, _env.cache_url_config, "redis://host:6379/1")


def parsed(name: str, parse: Callable[[str], Any], expected: str) -> dict[str, Any]:
    """The URL in ``name`` read by ``parse``; its value is not shown, for it may hold a password."""
    try:
        return dict(parse(text(name)))
    except (ValueError, KeyError, TypeError, ImproperlyConfigured):
        raise ImproperlyConfigured(f"{name} could not be read. Expected a URL such as {expected}.") from None


def wrong(name: str, value: str, expected: str) -> ImproperlyConfigured:
    """The error that names variable, value and expectation."""
    return ImproperlyConfigured(f"{name} is {value!r}. Expected {expected}.")
