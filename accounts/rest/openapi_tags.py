"""The tags of the OpenAPI document, in its order."""

from typing import NamedTuple


class Tag(NamedTuple):
    """A group of operations: those whose path begins with one of the prefixes, unless another's is longer."""

    name: str
    description: str
    prefixes: tuple[str, ...]
    guide: str  # a page of the documentation

    @property
    def text(self) -> str:
        """The description, with the name of the guide."""
        return f"{self.description} Guide: `{self.guide}`."


TAGS = (
    Tag(
        "Registration and login",
        "Accounts are Supabase accounts. These calls need no token, except for log out. They are throttled by"
        " the client's address. `POST login/` returns an `access_token` for an hour and a `refresh_token`,"
        " which `POST token/refresh/` exchanges for new ones. A frontend may also sign in with supabase-js:"
        " its access tokens are the same.",
        ("/accounts/",),
        "docs/REGISTRATION.md",
    ),
    Tag(
        "Users",
        "The directory of users, and the caller's own profile, picture, export and deletion. Others never"
        " see an e-mail address, phone number or date of birth here.",
        ("/accounts/users/",),
        "docs/USERS.md",
    ),
    Tag(
        "Teachers",
        "Teachers with a gig on offer, and the caller's own teaching profile. The id of a teacher is the"
        " user's. A filter or an order by price needs `currency`.",
        ("/accounts/teachers/",),
        "docs/TEACHERS.md",
    ),
    Tag(
        "Gigs",
        "What teachers offer: a language, a price per session, a length. Every user reads the gigs on offer;"
        " a teacher writes their own. A gig is `draft`, `active`, `paused` or, by staff, `suspended`.",
        ("/accounts/gigs/",),
        "docs/GIGS.md",
    ),
    Tag(
        "Chats",
        "Chats of two users. Messages are numbered by `seq`, without gaps. Supabase Realtime announces new"
        " messages; an event is a hint that may be lost, so read `messages/?after_seq=` after a reconnection."
        " `supabase/config/` has what supabase-js needs.",
        ("/accounts/supabase/",),
        "docs/CHATS.md",
    ),
    Tag(
        "Voice conversations",
        "The record of a learner's spoken practice: transcription, minutes, feedback, and the reports made of"
        " them. Every call is about the caller's own conversations.",
        ("/accounts/voice-conversations/",),
        "VOICE_CONVERSATION_API_DOCS.md",
    ),
    Tag(
        "Voice sessions",
        "A spoken practice with OpenAI's tutor in the browser, which saves itself as a voice conversation:"
        " begin a session, connect the call by WebRTC, report the events, finish. The key of OpenAI stays on"
        " the server.",
        ("/accounts/voice-conversations/session/",),
        "docs/VOICE_PRACTICE.md",
    ),
    Tag(
        "Corrections and cards",
        "Corrections of the AI, of teachers and of chat partners become flashcards, which FSRS schedules. A"
        " review has a `client_id`, so that an app can repeat it after it was offline.",
        ("/accounts/cards/", "/accounts/supabase/chats/{chat}/messages/{seq}/corrections/"),
        "docs/LEARNING.md",
    ),
    Tag(
        "Shared conversations",
        "A learner opens one conversation to one teacher, and takes it back at any moment. The teacher reads"
        " it and comments on it; a comment with a correction becomes a card of the learner.",
        (
            "/accounts/voice-conversations/shared/",
            "/accounts/voice-conversations/{id}/shares/",
            "/accounts/voice-conversations/{id}/comments/",
        ),
        "docs/LEARNING.md",
    ),
    Tag(
        "Reports and notices",
        "Users report users, gigs, messages and comments to the staff, who answer with notices.",
        ("/accounts/reports/", "/accounts/users/me/notices/"),
        "docs/REPORTS.md",
    ),
    Tag(
        "Service",
        "The state of the server, for load balancers and monitoring. Needs no token.",
        ("/",),
        "docs/operations/MONITORING.md",
    ),
)


def tag_of(path: str) -> Tag:
    """The tag of a path: the one with the longest prefix of it."""
    found = [(len(prefix), tag) for tag in TAGS for prefix in tag.prefixes if path.startswith(prefix)]
    return max(found, key=lambda pair: pair[0])[1]
