"""The calls of voice sessions: their start with the browser's SDP offer, and the task that hangs them up.

While a call runs, a run of the task is due at ``hang_up_due_at``. Before a run asks OpenAI, it postpones that
time and queues the next run: if the worker is killed, the next run replaces it. A run that starts before
that time, or after the call has ended, does nothing.
"""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from threading import BoundedSemaphore

from django.db import transaction
from django.utils import timezone
from django_tasks import task

from accounts.errors import CallExists, LinguaFlexError, OpenAIUnavailable, SessionEnded
from accounts.integrations import openai, realtime_session
from accounts.models import User, VoiceSession
from accounts.services import voice_saving
from accounts.services.queueing import enqueue_twice

QUEUE = "calls"  # with a worker of its own: feedback on a conversation may take minutes
MAX_PARALLEL = 2  # requests to OpenAI that begin a call, in one process: its other threads stay free
# After this time a request to OpenAI counts as dead, and the offer may be tried again.
REQUEST_TIME = timedelta(seconds=openai.CALL_SECONDS + 5)
LEASE = timedelta(seconds=2)  # from one attempt to hang up to the next, also if the worker is killed
MAX_DELAY = timedelta(seconds=20)
OPENAI_LIMIT = timedelta(hours=1)  # OpenAI ends a call after an hour

begins = BoundedSemaphore(MAX_PARALLEL)
logger = logging.getLogger(__name__)


def begin_call(*, user: User, pk: int, offer: str) -> str:
    """Begins the call of a session with a browser's SDP offer; returns OpenAI's SDP answer.

    OpenAI is asked outside of the transactions. If it does not answer, the offer may be tried again.
    Raises NotFound, CallExists, SessionEnded, OpenAINotConfigured, OpenAIUnavailable, OpenAIRejected.
    """
    with one_of_few():
        taken = _take(user, pk, timezone.now())
        try:
            call = openai.create_call(session=_configuration_of(taken), offer=offer, user_id=user.pk)
        except Exception:
            _free(taken)
            raise
    try:
        _store(taken, call.call_id)
    except LinguaFlexError:
        _queue_end_of(call.call_id, timezone.now())
        raise
    return call.answer


@contextmanager
def one_of_few() -> Iterator[None]:
    """Allows MAX_PARALLEL at a time. Raises OpenAIUnavailable for one more."""
    if not begins.acquire(blocking=False):
        raise OpenAIUnavailable("Several calls are beginning. Try again shortly.")
    try:
        yield
    finally:
        begins.release()


def _configuration_of(session: VoiceSession) -> openai.SessionFor:
    options = session.options or {}
    return lambda model: realtime_session.session_config(**options, transcription_model=model)


@transaction.atomic
def _take(user: User, pk: int, now: datetime) -> VoiceSession:
    """Takes the one call of a session."""
    session = VoiceSession.objects.for_user(user).locked(pk=pk)
    if not session.is_open(now) or session.transport != VoiceSession.Transport.CALL:
        raise SessionEnded
    is_asking = session.call_taken_at is not None and now < session.call_taken_at + REQUEST_TIME
    if session.call_id or is_asking:
        raise CallExists
    session.change(call_taken_at=now)
    return session


@transaction.atomic
def _free(taken: VoiceSession) -> None:
    """Gives the call back, unless another request has taken it."""
    rows = VoiceSession.objects.filter(pk=taken.pk, call_taken_at=taken.call_taken_at, call_id="")
    rows.update(call_taken_at=None)


@transaction.atomic
def _store(taken: VoiceSession, call_id: str) -> None:
    """Stores the call, and queues its end. Raises SessionEnded, AccountDeleted."""
    User.objects.lock_present(taken.user_id)
    now = timezone.now()
    rows = VoiceSession.objects.filter(call_taken_at=taken.call_taken_at, call_id="")
    session = rows.locked(error=SessionEnded, pk=taken.pk)
    if not session.is_open(now):
        raise SessionEnded
    session.change(call_id=call_id, call_started_at=now, hang_up_due_at=session.ends_at)
    _queue_hang_up(session.pk, session.ends_at or now)


