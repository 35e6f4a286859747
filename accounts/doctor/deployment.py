"""Checks of a production server's settings and files. They need no network."""

from collections.abc import Iterator
from pathlib import Path

from django.conf import settings
from django.contrib.staticfiles.finders import get_finders

from accounts.doctor.findings import Check, Finding, error, warning

CORS_EMPTY = warning(
    "cors_empty",
    "CORS_ALLOWED_ORIGINS is empty: browsers refuse every request of a frontend on another origin.",
    "Set it to the origins of the frontend, such as https://app.example.com.",
)
PROXY_NOT_TRUSTED = warning(
    "proxy_not_trusted",
    "TRUSTED_PROXY_COUNT is 0, so that X-Forwarded-Proto is ignored: behind a proxy, every request is"
    " redirected to HTTPS again and again.",
    "Set it to the number of proxies in front of the server, which is 1 with deploy/nginx.conf.",
)
STATIC_MISSING = error(
    "static_missing",
    "{count} static files, such as {example}, are missing in {folder} or differ from those of the installed"
    " packages: the admin and the documentation pages are broken.",
    "Run python manage.py collectstatic --noinput, and restart the server.",
)


def cors() -> Iterator[Finding]:
    """Finds a production server that no browser frontend can call."""
    patterns = getattr(settings, "CORS_ALLOWED_ORIGIN_REGEXES", [])
    if not settings.CORS_ALLOWED_ORIGINS and not patterns:
        yield CORS_EMPTY.found()


def proxies() -> Iterator[Finding]:
    """Finds a redirect to HTTPS that does not know the scheme of the client's request."""
    if getattr(settings, "SECURE_SSL_REDIRECT", False) and not settings.SECURE_PROXY_SSL_HEADER:
        yield PROXY_NOT_TRUSTED.found()


def static_files() -> Iterator[Finding]:
    """Finds files that collectstatic would copy. Compares their sizes."""
    folder = Path(settings.STATIC_ROOT or "")
    sizes: dict[str, int] = {}
    for finder in get_finders():
        for path, storage in finder.list([]):
            prefix = getattr(storage, "prefix", None)
            sizes.setdefault(str(Path(prefix or "", path)), storage.size(path))
    wrong = [path for path, size in sizes.items() if _size(folder / path) != size]
    if wrong:
        yield STATIC_MISSING.found(count=len(wrong), example=sorted(wrong)[0], folder=folder)


def _size(path: Path) -> int | None:
    return path.stat().st_size if path.is_file() else None


def checks() -> list[Check]:
    """The checks of a production server. The local default needs none of them."""
    if settings.LOCAL:
        return []
    found = [
        Check("deployment: CORS", cors),
        Check("deployment: proxies", proxies),
    ]
    return [*found, Check("deployment: static files", static_files)] if settings.STATIC_ROOT else found
