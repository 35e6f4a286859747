"""AI feedback on a conversation: a background job with retries.

While a conversation is queued, a run of its job is due at ``feedback_due_at``. Before a run calls the
AI, it postpones that time and queues the next run: if the worker is killed, the next run replaces it.
A run that starts before that time, or after the job has ended, does nothing.
"""

import logging
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone
from django_tasks import task

from accounts.errors import (
    AIAnswerUnusable,
    Conflict,
    LinguaFlexError,
    OpenAINotConfigured,
    OpenAIUnavailable,
)
from accounts.integrations import openai
from accounts.models import User, VoiceConversation
from accounts.models.feedback import FEEDBACK_SCHEMA
from accounts.services import corrections, feedback_prompt
from accounts.services.queueing import enqueue_twice
from accounts.values.transcripts import Turn, all_speakers_are_unknown, learner_texts, turns_of

STATUS = VoiceConversation.FeedbackStatus
# Longer than openai.ANSWER_TIMEOUT_SECONDS. After this time the run counts as dead, and the next run
# calls the AI again. If the first run was only slow, its answer is dropped.
LEASE = timedelta(minutes=2)
RETRY_DELAYS = (timedelta(seconds=15), timedelta(minutes=1), timedelta(minutes=5))
MAX_ATTEMPTS = len(RETRY_DELAYS) + 1
MAX_RETRY_DELAY = timedelta(hours=1)
NOT_ANSWERED = "The AI service did not answer, in {attempts} attempts. Ask again later."
NOT_AVAILABLE = "AI feedback is not available at present. Ask again later."

logger = logging.getLogger(__name__)


class NothingToJudge(Conflict):
    """The transcription has no text of the learner."""

    code = "nothing_to_judge"
    detail = "This transcription has no text of the learner, so there is nothing to judge."


class SpeakersUnknown(Conflict):
    """The transcription has several speakers, and neither the learner nor the tutor is recognised."""

    code = "speakers_unknown"
    detail = (
        "It is unclear who is the learner. Use messages with the role user or assistant, segments with the"
        " speaker learner or tutor, or lines that begin with User: or Tutor: or with the learner's name."
    )


@dataclass(frozen=True)
class Claim:
    """One attempt. It is valid while the conversation's ``feedback_due_at`` equals ``due_at``."""

    conversation: VoiceConversation
    due_at: datetime


@transaction.atomic
def request_feedback(*, user: User, pk: int, at: datetime) -> None:
    """Queues AI feedback on one of the user's conversations, unless it is queued already.

    Raises OpenAINotConfigured, NotFound, NothingToJudge or SpeakersUnknown.
    """
    if not openai.is_configured():
        raise OpenAINotConfigured
    conversation = VoiceConversation.objects.for_user(user).with_user().locked(pk=pk)
    if conversation.feedback_status == STATUS.QUEUED and not _is_overdue(conversation, at):
        return
    _turns_to_judge(conversation)
    _start_job(conversation, at)


class RunFailed(Exception):
    """An unexpected error in a run. It has no message: the queue stores messages, which may quote a row."""


@task()
def generate_feedback(pk: int) -> None:
    """One run of the job of conversation ``pk``.

    When the job ends, a database trigger broadcasts the status (``private.announce_feedback``).
    Raises RunFailed for an unexpected error, and logs it.
    """
    try:
        _run(pk)
    except Exception:
        logger.exception("Feedback on conversation %s: a run failed.", pk)
        raise RunFailed from None


def _run(pk: int) -> None:
    """Calls the AI, if an attempt is due, and stores the answer or the failure."""
    claim = _claim(pk, timezone.now())
    if claim is None:
        return
    try:
        found = _ask(claim.conversation)
    except OpenAINotConfigured:
        # The process that queued the job had a key, so another worker may have one.
        logger.error("This worker has no OPENAI_API_KEY.")
        _retry_later(claim, OpenAIUnavailable(NOT_AVAILABLE), timezone.now())
    except (OpenAIUnavailable, AIAnswerUnusable) as error:
        _retry_later(claim, error, timezone.now())
    except LinguaFlexError as error:
        _fail(claim, error)
    else:
        _finish(claim, found)


