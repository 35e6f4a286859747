"""The limits of voice sessions: how many an hour, and how many minutes a day and a session."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.conf import settings

from accounts.errors import VoiceMinutesExhausted, VoiceSessionsExhausted
from accounts.models import User, VoiceSession
from accounts.models.voice_sessions import TIME_TO_CALL, VoiceSessionQuerySet
from accounts.values.windows import seconds_until_below

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)


def reservable_minutes(user: User, at: datetime) -> int:
    """The minutes that a new session may reserve: 1 to VOICE_MINUTES_PER_SESSION.

    The caller has locked the user's row, so that two requests cannot reserve the same minutes. If they do
    not suffice, the user's earlier sessions whose call was never begun end. Raises VoiceSessionsExhausted,
    VoiceMinutesExhausted.
    """
    sessions = VoiceSession.objects.for_user(user)
    used = sessions.after(at - DAY).uses(at)
    if minutes_left(used) < settings.VOICE_MINUTES_PER_SESSION:
        sessions.without_call(before=at - TIME_TO_CALL).update(state=VoiceSession.State.ENDED, options=None)
        used = sessions.after(at - DAY).uses(at)
    check_limits(sessions, used, at)
    return min(minutes_left(used), settings.VOICE_MINUTES_PER_SESSION)


def minutes_left(used: Sequence[tuple[datetime, int]]) -> int:
    """The minutes of the day that ``used`` leaves; negative if the limit was lowered."""
    limit: int = settings.VOICE_MINUTES_PER_DAY
    return limit - sum(minutes for _, minutes in used)


def check_limits(sessions: VoiceSessionQuerySet, used: Sequence[tuple[datetime, int]], at: datetime) -> None:
    """Raises VoiceSessionsExhausted or VoiceMinutesExhausted, whichever lasts longer.

    ``sessions`` are the user's; ``used`` are the starts and minutes of those of the last day.
    """
    max_sessions, max_minutes = settings.VOICE_SESSIONS_PER_HOUR, settings.VOICE_MINUTES_PER_DAY
    started = [(instant, 1) for instant in sessions.after(at - HOUR).instants()]
    for_session = seconds_until_below(max_sessions, started, window=HOUR, at=at)
    for_minutes = seconds_until_below(max_minutes, used, window=DAY, at=at)
    if for_minutes > for_session:
        sentence = f"You have used {max_minutes} minutes in the last 24 hours, which is the limit."
        raise VoiceMinutesExhausted(sentence, retry_after=for_minutes)
    if for_session:
        sentence = f"You have begun {max_sessions} voice sessions in the last hour, which is the limit."
        raise VoiceSessionsExhausted(sentence, retry_after=for_session)
