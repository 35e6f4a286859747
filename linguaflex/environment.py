"""Typed access to environment variables.

Every function raises ImproperlyConfigured for an invalid value. The message contains the name of the
variable, the value (except for URLs that may contain a password) and the expected format. An empty
variable counts as unset. A ``.env`` file beside ``manage.py`` sets variables that are not in the environment.
"""

import os
import re
from collections.abc import Callable
from ipaddress import ip_address
from pathlib import Path
from tempfile import TemporaryFile
from typing import Any
from urllib.parse import parse_qsl

import environ
from django.core.exceptions import ImproperlyConfigured

from linguaflex import database_options, value_kinds

TRUE_WORDS = {"1", "true", "yes", "on"}
FALSE_WORDS = {"0", "false", "no", "off"}
# A host name, all subdomains (.example.com), an IPv6 address in brackets, or * for any host.
HOST_NAME = re.compile(r"\.?[\w-]+(\.[\w-]+)*|\[[0-9A-Fa-f:.]+\]|\*", re.ASCII)
WEB_ADDRESS = re.compile(
    r"(https?)://([a-z0-9._-]+|\[[0-9a-f:.]+\])(?::([0-9]{1,5}))?(/[^\s?#@]*)?", re.IGNORECASE
)
ORIGIN = re.compile(r"https?://([a-z0-9._-]+|\[[0-9a-f:.]+\])(:[0-9]+)?")

_env = environ.Env()


def read_dotenv(path: Path) -> None:
    """Loads ``path`` if it exists. Variables that are already in the environment keep their values."""
    if path.is_file():
        environ.Env.read_env(path)


def text(name: str, default: str = "") -> str:
    """The variable without surrounding blanks, or ``default``. Refuses a value of another variable."""
    word = os.environ.get(name, "").strip()  # django-environ would replace a value such as "$word"
    value_kinds.check(name, word)
    return word or default


def required(name: str, purpose: str) -> str:
    """The variable. If it is unset, raises ImproperlyConfigured with a message that contains ``purpose``."""
    value = text(name)
    if not value:
        raise ImproperlyConfigured(f"{name} is not set. It is {purpose}. See .env.example.")
    return value


def token(name: str) -> str:
    """A secret of our own of at least 32 characters, or an empty string."""
    word = text(name)
    if word and not re.fullmatch(r"[!-~]{32,}", word):
        raise ImproperlyConfigured(
            f"{name} is too short or has blanks. Expected 32 or more characters of ASCII, such as the output"
            ' of python -c "import secrets; print(secrets.token_urlsafe(32))".'
        )
    return word


def flag(name: str, default: bool = False) -> bool:
    """True for 1, true, yes, on; False for 0, false, no, off."""
    word = text(name).lower()
    if not word:
        return default
    if word not in TRUE_WORDS | FALSE_WORDS:
        raise invalid(name, word, "1, true, yes, on or 0, false, no, off")
    return word in TRUE_WORDS


def number(name: str, default: int, minimum: int = 0, maximum: int = 2**31 - 1) -> int:
    """A whole number from ``minimum`` to ``maximum``."""
    word = text(name)
    if not word:
        return default
    if not word.isascii() or not word.isdigit() or not minimum <= int(word) <= maximum:
        raise invalid(name, word, f"a whole number from {minimum} to {maximum}")
    return int(word)


def names(name: str, default: list[str]) -> list[str]:
    """A comma-separated list."""
    word = text(name)
    return [part.strip() for part in word.split(",") if part.strip()] if word else default


def host_names(name: str, default: list[str]) -> list[str]:
    """A comma-separated list of host names, as Django compares them with the header Host."""
    hosts = names(name, default)
    if bad := next((host for host in hosts if not HOST_NAME.fullmatch(host)), None):
        raise invalid(name, bad, "host names such as api.example.com, without https://, port and path")
    return hosts


def origins(name: str) -> list[str]:
    """A comma-separated list of web origins, as browsers send them (RFC 6454, section 6.1)."""
    found = names(name, [])
    if bad := next((origin for origin in found if not ORIGIN.fullmatch(origin)), None):
        raise invalid(name, bad, "origins such as https://app.example.com, in lower case and without a path")
    return found


def folder(name: str, default: str) -> Path:
    """A writable folder; it is created if missing."""
    path = Path(text(name, default)).resolve()
    try:
        path.mkdir(parents=True, exist_ok=True)
        with TemporaryFile(dir=path):
            pass
    except OSError as error:
        expected = f"a folder that can be created and written to ({error.strerror})"
        raise invalid(name, str(path), expected) from None
    return path


def optional_path(name: str) -> Path | None:
    """An absolute path; a relative one starts in the working directory. None if the variable is unset."""
    word = text(name)
    return Path(word).absolute() if word else None


