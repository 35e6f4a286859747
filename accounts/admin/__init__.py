"""The admin of the marketplace; importing it registers the pages."""

from accounts.admin import gigs, groups, teachers, users, voice_sessions

__all__ = ["gigs", "groups", "teachers", "users", "voice_sessions"]
