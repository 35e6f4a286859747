"""The client's IP address, for throttles and for Supabase's rate limits."""

import re
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

from django.conf import settings
from django.http import HttpRequest

IPV6_PREFIX = 64  # the smallest network that a provider assigns to a customer (RFC 6177)
UNKNOWN = "unknown"
# With a port, as Azure and IIS write it in X-Forwarded-For. An IPv6 address is then in brackets.
WITH_PORT = re.compile(r"\[(?P<v6>[^\]]*)\](:\d+)?|(?P<v4>[\d.]+):\d+", re.ASCII)


def proxied_ip(request: HttpRequest) -> str | None:
    """The client's IP address as seen by the outermost trusted proxy.

    None without TRUSTED_PROXY_COUNT, if fewer proxies wrote an entry, or if the entry is no IP address.
    """
    ip = parsed(_hop(request))
    return str(ip) if ip else None


def network(request: HttpRequest) -> str:
    """The network that the client's requests are counted by: its IPv4 address or the /64 of its IPv6 address.

    The client's address is that of ``proxied_ip``, or else the peer's. "unknown" if neither is an IP
    address, for instance behind a Unix socket: all such clients are counted together.
    """
    ip = parsed(_hop(request)) or parsed(request.META.get("REMOTE_ADDR", ""))
    if isinstance(ip, IPv6Address):
        return str(ip_network((ip, IPV6_PREFIX), strict=False))
    return str(ip) if ip else UNKNOWN


def parsed(text: str) -> IPv4Address | IPv6Address | None:
    """The address in ``1.2.3.4``, ``1.2.3.4:80``, ``2001:db8::1``, ``[2001:db8::1]`` or ``[2001:db8::1]:80``.

    An IPv4-mapped IPv6 address is returned as IPv4. None for other texts. An IPv6 zone ("%eth0") may
    hold any text, and is valid on one machine only: None too.
    """
    text = text.strip()
    if found := WITH_PORT.fullmatch(text):
        text = found["v4"] or found["v6"]
    try:
        ip = ip_address(text) if "%" not in text else None
    except ValueError:
        return None
    return (ip.ipv4_mapped or ip) if isinstance(ip, IPv6Address) else ip


def _hop(request: HttpRequest) -> str:
    """The entry of ``X-Forwarded-For`` that the outermost trusted proxy has written, or "".

    Each trusted proxy appends the address of its peer; the client may have written any entry further left.
    """
    hops = request.META.get("HTTP_X_FORWARDED_FOR", "").split(",")
    count: int = settings.TRUSTED_PROXY_COUNT
    return hops[-count] if 0 < count <= len(hops) else ""
