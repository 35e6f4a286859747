"""What the deletion of an account does with corrections, cards, comments and shares.

Rows are deleted by SQL, in the order of the foreign keys: Django would load the ids of all of them.
"""

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
from accounts.models.cards import CardQuerySet
from accounts.models.comments import CommentQuerySet
from accounts.models.corrections import CorrectionQuerySet
from accounts.models.shares import ShareQuerySet
from accounts.models.voice_conversations import VoiceConversationQuerySet


def delete_all_conversations(user: User) -> None:
    """Deletes the user's conversations with their corrections and comments, and the user's shares.

    The locks come first, because a feedback job or a teacher may be adding rows to a locked conversation.
    They include the conversations of others that the user has commented on or may read: their learners may
    be deleting the same comments and shares, in another order. No chat is locked yet, see ``chats.py``.
    """
    VoiceConversation.objects.touched_by(user).lock_in_order()
    delete_shares(Share.objects.between(user))  # before their conversations, which the event of the end names
    delete_conversations(VoiceConversation.objects.for_user(user))


def delete_learning(user: User) -> None:
    """Deletes the rows of a learner, and the name of a teacher or partner from those of other learners.

    Texts for other learners remain, with null for their author. The caller holds the locks of the user and of
    all chats and conversations of the user, so that nothing is added.
    """
    delete_cards(Card.objects.for_user(user))
    delete_corrections(Correction.objects.for_user(user))
    forget_author(Comment.objects.by_author(user))
    forget_author(Correction.objects.by_author(user))
    declined = DeclinedLearner.objects.about(user)
    declined.lock_in_order()
    declined.delete()


def delete_shares(shares: ShareQuerySet) -> int:
    """Deletes shares. The caller holds the locks of their conversations. Returns the number of shares."""
    shares.lock_in_order()  # also those whose conversation is deleted, which no other lock protects
    return shares.delete_alone()


def delete_conversations(conversations: VoiceConversationQuerySet) -> int:
    """Deletes conversations without shares, with their corrections and comments.

    The caller holds their locks. Returns the number of conversations.
    """
    delete_corrections(Correction.objects.filter(conversation__in=conversations))
    Comment.objects.filter(conversation__in=conversations).delete_alone()
    return conversations.delete_alone()


def delete_cards(cards: CardQuerySet) -> int:
    """Deletes cards of a deleted user with their reviews. Returns the number of cards.

    The locks come first, because a correction by somebody else may be adding a source to a locked card.
    """
    cards.lock_in_order()
    CardReview.objects.filter(card__in=cards).delete_alone()
    CardSource.objects.filter(card__in=cards).delete()
    return cards.delete_alone()


def delete_corrections(corrections: CorrectionQuerySet) -> None:
    """Deletes corrections. The caller holds the locks of their conversations and chats. Cards remain."""
    corrections.lock_in_order()
    CardSource.objects.filter(correction__in=corrections).delete()
    corrections.delete_alone()


def forget_author(written: CommentQuerySet | CorrectionQuerySet) -> int:
    """Removes the author. The caller holds the locks of conversations and chats. Returns their number."""
    written.lock_in_order()
    return written.update(author=None, client_id=None, creation_digest="")
