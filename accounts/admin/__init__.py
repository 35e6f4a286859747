"""The admin of the marketplace; importing it registers the pages."""

from accounts.admin import (
    chats,
    feedback_jobs,
    gigs,
    groups,
    learning,
    readings,
    reports,
    teachers,
    users,
    voice_conversations,
    voice_sessions,
)

__all__ = [
    "chats",
    "feedback_jobs",
    "gigs",
    "groups",
    "learning",
    "readings",
    "reports",
    "teachers",
    "users",
    "voice_conversations",
    "voice_sessions",
]
