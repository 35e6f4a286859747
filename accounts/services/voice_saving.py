"""From a session to a conversation: the reported events, and the save by the learner or by a task.

A session that nobody finishes is saved once its call has ended and no event has come for QUIET, at the latest
LATEST after its end. A run of the task that starts before ``save_due_at`` does nothing.
"""

import hashlib
import json
import logging
import math
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

import orjson
from django.contrib.postgres.aggregates import JSONBAgg
from django.db import transaction
from django.db.models import TextField
from django.db.models.functions import Cast
from django.utils import timezone
from django_tasks import task

from accounts.errors import AccountDeleted, NotFound, PayloadTooLarge, SessionEnded, SessionSaved
from accounts.models import User, VoiceConversation, VoiceEvent, VoiceSession
from accounts.services import voice_conversations
from accounts.services.queueing import enqueue_twice
from accounts.values import realtime_turns, saved_turns
from accounts.values.realtime_events import MAX_NUMBER

QUIET = timedelta(minutes=2)
LATEST = timedelta(minutes=30)
BACKUP = timedelta(minutes=1)  # from a run to the one that replaces it if it fails or the worker is killed
EVENTS_KEPT = timedelta(hours=24)  # after the end of a session that cannot be saved
MAX_SESSION_BYTES = 8_000_000
MIN_EVENT_BYTES = 400  # what an event counts at least: 20,000 events fit into a session

logger = logging.getLogger(__name__)


def stored_events(session: VoiceSession) -> list[dict[str, Any]]:
    """The contents of a session's events. They are read as one JSON text: rows of JSON are slow."""
    whole = Cast(JSONBAgg("content"), TextField())
    text = VoiceEvent.objects.of_session(session).aggregate(whole=whole)["whole"]
    return list(orjson.loads(text)) if text else []


def state_of(session: VoiceSession) -> dict[str, Any]:
    """The session in the shape of the API. After the save, the turns are those of the conversation."""
    conversation = VoiceConversation.objects.filter(session=session).first()
    if conversation is None:
        turns = realtime_turns.turns_of(stored_events(session))
    else:
        turns = saved_turns.turns_in(conversation.transcription)
    return {
        "id": session.pk,
        "state": session.state,
        "ends_at": session.ends_at,
        "turns": turns,
        "conversation": conversation and conversation.pk,
    }


@transaction.atomic
def add_events(*, user: User, pk: int, events: Sequence[Mapping[str, Any]], size: int) -> dict[str, Any]:
    """Stores events of a session, each once, and returns ``turns`` and ``last_item_id``.

    ``size`` is the length of the request's body in bytes. Raises NotFound, SessionSaved, SessionEnded,
    AccountDeleted, and PayloadTooLarge above MAX_SESSION_BYTES.
    """
    session, now = locked_session(user, pk), timezone.now()
    check_open(session)
    if session.ends_at is None or now > session.ends_at + LATEST:
        raise SessionEnded
    size = max(size, MIN_EVENT_BYTES * len(events))
    if session.event_bytes + size > MAX_SESSION_BYTES:
        raise PayloadTooLarge(f"The events of a session may be up to {MAX_SESSION_BYTES:,} bytes.")
    rows = [
        VoiceEvent(session=session, event_id=key_of(event, content), content=content)
        for event in events
        if (content := realtime_turns.kept(event)) is not None
    ]
    VoiceEvent.objects.bulk_create(rows, ignore_conflicts=True)
    session.change(event_bytes=session.event_bytes + size, last_event_at=now)
    turns, last_item_id = realtime_turns.turns_and_last_item(stored_events(session))
    return {"turns": turns, "last_item_id": last_item_id}


def key_of(event: Mapping[str, Any], content: Mapping[str, Any]) -> str:
    """The digest of an event's id and ``content``: which of two with the same id comes first is no matter."""
    both = [str(event.get("event_id")), content]
    return hashlib.sha256(json.dumps(both, sort_keys=True).encode()).hexdigest()


def check_open(session: VoiceSession) -> None:
    """Raises SessionSaved or SessionEnded unless the session takes events."""
    if session.state == VoiceSession.State.SAVED:
        saved = VoiceConversation.objects.filter(session=session)
        raise SessionSaved(saved.values_list("pk", flat=True).first())
    if session.state == VoiceSession.State.ENDED:
        raise SessionEnded


