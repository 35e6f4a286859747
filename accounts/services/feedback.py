"""AI feedback on a conversation: asked for in a job, repeated with patience, stored under a lock.

While a conversation is queued, a run of its job is due at ``feedback_due_at``. A run moves that
instant on and queues the next run before it asks the AI: when the worker is killed, the next run
takes over. A run that comes early, or late to a conversation that is no longer queued, does nothing.
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
from accounts.models import VoiceConversation
from accounts.models.voice_conversations import VoiceConversationQuerySet
from accounts.services import feedback_prompt
from accounts.values.transcripts import Turn, learner_texts, turns_of

STATUS = VoiceConversation.FeedbackStatus
# Longer than an answer takes to begin (openai.ANSWER_TIMEOUT_SECONDS): a run that is over this is dead,
# or so slow that another asks again and its own answer is dropped.
LEASE = timedelta(minutes=2)
WAITS = (timedelta(seconds=15), timedelta(minutes=1), timedelta(minutes=5))
MOST_ATTEMPTS = len(WAITS) + 1
LONGEST_WAIT = timedelta(hours=1)
NOT_ANSWERED = "The AI service did not answer, in {attempts} attempts. Ask again later."
NOT_AVAILABLE = "AI feedback is not available at present. Ask again later."

logger = logging.getLogger(__name__)


class NothingToJudge(Conflict):
    """The learner says nothing in the transcription."""

    code = "nothing_to_judge"
    detail = "Nobody but the tutor says anything in this transcription, so there is nothing to judge."


@dataclass(frozen=True)
class Claim:
    """One attempt at one conversation; it is over when the conversation is due at another instant."""

    conversation: VoiceConversation
    due_at: datetime


@transaction.atomic
def request_feedback(*, conversations: VoiceConversationQuerySet, pk: int) -> None:
    """Queues feedback for one of ``conversations``; one that waits already is not queued again.

    Raises OpenAINotConfigured, NotFound or NothingToJudge.
    """
    if not openai.is_configured():
        raise OpenAINotConfigured
    conversation = conversations.locked(pk=pk)
    now = timezone.now()
    if conversation.feedback_status == STATUS.QUEUED and not _is_forgotten(conversation, now):
        return
    if not learner_texts(_turns(conversation)):
        raise NothingToJudge
    _begin_anew(conversation, now)


class RunFailed(Exception):
    """A fault of ours: the log tells which, for the queue keeps what it is told longer than we may."""


@task()
def generate_feedback(pk: int) -> None:
    """One run of the job of a conversation."""
    try:
        _run(pk)
    except Exception:
        logger.exception("Feedback on conversation %s: a run failed.", pk)
        raise RunFailed from None


def _run(pk: int) -> None:
    """Asks the AI, if it is time to, and stores what comes of it."""
    claim = _claim(pk, timezone.now())
    if claim is None:
        return
    try:
        found = _ask(claim.conversation)
    except OpenAINotConfigured:
        # Whoever queued it had a key: this worker's environment is another, the next one's may not be.
        logger.error("This worker has no OPENAI_API_KEY.")
        _postpone(claim, OpenAIUnavailable(NOT_AVAILABLE), timezone.now())
    except (OpenAIUnavailable, AIAnswerUnusable) as error:
        _postpone(claim, error, timezone.now())
    except LinguaFlexError as error:
        _fail(claim, error)
    else:
        _finish(claim, found)


@transaction.atomic
def _claim(pk: int, now: datetime) -> Claim | None:
    """The right to ask the AI; None when nothing is to be done now."""
    conversation = VoiceConversation.objects.queued_for_feedback().filter(pk=pk).first()
    if conversation is None:
        return None
    if conversation.feedback_due_at is not None and now < conversation.feedback_due_at:
        return None
    if conversation.feedback_attempts >= MOST_ATTEMPTS:
        conversation.fail_feedback(NOT_ANSWERED.format(attempts=MOST_ATTEMPTS))
        return None
    conversation.begin_feedback(due_at=now + LEASE)
    _queue(pk, now + LEASE)
    return Claim(conversation, now + LEASE)


def _ask(conversation: VoiceConversation) -> dict[str, object]:
    """The AI's feedback, checked against the transcript that it was given."""
    turns = _turns(conversation)
    if not learner_texts(turns):
        raise NothingToJudge
    about = {
        "topic": conversation.topic,
        "conversation_type": conversation.get_conversation_type_display(),
        "native_language": conversation.native_language,
        "target_language": conversation.target_language,
    }
    answer = openai.answer(
        instructions=feedback_prompt.INSTRUCTIONS,
        text=feedback_prompt.text_of(turns=turns, about=about),
        schema=feedback_prompt.SCHEMA,
        user_id=conversation.user_id,
    )
    return feedback_prompt.believed(answer, turns)


@transaction.atomic
def _finish(claim: Claim, found: dict[str, object]) -> None:
    """Stores feedback; on a transcription that has changed meanwhile, another is wanted."""
    conversation = _still(claim)
    if conversation is None:
        return
    if conversation.transcription == claim.conversation.transcription:
        conversation.receive_feedback(found)
    else:
        _begin_anew(conversation, timezone.now())


@transaction.atomic
def _postpone(claim: Claim, error: OpenAIUnavailable | AIAnswerUnusable, now: datetime) -> None:
    """Queues the next attempt, or gives up after the last."""
    conversation = _still(claim)
    if conversation is None:
        return
    logger.warning(
        "Feedback on conversation %s: attempt %s: %s",
        conversation.pk,
        conversation.feedback_attempts,
        error.code,
    )
    if conversation.feedback_attempts >= MOST_ATTEMPTS:
        return _give_up(conversation, error, f"{error.detail} It was tried {MOST_ATTEMPTS} times.")
    wait = WAITS[conversation.feedback_attempts - 1]
    if isinstance(error, OpenAIUnavailable):
        wait = min(max(wait, timedelta(seconds=error.retry_after)), LONGEST_WAIT)
    conversation.postpone_feedback(due_at=now + wait)
    _queue(conversation.pk, now + wait)


@transaction.atomic
def _fail(claim: Claim, error: LinguaFlexError) -> None:
    """Ends the job with words for the learner."""
    if conversation := _still(claim):
        _give_up(conversation, error, error.detail)


def _give_up(conversation: VoiceConversation, error: LinguaFlexError, words: str) -> None:
    logger.error("Feedback on conversation %s has failed: %s", conversation.pk, error.code)
    conversation.fail_feedback(words)


def _still(claim: Claim) -> VoiceConversation | None:
    """The conversation, locked, while the claim holds; None when it is deleted or in other hands."""
    waiting = VoiceConversation.objects.queued_for_feedback().filter(feedback_due_at=claim.due_at)
    return waiting.filter(pk=claim.conversation.pk).first()


def _is_forgotten(conversation: VoiceConversation, now: datetime) -> bool:
    """Whether the run that was due never came: the queue was emptied, or nobody works on it."""
    due_at = conversation.feedback_due_at
    return due_at is None or now > due_at + LEASE


def _begin_anew(conversation: VoiceConversation, now: datetime) -> None:
    conversation.queue_feedback(at=now)
    _queue(conversation.pk, now)


def _queue(pk: int, due_at: datetime) -> None:
    """Queues a run, and one behind it for a worker that dies at its very first step."""
    for run_after in (due_at, due_at + LEASE):
        generate_feedback.using(run_after=run_after).enqueue(pk)


def _turns(conversation: VoiceConversation) -> list[Turn]:
    return turns_of(conversation.transcription, learner_name=conversation.user.name)
