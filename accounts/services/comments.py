"""Comments of teachers on conversations that are shared with them, and their corrections.

Lock order: the teacher, then the conversation, then cards of the learner. Each change by a teacher locks the
conversation and then reads the share, so no comment is stored after the share has ended.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import transaction

from accounts.errors import Conflict, NotFound
from accounts.models import Comment, Correction, Share, User, VoiceConversation
from accounts.models.comments import MAX_COMMENTS
from accounts.services import card_changes, card_making, idempotency, shares, storage
from accounts.services.comment_places import Place, changed_place, found_place

# The values of absent fields. A retry may state them and is still the same input.
DEFAULTS: dict[str, Any] = {"turn": None, "quote": "", "corrected": "", "client_id": None}


@transaction.atomic
def add_comment(*, user: User, pk: int, fields: Mapping[str, Any], at: datetime) -> tuple[Comment, bool]:
    """Stores a comment of a teacher on a conversation. Idempotent by ``client_id``.

    A comment with ``corrected`` becomes a correction, and so a card of the learner. Returns the comment and
    whether it is new. A database trigger announces it to the learner (``private.announce_comment``).
    Raises NotFound, InvalidInput (no such turn or quote), NotAllowed (blocked in chat), Conflict (too many
    comments), ClientIdReused, StorageFull, AccountDeleted.
    """
    User.objects.lock_present(user.pk)
    conversation = Share.objects.lock_conversation(user, pk)
    given = {**DEFAULTS, **fields}
    digest = idempotency.digest_of(given)
    written = Comment.objects.by_author(user).in_conversation(pk).with_author()
    if first := written.by_client_id(given["client_id"]):
        idempotency.check_repeated(first, digest)
        return first, False
    shares.check_unblocked(conversation.user, user)
    storage.check_room(user)
    wanted = Place(turn=given["turn"], quote=given["quote"], corrected=given["corrected"])
    comment = Comment(
        conversation=conversation,
        author=user,
        client_id=given["client_id"],
        creation_digest=digest,
        text=given["text"],
        **found_place(conversation.transcription, wanted),
    )
    _save_new(comment, conversation, at)
    return comment, True


def _save_new(comment: Comment, conversation: VoiceConversation, at: datetime) -> None:
    """Saves a new comment with its correction, and counts it. Raises Conflict."""
    if conversation.comments_count >= MAX_COMMENTS:
        message = f"This conversation has {MAX_COMMENTS} comments, which is the limit."
        raise Conflict(message, code="too_many_comments")
    comment.save()
    conversation.count_comment(1)
    if comment.corrected:
        make_correction(conversation, comment, at)


@transaction.atomic
def edit_comment(*, user: User, pk: int, comment: int, fields: Mapping[str, Any], at: datetime) -> Comment:
    """Changes ``fields`` of one of the teacher's own comments, and its correction with it.

    A database trigger announces a change to the learner (``private.announce_comment``). Raises NotFound,
    InvalidInput (no such turn or quote), NotAllowed (blocked in chat), StorageFull.
    """
    conversation = Share.objects.lock_conversation(user, pk)
    row = Comment.objects.by_author(user).locked_in(conversation, comment)
    shares.check_unblocked(conversation.user, user)
    place = changed_place(conversation.transcription, row, dict(fields))
    with storage.limited_change(user):
        if row.edit({**place, "text": fields.get("text", row.text)}, at=at):
            change_correction(conversation, row, at)
    return row


@transaction.atomic
def delete_comment(*, user: User, pk: int, comment: int) -> None:
    """Deletes one of the teacher's own comments and its correction; a card remains. Raises NotFound.

    A database trigger announces it to the learner (``private.announce_comment``).
    """
    conversation = Share.objects.lock_conversation(user, pk)
    _delete(conversation, Comment.objects.by_author(user).locked_in(conversation, comment))


@transaction.atomic
def remove_comment(*, user: User, pk: int, comment: int) -> None:
    """Deletes a comment on one of the user's conversations, as ``delete_comment``. Raises NotFound."""
    conversation = VoiceConversation.objects.for_user(user).only("comments_count").locked(pk=pk)
    _delete(conversation, Comment.objects.locked_in(conversation, comment))


@transaction.atomic
def remove_comment_as_staff(*, pk: int) -> None:
    """Deletes a comment on any conversation, as ``delete_comment``. Raises NotFound."""
    found = Comment.objects.filter(pk=pk).only("conversation").first()
    if found is None:
        raise NotFound
    conversation = VoiceConversation.objects.only("comments_count").locked(pk=found.conversation_id)
    _delete(conversation, Comment.objects.locked_in(conversation, pk))


def _delete(conversation: VoiceConversation, comment: Comment) -> None:
    comment.delete()
    conversation.count_comment(-1)


def make_correction(conversation: VoiceConversation, comment: Comment, at: datetime) -> None:
    """Stores the correction of a comment, and makes a card of it."""
    correction = Correction.objects.create(
        learner=conversation.user,
        source=Correction.Source.TEACHER,
        author=comment.author,
        language_code=conversation.target_language_code,
        conversation=conversation,
        comment=comment,
        **texts_of(comment),
    )
    card_making.make_cards(learner=conversation.user, corrections=[correction], at=at)


def change_correction(conversation: VoiceConversation, comment: Comment, at: datetime) -> None:
    """Makes the correction equal to its changed comment: creates, changes or deletes it.

    A card follows a changed correction (``card_changes.follow_correction``) and outlives a deleted one.
    """
    correction: Correction | None = getattr(comment, "correction", None)
    if correction is None:
        if comment.corrected:
            make_correction(conversation, comment, at)
    elif comment.corrected:
        correction.change(texts_of(comment))
        card_changes.follow_correction(learner=conversation.user, correction=correction, at=at)
    else:
        correction.delete()


def texts_of(comment: Comment) -> dict[str, Any]:
    """The columns of the comment's correction that change with it."""
    return {
        "turn": comment.turn,
        "quote": comment.quote,
        "corrected": comment.corrected,
        "explanation": comment.text,
    }