def end_call(session: VoiceSession, at: datetime) -> None:
    """Ends the session's time at ``at``; a task hangs its call up. The caller has locked the row."""
    session.change(ends_at=min(session.ends_at or at, at))
    if session.call_id and session.hung_up_at is None:
        session.change(hang_up_due_at=at)
        _queue_hang_up(session.pk, at)


def _queue_hang_up(pk: int, due_at: datetime) -> None:
    """Queues a run, and a second one in case a worker dies before it claims the first."""
    enqueue_twice(hang_up, pk, at=due_at, backup=LEASE)


class HangUpFailed(Exception):
    """An unexpected error in a run. It has no message: the queue stores messages."""


@task(queue_name=QUEUE)
def hang_up(pk: int) -> None:
    """One run: ends the call of session ``pk`` if the session has expired, and stores the end.

    Raises HangUpFailed for an unexpected error, and logs it.
    """
    try:
        session = _claim(pk, timezone.now())
        if session is not None and _has_ended(session):
            _record(pk, timezone.now())
    except Exception:
        logger.exception("The call of session %s: a run to hang it up failed.", pk)
        hang_up.using(run_after=timezone.now() + MAX_DELAY).enqueue(pk)
        raise HangUpFailed from None


@task(queue_name=QUEUE)
def hang_up_call(call_id: str, until: float) -> None:
    """Ends a call whose session is deleted. Repeated ``until`` a time in Unix seconds, if OpenAI fails."""
    try:
        openai.hang_up(call_id)
    except LinguaFlexError as error:
        logger.warning("A call without a session is not hung up: %s", error.code)
        now = timezone.now()
        if now.timestamp() < until:
            hang_up_call.using(run_after=now + MAX_DELAY).enqueue(call_id, until)


def _queue_end_of(call_id: str, now: datetime) -> None:
    """Queues runs of ``hang_up_call``, the second one in case a worker dies during the first."""
    until = (now + OPENAI_LIMIT).timestamp()
    enqueue_twice(hang_up_call, call_id, until, at=now, backup=MAX_DELAY)


@transaction.atomic
def _claim(pk: int, now: datetime) -> VoiceSession | None:
    """Starts an attempt and queues the next one, which waits longer each time. None if none is due."""
    session = VoiceSession.objects.select_for_update().filter(pk=pk, hung_up_at=None).first()
    if session is None or session.hang_up_due_at is None or now < session.hang_up_due_at:
        return None
    assert session.ends_at is not None
    delay = min(max(LEASE, (now - session.ends_at) / 4), MAX_DELAY)
    session.change(hang_up_due_at=now + delay)
    _queue_hang_up(pk, now + delay)
    return session


def _has_ended(session: VoiceSession) -> bool:
    """Hangs up. Whether the call has ended."""
    assert session.call_id and session.call_started_at is not None
    try:
        openai.hang_up(session.call_id)
    except LinguaFlexError as error:
        logger.warning("The call of session %s is not hung up: %s", session.pk, error.code)
        return timezone.now() > session.call_started_at + OPENAI_LIMIT
    return True


@transaction.atomic
def _record(pk: int, now: datetime) -> None:
    session = VoiceSession.objects.select_for_update().filter(pk=pk, hung_up_at=None).first()
    if session is not None:
        session.record_hang_up(at=now)
        voice_saving.schedule(session)


def end_calls_of(user: User) -> None:
    """Hangs up the calls of a user whose sessions are about to be deleted."""
    running = VoiceSession.objects.for_user(user).exclude(call_id="").filter(hung_up_at=None)
    for call_id in running.values_list("call_id", flat=True):
        _queue_end_of(call_id, timezone.now())


def end_running_calls_of(user: User, at: datetime) -> None:
    """Ends the sessions of a user who loses access. The caller has locked the user's row."""
    for session in VoiceSession.objects.for_user(user).open().select_for_update().order_by("pk"):
        end_call(session, at)
