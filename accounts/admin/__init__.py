"""The admin of the marketplace; importing it registers the pages."""

from accounts.admin import gigs, groups, learning, private_text, reports, teachers, users, voice_sessions

__all__ = ["gigs", "groups", "learning", "private_text", "reports", "teachers", "users", "voice_sessions"]
