"""Cards made of corrections."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from accounts.models import Card, CardSource, Correction, User
from accounts.values import flashcards

Key = tuple[str, str]  # language code and dedupe_key


def make_cards(*, learner: User, corrections: Sequence[Correction], at: datetime) -> None:
    """Makes a card, due ``at``, of each correction of ``learner``, unless ``auto_cards`` is off.

    A correction with the same language and the same right form as a card of the learner becomes one more
    source of that card, which keeps its texts and its state. The constraint ``card_once_per_corrected_form``
    decides between two transactions. Needs a transaction, in which ``learner`` was read.
    """
    usable = [each for each in corrections if flashcards.makes_card(each.quote, each.corrected)]
    if not usable or not learner.auto_cards:
        return
    cards = {key_of(each): new_card(learner, each, at) for each in reversed(usable)}
    stored = _stored(learner, cards)
    links = [CardSource(card=stored[key_of(each)], correction=each) for each in usable]
    CardSource.objects.bulk_create(links, ignore_conflicts=True)


def _stored(learner: User, cards: Mapping[Key, Card]) -> dict[Key, Card]:
    """The learner's cards with these keys, locked. Creates those that do not exist.

    Creates a card again if another transaction deletes it before it is locked.
    """
    new = [cards[key] for key in sorted(cards)]  # in one order, so that two transactions do not deadlock
    languages, keys = zip(*cards, strict=True)
    # Not those of other languages: an edit of their language holds their locks, and waits for our cards.
    own = Card.objects.for_user(learner).with_keys(languages, keys)
    while True:
        Card.objects.bulk_create(new, ignore_conflicts=True)
        found = {(card.language_code, card.dedupe_key): card for card in own.for_update()}
        if cards.keys() <= found.keys():
            return found


def key_of(correction: Correction) -> Key:
    """The language and the key that a card of the correction has."""
    return correction.language_code, flashcards.dedupe_key(correction.corrected)


def new_card(learner: User, correction: Correction, at: datetime) -> Card:
    """An unsaved card of the correction."""
    language, key = key_of(correction)
    card = Card(
        learner=learner,
        language_code=language,
        dedupe_key=key,
        created_at=at,
        due_at=at,
        **texts_of(correction),
    )
    card.derive()
    return card


def texts_of(correction: Correction) -> dict[str, str]:
    """The texts of a card of the correction."""
    return flashcards.texts_of(correction.quote, correction.corrected, correction.explanation)
