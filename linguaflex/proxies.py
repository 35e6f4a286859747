"""Without trusted proxies (TRUSTED_PROXY_COUNT=0), removes what a request claims about proxies.

Gunicorn and uvicorn believe X-Forwarded-Proto of a peer on this machine, and uvicorn X-Forwarded-For too,
before Django sees the request. Any client is such a peer behind a tunnel or a proxy that passes headers on.
"""

import ssl
from typing import Any

from django.conf import settings

# The headers of gunicorn's ``secure_scheme_headers``; uvicorn reads the first.
SCHEME_HEADERS = {"X_FORWARDED_PROTO", "X_FORWARDED_PROTOCOL", "X_FORWARDED_SSL"}
OTHER_HEADERS = {
    *("FORWARDED", "X_FORWARDED_FOR", "X_FORWARDED_HOST", "X_FORWARDED_PORT", "X_FORWARDED_PREFIX"),
    *("X_FORWARDED_SERVER", "X_FORWARDED_SCHEME", "X_SCHEME", "X_URL_SCHEME", "FRONT_END_HTTPS"),
    *("X_REAL_IP", "SB_FORWARDED_FOR"),
}
CLAIMS = SCHEME_HEADERS | OTHER_HEADERS
# uvicorn has replaced the peer's address. All such requests share one throttle, as behind an unnamed proxy.
UNKNOWN_CLIENT = ("0.0.0.0", 0)


def without_claims(environ: dict[str, Any]) -> dict[str, Any]:
    """The WSGI environment with the scheme of the connection itself and without headers of proxies."""
    if settings.TRUSTED_PROXY_COUNT:
        return environ
    claimed = {name for name in CLAIMS if f"HTTP_{name}" in environ}
    for name in claimed:
        del environ[f"HTTP_{name}"]
    if claimed & SCHEME_HEADERS and not isinstance(environ.get("gunicorn.socket"), ssl.SSLSocket):
        environ["wsgi.url_scheme"] = "http"
    return environ


def scope_without_claims(scope: dict[str, Any]) -> dict[str, Any]:
    """The ASGI scope without headers of proxies, and without a scheme and client that they may have set."""
    if settings.TRUSTED_PROXY_COUNT:
        return scope
    names = [name.decode("latin-1").upper().replace("-", "_") for name, _ in scope["headers"]]
    kept = [header for header, name in zip(scope["headers"], names, strict=True) if name not in CLAIMS]
    own: dict[str, Any] = {"headers": kept}
    if SCHEME_HEADERS & set(names):
        own["scheme"] = "http"
    if "X_FORWARDED_FOR" in names:
        own["client"] = UNKNOWN_CLIENT
    return {**scope, **own}