@transaction.atomic
def _claim(pk: int, now: datetime) -> Claim | None:
    """Starts an attempt, or returns None if none is due. Fails the job after the last attempt."""
    conversation = VoiceConversation.objects.queued().with_user().for_update().filter(pk=pk).first()
    if conversation is None:
        return None
    if conversation.feedback_due_at is not None and now < conversation.feedback_due_at:
        return None
    if conversation.feedback_attempts >= MAX_ATTEMPTS:
        conversation.fail_feedback(NOT_ANSWERED.format(attempts=MAX_ATTEMPTS))
        return None
    conversation.start_attempt(due_at=now + LEASE)
    _queue_run(pk, now + LEASE)
    return Claim(conversation, now + LEASE)


def _ask(conversation: VoiceConversation) -> dict[str, object]:
    """The AI's feedback, validated against the transcript that was sent.

    Raises NothingToJudge, SpeakersUnknown, AIAnswerUnusable, and the errors of ``integrations/openai.py``.
    """
    turns = _turns_to_judge(conversation)
    about = {
        "topic": conversation.topic,
        "conversation_type": conversation.get_conversation_type_display(),
        "native_language": conversation.native_language,
        "target_language": conversation.target_language,
    }
    answer = openai.answer(
        instructions=feedback_prompt.INSTRUCTIONS,
        text=feedback_prompt.input_json(turns=turns, about=about),
        schema=FEEDBACK_SCHEMA,
        user_id=conversation.user_id,
    )
    return feedback_prompt.validated(answer, turns)


@transaction.atomic
def _finish(claim: Claim, found: dict[str, object]) -> None:
    """Stores feedback with its corrections. If the transcription has changed, starts the job again."""
    conversation = _claimed_conversation(claim)
    if conversation is None:
        return
    if conversation.transcription == claim.conversation.transcription:
        conversation.store_feedback(found)
        corrections.replace_ai_corrections(conversation=conversation, at=timezone.now())
    else:
        _start_job(conversation, timezone.now())


@transaction.atomic
def _retry_later(claim: Claim, error: OpenAIUnavailable | AIAnswerUnusable, now: datetime) -> None:
    """Queues the next attempt, or fails the job after the last one."""
    conversation = _claimed_conversation(claim)
    if conversation is None:
        return
    logger.warning(
        "Feedback on conversation %s: attempt %s: %s",
        conversation.pk,
        conversation.feedback_attempts,
        error.code,
    )
    if conversation.feedback_attempts >= MAX_ATTEMPTS:
        return _record_failure(conversation, error, f"{error.detail} It was tried {MAX_ATTEMPTS} times.")
    delay = RETRY_DELAYS[conversation.feedback_attempts - 1]
    if isinstance(error, OpenAIUnavailable):
        delay = min(max(delay, timedelta(seconds=error.retry_after)), MAX_RETRY_DELAY)
    conversation.postpone_attempt(due_at=now + delay)
    _queue_run(conversation.pk, now + delay)


@transaction.atomic
def _fail(claim: Claim, error: LinguaFlexError) -> None:
    """Fails the job. The learner sees the error's sentence."""
    if conversation := _claimed_conversation(claim):
        _record_failure(conversation, error, error.detail)


def _record_failure(conversation: VoiceConversation, error: LinguaFlexError, sentence: str) -> None:
    logger.error("Feedback on conversation %s has failed: %s", conversation.pk, error.code)
    conversation.fail_feedback(sentence)


def _claimed_conversation(claim: Claim) -> VoiceConversation | None:
    """The conversation, locked; None if it was deleted, or if another run has claimed it."""
    queued = VoiceConversation.objects.queued().with_user().for_update()
    return queued.filter(pk=claim.conversation.pk, feedback_due_at=claim.due_at).first()


def _is_overdue(conversation: VoiceConversation, now: datetime) -> bool:
    """Whether the due run has not started: the queue was emptied, or no worker is running."""
    due_at = conversation.feedback_due_at
    return due_at is None or now > due_at + LEASE


def _start_job(conversation: VoiceConversation, now: datetime) -> None:
    conversation.queue_feedback(at=now)
    _queue_run(conversation.pk, now)


def _queue_run(pk: int, due_at: datetime) -> None:
    """Queues a run, and a second one in case a worker dies before it claims the first."""
    enqueue_twice(generate_feedback, pk, at=due_at, backup=LEASE)


def _turns_to_judge(conversation: VoiceConversation) -> list[Turn]:
    """The turns, some of them the learner's. Raises SpeakersUnknown or NothingToJudge."""
    turns = turns_of(conversation.transcription, learner_name=conversation.user.name)
    if all_speakers_are_unknown(turns):
        raise SpeakersUnknown
    if not learner_texts(turns):
        raise NothingToJudge
    return turns
