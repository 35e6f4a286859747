"""Inserts what follows from corrections: reviews, a shared conversation, a corrected chat."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import cycle

from accounts.models import Card, CardReview, Comment, Correction, Message, Share, User, VoiceConversation
from accounts.services import card_reviews, cards, chats, comments, message_corrections, shares

LEARNER, TEACHER, PARTNER = "kenji@example.com", "grace@example.com", "ana@example.com"
SHARED_TOPIC = "Telling a story"
COMMENTS = (
    {
        "turn": 2,
        "quote": "I stayed in a hotel",
        "corrected": "I ended up staying in a hotel",
        "text": "For a plan that failed, say end up.",
    },
    {"text": "A good story. Next time, tell it to a friend, without notes."},
)
# Sender, text, corrected text or "", explanation.
CHAT = (
    (
        LEARNER,
        "Hi Ana! Can you explain me this word?",
        "Can you explain this word to me?",
        "Explain it to me.",
    ),
    (
        PARTNER,
        "もちろん！でも、日本語が話すのは難しいです。",
        "もちろん！でも、日本語を話すのは難しいです。",
        "を、not が。",
    ),
    (LEARNER, "You speak it well. See you on Sunday!", "", ""),
)
OWN_CARD = {
    "front": "いただきます",
    "back": "Let's eat!",
    "note": "Said before a meal.",
    "language_code": "en",
}
DAYS = 55
DAYS_OFF = {51, 44, 43, 36, 29, 22, 15, 8}  # days ago
MORNING = timedelta(hours=1)  # a session with cards is this long before the time of day of the insertion
NEW = timedelta(days=2)  # younger cards have no review
STEP = timedelta(minutes=11)  # the longest step of a card that is being learned is 10 minutes
# The ratings of one review after another.
RATINGS = (3, 3, 4, 3, 1, 3, 3, 2, 3, 3, 3, 1, 3, 4, 3, 3, 2)


def insert_learning(*, at: datetime) -> None:
    """Inserts the rows of the demo learner who has practised for eight weeks until ``at``."""
    people = {user.email: user for user in User.objects.filter(email__in=[LEARNER, TEACHER, PARTNER])}
    learner = people[LEARNER]
    insert_chat(people, at=at - timedelta(days=4))
    insert_share(learner, people[TEACHER], at=at - timedelta(days=2))
    cards.create_card(user=learner, fields=OWN_CARD, at=at - timedelta(days=20))
    insert_reviews(learner, at=at)
    suspended = Card.objects.for_user(learner).oldest_first()[5]
    cards.suspend_card(user=learner, pk=suspended.pk, at=at - timedelta(days=7))


def insert_chat(people: dict[str, User], *, at: datetime) -> None:
    """Inserts a chat of two learners, who correct each other."""
    chat, _ = chats.open_chat(user=people[LEARNER], participant=people[PARTNER].pk, at=at)
    for sender, text, corrected, explanation in CHAT:
        message, _ = chats.send_message(user=people[sender], chat_id=chat.pk, content=text)
        if corrected:
            peer = people[PARTNER if sender == LEARNER else LEARNER]
            fields = {"corrected": corrected, "explanation": explanation}
            message_corrections.correct_message(
                user=peer, chat_id=chat.pk, seq=message.seq, fields=fields, at=at
            )
        at += timedelta(minutes=7)
        Message.objects.filter(pk=message.pk).update(created_at=at)
        Correction.objects.of_message(message).update(created_at=at)


def insert_share(learner: User, teacher: User, *, at: datetime) -> None:
    """Inserts a shared conversation with the comments of its teacher."""
    conversation = VoiceConversation.objects.for_user(learner).get(topic=SHARED_TOPIC)
    share, _ = shares.share_conversation(user=learner, pk=conversation.pk, teacher=teacher.pk, at=at)
    Share.objects.filter(pk=share.pk).update(created_at=at)
    for fields in COMMENTS:
        at += timedelta(hours=1)
        comment, _ = comments.add_comment(user=teacher, pk=conversation.pk, fields=fields, at=at)
        Comment.objects.filter(pk=comment.pk).update(created_at=at)
        Correction.objects.filter(comment=comment).update(created_at=at)


def insert_reviews(learner: User, *, at: datetime) -> None:
    """Inserts the reviews of the cards of ``learner``, and stores the resulting states."""
    found = Card.objects.for_user(learner).oldest_first()
    known = [card for card in found if card.created_at < at - NEW]
    rating = cycle(RATINGS)
    made: list[CardReview] = []
    for days_ago in range(DAYS, -1, -1):
        if days_ago not in DAYS_OFF:
            start = at - timedelta(days=days_ago) - MORNING
            chosen = chosen_cards(known, start)
            for card in chosen[:1] if days_ago == 0 else chosen:
                made += reviews_of(card, start, rating)
                start += timedelta(seconds=20)
    CardReview.objects.bulk_create(made)
    Card.objects.bulk_update(known, card_reviews.SCHEDULED)


def chosen_cards(known: list[Card], start: datetime) -> list[Card]:
    """The cards that are due at the start of a session, or else the one that is due next."""
    existing = [card for card in known if card.created_at <= start]
    due = [card for card in existing if card.due_at <= start]
    return due or sorted(existing, key=lambda card: card.due_at)[:1]


def reviews_of(card: Card, start: datetime, rating: Iterator[int]) -> Iterator[CardReview]:
    """The reviews of a card in one session: it comes back until it is not due in ten minutes any more."""
    instant = start
    while instant == start or card.due_at <= instant:
        review = CardReview(
            card=card,
            learner=card.learner,
            rating=next(rating),
            reviewed_at=instant,
            seconds=4 + len(card.front) % 9,
            desired_retention=card.learner.desired_retention,
        )
        yield review
        card_reviews.schedule(card, [review])
        instant += STEP
