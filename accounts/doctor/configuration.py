"""Checks of settings that are valid and still doubtful. They need no network."""

from collections.abc import Iterator
from ipaddress import ip_address
from urllib.parse import urlsplit

from django.conf import settings

from accounts.doctor.findings import Check, Finding, warning

NOT_ENCRYPTED = warning(
    "address_not_encrypted",
    "{name} is {address}: keys and personal data are sent to another machine without encryption.",
    "Use https://, unless the network between the two machines is private.",
)


def addresses() -> Iterator[Finding]:
    """Finds plain HTTP to another machine."""
    for name in ("SUPABASE_URL", "OPENAI_BASE_URL"):
        parts = urlsplit(getattr(settings, name))
        if parts.scheme == "http" and not _is_this_machine(parts.hostname or ""):
            yield NOT_ENCRYPTED.found(name=name, address=f"http://{parts.hostname}")


def _is_this_machine(host: str) -> bool:
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False


def checks() -> list[Check]:
    return [Check("settings: encrypted addresses", addresses)]
