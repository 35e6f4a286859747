"""Where a mailed link may lead: the site itself, or what the allow-list names.

Supabase docs, "Redirect URLs": ``*`` and ``?`` stop at ``.`` and ``/``, ``**`` does not.
"""

import re
from functools import lru_cache
from urllib.parse import urlsplit

from standins.supabase.config import Config

# Browsers and urlsplit disagree on these, which would let a link lead elsewhere than it seems.
AMBIGUOUS = re.compile(r"[\x00-\x20\x7f\\]")
WILDCARDS = {"**": ".*", "*": "[^./]*", "?": "[^./]"}


def allowed_or_site(config: Config, redirect_to: str) -> str:
    """``redirect_to`` without its fragment if it is allowed, else the site's own address."""
    target = redirect_to.partition("#")[0]
    return target if _is_allowed(config, target) else config.site_url


def _is_allowed(config: Config, target: str) -> bool:
    try:
        parts, site = urlsplit(target), urlsplit(config.site_url)
        if AMBIGUOUS.search(target) or "@" in parts.netloc:
            return False
        if parts.scheme in ("http", "https") and parts.hostname == site.hostname:
            return True
    except ValueError:
        return False
    return any(_pattern(glob).fullmatch(target) for glob in config.redirect_patterns)


@lru_cache
def _pattern(glob: str) -> re.Pattern[str]:
    pieces = re.split(r"(\*\*|\*|\?)", glob)
    return re.compile("".join(WILDCARDS.get(piece, re.escape(piece)) for piece in pieces))
