"""Shares: a learner opens a conversation to a teacher, and either of the two ends the share.

Lock order: users in the order of their ids, then the conversation. A share begins and ends under the lock of
the conversation's row, and so do the changes of a teacher (``ShareQuerySet.lock_conversation``).
"""

from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction

from accounts.errors import AccountDeleted, InvalidInput, NotAllowed, NotFound, TooManyShares
from accounts.models import DeclinedLearner, Participant, Share, User, VoiceConversation
from accounts.models.shares import ShareQuerySet
from accounts.values.windows import seconds_until_below

WINDOW = timedelta(hours=24)
MAX_SHARES = 20  # of a learner in WINDOW
MAX_SHARES_TO_TEACHER = 3  # of a learner to one teacher in WINDOW


@transaction.atomic
def share_conversation(*, user: User, pk: int, teacher: UUID, at: datetime) -> tuple[Share, bool]:
    """Opens one of the user's conversations to a listed teacher, unless it is open to them.

    Returns the share and whether it is new. A database trigger announces a new share to both
    (``private.announce_share``). Raises NotFound, InvalidInput if ``teacher`` is the user, NotAllowed
    (blocked in chat, or declined by the teacher), TooManyShares, AccountDeleted.
    """
    locked = User.objects.present().locked_among(user.pk, teacher)
    if user.pk not in locked:
        raise AccountDeleted
    conversation = VoiceConversation.objects.for_user(user).only("pk").locked(pk=pk)
    if teacher == user.pk:
        message = "You cannot share with yourself. Choose another teacher."
        raise InvalidInput(message, errors={"teacher": [message]})
    if not User.objects.listed().in_role(User.Role.TEACHER).filter(pk=teacher).exists():
        raise NotFound("There is no teacher with this id.")
    given = Share.objects.active().given_to(locked[teacher]).in_conversation(pk).first()
    if given is not None:
        return given, False
    check_accepted(user, locked[teacher])
    check_limits(user, locked[teacher], at)
    return Share.objects.create(conversation=conversation, learner=user, teacher=locked[teacher]), True


def check_accepted(learner: User, teacher: User) -> None:
    """Raises NotAllowed if one of the two has blocked their chat, or if the teacher declines the learner."""
    check_unblocked(learner, teacher)
    if DeclinedLearner.objects.for_user(teacher).of_learner(learner.pk).exists():
        sentence = "This teacher does not accept conversations from you. Choose another teacher."
        raise NotAllowed(sentence, code="share_declined")


def check_unblocked(learner: User, teacher: User) -> None:
    """Raises NotAllowed if one of the two has blocked their chat."""
    if Participant.objects.blocks_between(learner.pk, teacher.pk).exists():
        raise NotAllowed("One of you has blocked your chat.", code="blocked")


def check_limits(learner: User, teacher: User, at: datetime) -> None:
    """Raises TooManyShares, with the longer wait. Ended shares count. The caller has locked the learner."""
    given = Share.objects.for_user(learner).given_after(at - WINDOW)
    in_all = _seconds_to_wait(given, MAX_SHARES, at)
    with_teacher = _seconds_to_wait(given.given_to(teacher), MAX_SHARES_TO_TEACHER, at)
    if with_teacher > in_all:
        times = f"{MAX_SHARES_TO_TEACHER} times with this teacher"
        sentence = f"You have shared {times} in the last 24 hours, which is the limit."
        raise TooManyShares(sentence, retry_after=with_teacher)
    if in_all:
        sentence = f"You have shared {MAX_SHARES} times in the last 24 hours, which is the limit."
        raise TooManyShares(sentence, retry_after=in_all)


def _seconds_to_wait(given: ShareQuerySet, limit: int, at: datetime) -> int:
    uses = [(instant, 1) for instant in given.instants()]
    return seconds_until_below(limit, uses, window=WINDOW, at=at)


@transaction.atomic
def end_share(*, user: User, pk: int, teacher: UUID, at: datetime) -> None:
    """Takes one of the user's conversations back from a teacher, who gets 404 from then on.

    A database trigger announces it to both (``private.announce_share``). Raises NotFound.
    """
    VoiceConversation.objects.for_user(user).only("pk").locked(pk=pk)
    if not Share.objects.in_conversation(pk).filter(teacher=teacher).end(at=at):
        raise NotFound


@transaction.atomic
def decline_share(*, user: User, pk: int, at: datetime) -> None:
    """Ends the share of a conversation with the user, a teacher, and declines the learner's next shares.

    Other shares of the learner remain. Raises NotFound, AccountDeleted.
    """
    User.objects.lock_present(user.pk)
    conversation = Share.objects.lock_conversation(user, pk)
    Share.objects.in_conversation(pk).given_to(user).end(at=at)
    DeclinedLearner.objects.get_or_create(teacher=user, learner=conversation.user)


def accept_learner(*, user: User, learner: UUID) -> None:
    """Lets a declined learner share with the user again. Raises NotFound."""
    deleted, _ = DeclinedLearner.objects.for_user(user).of_learner(learner).delete()
    if not deleted:
        raise NotFound
