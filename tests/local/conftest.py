"""Fixtures of the stand-in's contract tests."""

from tests.realtime_fixtures import open_socket, rooms
from tests.supabase_fixtures import auth, confirming_auth, no_accounts

__all__ = ["auth", "confirming_auth", "no_accounts", "open_socket", "rooms"]
