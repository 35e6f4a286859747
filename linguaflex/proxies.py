"""Removes the headers of proxies from each request if no proxy is trusted (TRUSTED_PROXY_COUNT=0).

If a request comes from this machine, gunicorn and uvicorn trust its X-Forwarded-Proto, and uvicorn its
X-Forwarded-For, before Django runs. A tunnel or a proxy on this machine may pass these headers on from any
client.
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
PROXY_HEADERS = SCHEME_HEADERS | OTHER_HEADERS
# uvicorn has replaced the peer's address. All such requests share one throttle, as behind an untrusted proxy.
UNKNOWN_CLIENT = ("0.0.0.0", 0)


def without_proxy_headers(environ: dict[str, Any]) -> dict[str, Any]:
    """The WSGI environment with the scheme of the connection itself and without headers of proxies."""
    if settings.TRUSTED_PROXY_COUNT:
        return environ
    found = {name for name in PROXY_HEADERS if f"HTTP_{name}" in environ}
    for name in found:
        del environ[f"HTTP_{name}"]
    if found & SCHEME_HEADERS and not isinstance(environ.get("gunicorn.socket"), ssl.SSLSocket):
        environ["wsgi.url_scheme"] = "http"
    return environ


def scope_without_proxy_headers(scope: dict[str, Any]) -> dict[str, Any]:
    """The ASGI scope without headers of proxies, and without a scheme and client that they may have set."""
    if settings.TRUSTED_PROXY_COUNT:
        return scope
    names = [name.decode("latin-1").upper().replace("-", "_") for name, _ in scope["headers"]]
    kept = [header for header, name in zip(scope["headers"], names, strict=True) if name not in PROXY_HEADERS]
    own: dict[str, Any] = {"headers": kept}
    if SCHEME_HEADERS & set(names):
        own["scheme"] = "http"
    if "X_FORWARDED_FOR" in names:
        own["client"] = UNKNOWN_CLIENT
    return {**scope, **own}
