"""What the deletion of an account does with corrections, cards, comments and shares."""

from accounts.models import (
    Card,
    CardReview,
    CardSource,
    Comment,
    Correction,
    DeclinedLearner,
    Share,
    User,
    VoiceConversation,
)


def delete_conversations(user: User) -> None:
    """Deletes the user's conversations with their corrections and comments, and the user's shares.

    The locks come first, because a feedback job or a teacher may be adding rows to a locked conversation.
    They include the conversations of others that the user has commented on or may read: their learners may
    be deleting the same comments and shares, in another order. No chat is locked yet, see ``chats.py``.
    """
    VoiceConversation.objects.touched_by(user).lock_in_order()
    shares = Share.objects.between(user)
    shares.lock_in_order()  # also those whose conversation is deleted, which no other lock protects
    shares.delete()  # before their conversations, which the event of the end names
    VoiceConversation.objects.for_user(user).only("pk").delete()


def delete_learning(user: User) -> None:
    """Deletes the rows of a learner, and the name of a teacher or partner from those of other learners.

    Texts for other learners remain, with null for their author. The caller holds the locks of the user and of
    all chats and conversations of the user, so that nothing is added.
    """
    CardReview.objects.for_user(user).delete()
    CardSource.objects.filter(card__learner=user).delete()
    Card.objects.for_user(user).only("pk").delete()
    Correction.objects.for_user(user).lock_in_order()
    Correction.objects.for_user(user).only("pk").delete()
    for written in (Comment.objects.by_author(user), Correction.objects.by_author(user)):
        written.lock_in_order()
        written.update(author=None, client_id=None, creation_digest="")
    declined = DeclinedLearner.objects.about(user)
    declined.lock_in_order()
    declined.delete()
