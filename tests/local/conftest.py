"""Fixtures of the contract tests of the stand-in and the simulator."""

from tests.realtime_fixtures import open_socket, rooms
from tests.storage_fixtures import storage
from tests.supabase_fixtures import auth, confirming_auth, no_accounts
from tests.tutor_fixtures import open_tutor, openai_url

__all__ = [
    "auth",
    "confirming_auth",
    "no_accounts",
    "open_socket",
    "open_tutor",
    "openai_url",
    "rooms",
    "storage",
]
