"""Settings of the Supabase stand-in."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from psycopg2.extensions import connection as Connection

from standins.supabase.hashing import SCRYPT, PasswordHasher
from standins.supabase.keys import Keys


@dataclass(frozen=True)
class Config:
    """Settings of one server.

    ``url`` is the public address without a trailing slash. ``site_url`` is the frontend, to which mailed
    links redirect. ``load_keys`` is called for each request, because another process may rotate the keys.
    ``connect`` opens a database connection. ``storage_dir`` is the folder of uploaded files.
    ``confirm_email`` requires new accounts to confirm their address. ``max_idle`` is the number of unused
    database connections that stay open.
    """

    url: str
    site_url: str
    load_keys: Callable[[], Keys]
    connect: Callable[[], Connection]
    storage_dir: Path
    password_hasher: PasswordHasher = SCRYPT
    confirm_email: bool = False
    print_mails: bool = True
    max_idle: int = 4

    @property
    def keys(self) -> Keys:
        return self.load_keys()

    @property
    def issuer(self) -> str:
        """The claim ``iss`` of access tokens, and the base URL of Auth."""
        return f"{self.url}/auth/v1"
