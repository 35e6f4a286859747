"""Allowed targets of a mailed link: the site's host, and web servers on this machine."""

import re
from urllib.parse import urlsplit

from standins.supabase.config import Config

# Browsers and urlsplit parse these characters differently, so a forged address could pass the check.
AMBIGUOUS = re.compile(r"[\x00-\x20\x7f\\]")


def allowed_or_site(config: Config, redirect_to: str) -> str:
    """``redirect_to`` without its fragment if it is allowed, otherwise the site's address."""
    target = redirect_to.partition("#")[0]
    try:
        parts, site = urlsplit(target), urlsplit(config.site_url)
    except ValueError:
        return config.site_url
    is_web = parts.scheme in ("http", "https") and "@" not in parts.netloc
    hosts = (site.hostname, "localhost", "127.0.0.1")
    is_allowed = is_web and parts.hostname in hosts and not AMBIGUOUS.search(target)
    return target if is_allowed else config.site_url