@transaction.atomic
def save(session: VoiceSession, fields: Mapping[str, Any]) -> tuple[VoiceConversation | None, bool]:
    """Saves an open session, if anybody spoke, and whether the conversation is new. Deletes its events.

    ``fields`` may have ``topic`` and ``client_id``. The caller has locked the user's row, then the session's.
    """
    events = stored_events(session)
    usage = realtime_turns.usage_of(events)
    conversation, is_new = None, False
    if realtime_turns.anybody_spoke(events):
        conversation, is_new = voice_conversations.create_of_session(
            session=session,
            fields={**_fields_of(session, events), **fields},
            reported_usage=usage,
        )
    VoiceEvent.objects.of_session(session).delete()
    states = VoiceSession.State
    session.change(
        state=states.ENDED if conversation is None else states.SAVED,
        options=None,
        save_due_at=None,
        reported_tokens=min(usage["input_tokens"] + usage["output_tokens"], MAX_NUMBER),
    )
    return conversation, is_new


def _fields_of(session: VoiceSession, events: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """The fields of the session's conversation."""
    return {
        "topic": session.topic,
        "native_language": session.native_language,
        "target_language": session.target_language,
        "conversation_type": session.conversation_type,
        "transcription": {"messages": realtime_turns.turns_of(events)},
        "duration_minutes": _minutes_of(session, events),
    }


def _minutes_of(session: VoiceSession, events: Sequence[Mapping[str, Any]]) -> int | None:
    """The minutes of audio in the events, rounded up; of the call if they have none.

    At most the minutes that are charged.
    """
    charged = session.charged_minutes
    if charged is None:
        begun = session.call_started_at or session.created_at
        ends = min(timezone.now(), session.ends_at or timezone.now())
        charged = min(max(math.ceil((ends - begun) / timedelta(minutes=1)), 0), session.reserved_minutes)
    length = realtime_turns.duration_ms(events)
    return charged if length is None else min(math.ceil(length / 60_000), charged)


def save_due_at(session: VoiceSession) -> datetime:
    """The time at which a session that nobody finishes is saved."""
    assert session.ends_at is not None
    over = min(session.hung_up_at or session.ends_at, session.ends_at)
    quiet = (session.last_event_at or over) + QUIET
    return min(max(over + QUIET, quiet), session.ends_at + LATEST)


def schedule(session: VoiceSession) -> None:
    """Queues the save of an open session, and a second run in case a worker dies during the first."""
    if session.state != VoiceSession.State.OPEN:
        return
    due_at = save_due_at(session)
    session.change(save_due_at=due_at)
    enqueue_twice(save_unfinished, session.pk, at=due_at, backup=BACKUP)


class SaveFailed(Exception):
    """An unexpected error in a run. It has no message: the queue stores messages, which may quote a row."""


@task()
def save_unfinished(pk: int) -> None:
    """One run: saves session ``pk`` if that is due, or queues a later run.

    Does nothing if the account is deleted meanwhile, with the session. Raises SaveFailed for an unexpected
    error, and logs it.
    """
    try:
        owner = _claim(pk, timezone.now())
        if owner is not None:
            _save(owner, pk, timezone.now())
    except AccountDeleted:
        return
    except Exception:
        logger.exception("Session %s: a run to save it failed.", pk)
        raise SaveFailed from None


@transaction.atomic
def _claim(pk: int, now: datetime) -> User | None:
    """The owner of a session that is due, after the next run is queued; None if it is not due.

    The next run waits longer the longer the save has failed.
    """
    session = VoiceSession.objects.open().select_for_update().filter(pk=pk).first()
    if session is None or session.save_due_at is None or now < session.save_due_at:
        return None
    due_at = save_due_at(session)
    if now < due_at:
        schedule(session)
        return None
    next_at = now + max(BACKUP, (now - due_at) / 4)
    session.change(save_due_at=next_at)
    save_unfinished.using(run_after=next_at).enqueue(pk)
    return session.user


@transaction.atomic
def _save(owner: User, pk: int, now: datetime) -> None:
    """Saves the session. One that could not be saved for EVENTS_KEPT ends, without its events."""
    User.objects.lock_present(owner.pk)
    session = VoiceSession.objects.open().select_for_update().filter(pk=pk).first()
    if session is None or session.ends_at is None:
        return
    if now < session.ends_at + EVENTS_KEPT:
        save(session, {})
        return
    logger.error("Session %s could not be saved for %s: its events are deleted.", pk, EVENTS_KEPT)
    VoiceEvent.objects.of_session(session).delete()
    session.change(state=VoiceSession.State.ENDED, options=None, save_due_at=None)


def locked_session(user: User, pk: int) -> VoiceSession:
    """The user's session, locked after the user's row, in a transaction. Raises NotFound, AccountDeleted."""
    User.objects.lock_present(user.pk)
    session = VoiceSession.objects.for_user(user).locked(pk=pk)
    if session.ends_at is None:
        raise NotFound
    return session
