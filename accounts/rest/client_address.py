"""The client's IP address behind trusted proxies."""

from ipaddress import ip_address

from django.conf import settings
from django.http import HttpRequest


def proxied_ip(request: HttpRequest) -> str | None:
    """The client's IP address as seen by the outermost trusted proxy.

    Each trusted proxy appends the address of its peer to ``X-Forwarded-For``; the client may have
    written any entry further left. None without TRUSTED_PROXY_COUNT, or if the entry is no IP address.
    """
    hops = [hop.strip() for hop in request.headers.get("X-Forwarded-For", "").split(",")]
    count = settings.TRUSTED_PROXY_COUNT
    hop = hops[-count] if 0 < count <= len(hops) else ""
    try:
        # An IPv6 zone ("%eth0") may hold any text, and is valid on one machine only.
        return str(ip_address(hop)) if "%" not in hop else None
    except ValueError:
        return None