def sentry_dsn(name: str) -> str:
    """A Sentry DSN, or an empty string."""
    word = text(name)
    if not word:
        return ""
    from sentry_sdk.utils import Dsn  # imported here, because the import takes a third of a second

    try:
        Dsn(word)
    except ValueError:
        raise ImproperlyConfigured(
            f"{name} could not be read. Expected an address such as https://key@o1.ingest.sentry.io/2."
        ) from None
    return word


def rate(name: str, default: str) -> str:
    """A throttle rate, such as ``30/min``."""
    word = text(name, default)
    if not re.fullmatch(r"[1-9][0-9]{0,8}/(s|sec|min|hour|day)", word):
        raise invalid(name, word, "a rate such as 30/min, 20/hour or 5/day")
    return word


def choice(name: str, allowed: tuple[str, ...], default: str) -> str:
    """One of ``allowed``."""
    word = text(name) or default
    if word not in allowed:
        raise invalid(name, word, " or ".join(allowed))
    return word


def web_address(name: str, default: str = "") -> str:
    """An http or https address without a trailing slash, with scheme and host in lower case."""
    word = text(name) or default
    found = WEB_ADDRESS.fullmatch(word)
    if word and (not found or int(found[3] or 1) not in range(1, 65536)):
        _, expected = value_kinds.ACCEPTED[name]
        if re.fullmatch("[a-z]{20}", word):  # the reference of a project of Supabase
            expected = expected.replace("abcd", word)
        # An unusual text may be a secret.
        shown = repr(word) if re.fullmatch(r"[\w-]+(\.[\w-]+)+[\w/:.-]*", word) else "not an address"
        raise value_kinds.mistaken(name, shown, f"{expected}, without user name, ? and #")
    if not found:
        return ""
    scheme, host, port, path = found[1].lower(), found[2].lower(), found[3], found[4] or ""
    is_default = port == {"http": "80", "https": "443"}[scheme]
    return f"{scheme}://{host}{f':{port}' if port and not is_default else ''}{path.rstrip('/')}"


def database(name: str) -> dict[str, Any]:
    """Django's database settings from a ``postgresql://`` URL."""
    url, _, query = text(name).partition("?")
    if not re.match(r"(?i)(postgres(ql)?|psql|pgsql)://", url):
        raise ImproperlyConfigured(f"{name} must be a postgresql:// URL.")
    if placeholder := re.search(r"[\[<{][A-Za-z _-]+[\]>}](?=[@:])", url):
        raise ImproperlyConfigured(
            f"{name} contains the placeholder {placeholder[0]}. Expected the real value in its place,"
            " without brackets."
        )
    config = parsed(name, lambda _: _env.db_url_config(url), "postgresql://user:password@host:5432/database")
    is_named = config["NAME"] or "service" in dict(parse_qsl(query))
    if not is_named or re.search("[@:/]", config["NAME"]):
        raise ImproperlyConfigured(
            f"{name} has no readable database name: end it with one, such as /postgres,"
            " and write @ : / ? in the password as %40 %3A %2F %3F."
        )
    config["OPTIONS"] = database_options.DEFAULTS | database_options.own_options(name, query)
    return config


def is_on_this_machine(config: dict[str, Any]) -> bool:
    """True if all hosts in the database settings are sockets or loopback addresses.

    Environment variables replace missing settings, as in libpq (PostgreSQL docs, "Environment Variables").
    """
    options = config.get("OPTIONS", {})
    given = [config.get("HOST"), options.get("host"), options.get("hostaddr")]
    named = [str(hosts) for hosts in given if hosts] or [text("PGHOSTADDR") or text("PGHOST")]
    if "service" in options or text("PGSERVICE"):
        return False
    return all(is_local(host) for hosts in named for host in hosts.split(","))


def is_local(host: str) -> bool:
    """True if ``host`` is empty (the default socket folder), a socket folder or a loopback address."""
    try:
        return host in ("", "localhost") or host.startswith("/") or ip_address(host).is_loopback
    except ValueError:
        return False


def parsed(name: str, parse: Callable[[str], Any], expected: str) -> dict[str, Any]:
    """The URL in ``name``, parsed by ``parse``. Errors omit the value, which may contain a password."""
    try:
        return dict(parse(text(name)))
    except (ValueError, KeyError, TypeError, ImproperlyConfigured):
        raise ImproperlyConfigured(f"{name} could not be read. Expected a URL such as {expected}.") from None


def invalid(name: str, value: str, expected: str) -> ImproperlyConfigured:
    """The error for an invalid value."""
    return ImproperlyConfigured(f"{name} is {value!r}. Expected {expected}.")
