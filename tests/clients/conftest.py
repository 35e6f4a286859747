"""Fixtures of the stand-in's tests with the published clients."""

from tests.realtime_fixtures import rooms
from tests.supabase_fixtures import auth, confirming_auth, no_accounts

__all__ = ["auth", "confirming_auth", "no_accounts", "rooms"]
