"""The client's IP address behind trusted proxies."""

from ipaddress import ip_address

from django.conf import settings
from django.http import HttpRequest


def proxied_ip(request: HttpRequest) -> str | None:
    """The caller's address as the outermost trusted proxy saw it; None without such a proxy.

    Each trusted proxy appends the address it was called from to ``X-Forwarded-For``; what stands
    further left was written by the caller. What is no plain address goes no further.
    """
    hops = [hop.strip() for hop in request.headers.get("X-Forwarded-For", "").split(",")]
    count = settings.TRUSTED_PROXY_COUNT
    hop = hops[-count] if 0 < count <= len(hops) else ""
    try:
        # A zone ("%eth0") may be any text and means nothing elsewhere.
        return str(ip_address(hop)) if "%" not in hop else None
    except ValueError:
        return None
