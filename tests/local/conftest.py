"""Fixtures of the stand-in's contract tests."""

from tests.supabase_fixtures import auth, confirming_auth, no_accounts

__all__ = ["auth", "confirming_auth", "no_accounts"]
