"""Fixtures of the stand-in's contract tests."""

from tests.realtime_fixtures import open_socket, rooms
from tests.storage_fixtures import storage
from tests.supabase_fixtures import auth, confirming_auth, no_accounts

__all__ = ["auth", "confirming_auth", "no_accounts", "open_socket", "rooms", "storage"]
