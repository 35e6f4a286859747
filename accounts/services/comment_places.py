"""The place of a comment: its turn, and its quote as that turn spells it."""

from collections.abc import Sequence
from typing import Any, TypedDict

from accounts.errors import InvalidInput
from accounts.models import Comment
from accounts.models.comments import MAX_COMMENT_CHARACTERS
from accounts.values import quotes, transcripts
from accounts.values.plain_text import is_blank

MAX_FOLDED_CHARACTERS = 20_000  # folding takes about 10 microseconds for each, with the conversation locked
MIN_COUNTED_CHARACTERS = 10  # of a text: a search in many short texts takes time too


class Place(TypedDict):
    """Columns of a Comment."""

    turn: int | None
    quote: str
    corrected: str


def found_place(transcription: Any, wanted: Place) -> Place:
    """The place of a comment, with the quote as the turn spells it.

    Without ``turn``, it is the first one with the quote. A correction without a quote corrects the whole
    text of its turn. Raises InvalidInput if there is no such turn or quote, or if ``corrected`` changes
    nothing.
    """
    texts = transcripts.texts_of(transcription)
    turn, corrected = wanted["turn"], wanted["corrected"]
    if turn is not None and turn >= len(texts):
        raise invalid("turn", f"This conversation has the turns 0 to {len(texts) - 1}.")
    searched = texts if turn is None else [texts[turn]]
    quote = wanted["quote"]
    if corrected and not quote:
        quote = whole_text(searched, turn)
    if not quote:
        return Place(turn=turn, quote="", corrected="")
    found, corrected = matched(quote, corrected, searched)
    if turn is None:
        turn = next(place for place, text in enumerate(texts) if found in text)
    return Place(turn=turn, quote=found, corrected=corrected)


def changed_place(transcription: Any, comment: Comment, fields: dict[str, Any]) -> Place:
    """The place of a comment after a change of ``fields``. Raises InvalidInput as ``found_place``.

    The quote is searched only if it or the turn changes, because the transcription may have changed.
    """
    stored = Place(turn=comment.turn, quote=comment.quote, corrected=comment.corrected)
    wanted = Place(
        turn=fields.get("turn", comment.turn),
        quote=fields.get("quote", comment.quote),
        corrected=fields.get("corrected", comment.corrected),
    )
    if wanted == stored:
        return stored
    if not wanted["quote"] or (wanted["turn"], wanted["quote"]) != (stored["turn"], stored["quote"]):
        return found_place(transcription, wanted)
    check_changes_something(wanted["quote"], wanted["corrected"])
    return wanted


def whole_text(texts: Sequence[str], turn: int | None) -> str:
    """The text of the turn as a quote. Raises InvalidInput without a turn, or if the text is too long."""
    if turn is None or is_blank(texts[0]):
        raise invalid("quote", "A correction needs a quote, or a turn with a text.")
    if len(texts[0]) > MAX_COMMENT_CHARACTERS:
        limit = f"{MAX_COMMENT_CHARACTERS:,} characters"
        raise invalid("quote", f"This turn has more than {limit}. Quote a part of it.")
    return texts[0]


def matched(quote: str, corrected: str, texts: Sequence[str]) -> tuple[str, str]:
    """``quote`` as the text that contains it spells it, and ``corrected``. Raises InvalidInput."""
    exact = [text for text in texts if quote in text][:1]
    sources = [quotes.Source(text) for text in exact or beginning(texts)]
    if (bare := quotes.matched(quote, "", sources)) is None:
        raise invalid("quote", "This quote is not in the text. Copy it from the transcription.")
    check_changes_something(bare[0], corrected)
    return (quotes.matched(quote, corrected, sources) if corrected else None) or bare


def beginning(texts: Sequence[str]) -> list[str]:
    """The texts up to MAX_FOLDED_CHARACTERS in all; the rest is searched for exact quotes only."""
    found, left = [], MAX_FOLDED_CHARACTERS
    for text in texts:
        found.append(text[:left])
        left -= max(len(text), MIN_COUNTED_CHARACTERS)
        if left <= 0:
            break
    return found


def check_changes_something(quote: str, corrected: str) -> None:
    """Raises InvalidInput if a correction differs from its quote by typography only."""
    if corrected and quotes.is_same(quote, corrected):
        raise invalid("corrected", "This equals the quote. Write the right form, or send an empty text.")


def invalid(field: str, message: str) -> InvalidInput:
    return InvalidInput(message, errors={field: [message]})
