"""Changes of cards that follow from a changed correction."""

from datetime import datetime

from django.db import IntegrityError, transaction

from accounts.models import Card, CardSource, Correction, User
from accounts.services import card_making


def follow_correction(*, learner: User, correction: Correction, at: datetime) -> None:
    """Changes the cards that were made of a correction, after its texts have changed.

    A card whose only source is the correction gets the new texts, and keeps its state. A card with other
    sources keeps its texts; if its right form now differs from that of the correction, the correction gets
    another card. A card whose texts the learner has written or edited stays as it is.
    """
    language, key = card_making.key_of(correction)
    cards = list(Card.objects.for_user(learner).concerned_by(correction, key).for_update())
    sources = CardSource.objects.of_cards(cards)
    same_form = next(
        (card for card in cards if (card.language_code, card.dedupe_key) == (language, key)), None
    )
    for card in cards:
        linked = sources.get(card.pk, set())
        if correction.pk not in linked or card.has_learners_texts:
            continue
        if len(linked) == 1:
            _follow_as_only_source(card, correction, key, same_form)
        elif card is not same_form:
            CardSource.objects.link(card, correction).delete()
            card_making.make_cards(learner=learner, corrections=[correction], at=at)


def _follow_as_only_source(card: Card, correction: Correction, key: str, same_form: Card | None) -> None:
    """Changes the card's texts, with the ``key`` of the right form. If another card has it, that one gets the
    source.

    The constraint ``card_once_per_corrected_form`` decides if another transaction creates it just now.
    """
    if same_form in (None, card):
        try:
            with transaction.atomic():
                card.change_fields({**card_making.texts_of(correction), "dedupe_key": key})
            return
        except IntegrityError:
            own = Card.objects.for_user(correction.learner)
            same_form = own.with_keys([correction.language_code], [key]).for_update().first()
    if same_form is not None:
        CardSource.objects.link(card, correction).update(card=same_form)
        if card.last_reviewed_at is None:
            card.delete()
