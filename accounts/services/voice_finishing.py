"""The end of a session by its learner."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import transaction

from accounts.errors import NotFound
from accounts.models import User, VoiceConversation, VoiceSession
from accounts.services import voice_calls, voice_saving


def finish_session(
    *, user: User, pk: int, fields: Mapping[str, Any], at: datetime
) -> tuple[VoiceConversation | None, bool]:
    """Ends the session's call by a task, and saves its conversation. Idempotent.

    ``fields`` may have ``topic`` and ``client_id``. Returns the conversation, or None if nobody spoke, and
    whether it is new. Raises NotFound also if the conversation was deleted; ClientIdReused, AccountDeleted.
    """
    _end(user, pk, at)
    return _save(user, pk, fields)


@transaction.atomic
def _end(user: User, pk: int, at: datetime) -> None:
    """Ends the call of an open session, whether or not it can be saved."""
    session = voice_saving.locked_session(user, pk)
    if session.state == VoiceSession.State.OPEN:
        voice_calls.end_call(session, at)


@transaction.atomic
def _save(user: User, pk: int, fields: Mapping[str, Any]) -> tuple[VoiceConversation | None, bool]:
    session = voice_saving.locked_session(user, pk)
    if session.state == VoiceSession.State.SAVED:
        saved = VoiceConversation.objects.for_user(user).with_user().filter(session=session).first()
        if saved is None:
            raise NotFound("The conversation of this session was deleted.")
        return saved, False
    if session.state == VoiceSession.State.ENDED:
        return None, False
    return voice_saving.save(session, fields)
