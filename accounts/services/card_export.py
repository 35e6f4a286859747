"""The export of a learner's cards as a file."""

from collections.abc import Callable, Iterator
from datetime import UTC
from functools import partial
from itertools import chain
from uuid import UUID

from django.db import models

from accounts.models import Card
from accounts.models.cards import CardQuerySet
from accounts.models.search import first_rows
from accounts.values import card_files
from accounts.values.card_files import ExportedCard

PAGE = 200  # cards read at a time, of up to 0.1 MB each


class Format(models.TextChoices):
    ANKI = "anki", "text/plain; charset=utf-8"
    CSV = "csv", "text/csv; charset=utf-8; header=present"


def export_cards(*, cards: CardQuerySet, owner: UUID, format: Format) -> Iterator[str]:
    """The parts of a file of ``cards``, which belong to the user ``owner``, in the order of creation.

    The first cards are read at once, and the others when the file is read. Raises SearchTooBroad.
    """
    header: str = card_files.csv_header()
    write: Callable[[Iterator[ExportedCard]], str] = card_files.csv_lines
    if format == Format.ANKI:
        header, write = card_files.ANKI_HEADER, partial(card_files.anki_lines, owner=owner)
    pages = pages_of(cards)
    first = next(pages)
    return chain([header], (write(map(exported, page)) for page in chain([first], pages)))


def pages_of(cards: CardQuerySet) -> Iterator[list[Card]]:
    """The cards by ascending id, PAGE at a time. A card that is deleted meanwhile does no harm."""
    last = 0
    while True:
        rows = cards.created_after(last).oldest_first().defer("search_text")
        page = list(rows[:PAGE]) if rows.unsearched is None else first_rows(rows, PAGE)
        yield page
        if len(page) < PAGE:
            return
        last = page[-1].pk


def exported(card: Card) -> ExportedCard:
    """The card in the shape of the files."""
    due_at = card.due_at.astimezone(UTC).isoformat().replace("+00:00", "Z")
    return ExportedCard(
        card.pk, card.front, card.back, card.note, card.language_code, card.shown_state, due_at
    )
