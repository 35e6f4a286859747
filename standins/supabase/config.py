"""What the stand-in is told from outside."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from psycopg2.extensions import connection as Connection

from standins.supabase.keys import Keys


@dataclass(frozen=True)
class Config:
    """``url`` is the public address, without a trailing slash: the issuer never follows a Host header.

    ``storage_dir`` is where uploaded files go. ``redirect_patterns`` are globs as in Supabase's
    "Redirect URLs": ``*`` stops at ``.`` and ``/``, ``**`` does not. ``max_idle=0`` keeps no
    connection open between requests. ``load_keys`` is asked again and again, as keys may be rotated.
    """

    url: str
    site_url: str
    load_keys: Callable[[], Keys]
    connect: Callable[[], Connection]
    storage_dir: Path
    redirect_patterns: tuple[str, ...] = ()
    confirm_email: bool = False
    access_token_seconds: int = 3600
    print_mails: bool = True
    max_connections: int = 10
    max_idle: int = 4

    @property
    def keys(self) -> Keys:
        """The keys as they are now."""
        return self.load_keys()

    @property
    def issuer(self) -> str:
        """The ``iss`` of every access token."""
        return f"{self.url}/auth/v1"
