"""Files of flashcards: text that Anki imports, and CSV."""

import csv
import html
import io
import re
import unicodedata
import uuid
from collections.abc import Iterable, Sequence
from typing import NamedTuple
from uuid import UUID

from accounts.values import flashcards

# GUID, front, back, tags (https://docs.ankiweb.net/importing/text-files.html#file-headers). Without #columns:
# Anki would look for fields with these names, and its own are translated. So it takes them by their order.
ANKI_HEADER = "#separator:tab\n#html:true\n#guid column:1\n#tags column:4\n"
CSV_COLUMNS = ("front", "back", "note", "language_code", "state", "due_at")
LINE_END = re.compile(r"\r\n|[\n\r\v\f\x85\u2028\u2029]")
# A spreadsheet runs a cell that begins with one of these.
STARTS_FORMULA = tuple("=+-@\u2212")
IGNORED = "".join(  # before a formula: blanks, control and format characters
    char for char in map(chr, range(0x10000)) if char.isspace() or unicodedata.category(char) in ("Cc", "Cf")
)
OTHER_FORMS = "\uff1d\ufe66\uff0b\ufe62\uff20\ufe6b"  # full-width and small forms of = + @
# Where a spreadsheet that separates cells by semicolons, or by tabs, begins another one: Excel does so in
# most of Europe, whatever is quoted between commas. There, a line break ends the row, and quotation marks may
# quote the new cell. Not in ";-)".
BEFORE_INNER = re.escape("".join(char for char in IGNORED if char not in "\t\r\n") + '"')
INNER_FORMULA = re.compile(
    rf"(?<=[;\t\r\n])(?=[{BEFORE_INNER}]*+(?:[=+@\u2212{OTHER_FORMS}]|[-\uff0d\ufe63](?!\))))"
)
# Anki plays, reads aloud or compiles what follows.
ANKI_TAG = re.compile(r"\[(?=sound:|anki:|latex\]|\$\$?\])", re.IGNORECASE)


class ExportedCard(NamedTuple):
    """A card in a file. ``due_at`` is in ISO 8601."""

    id: int
    front: str
    back: str
    note: str
    language_code: str
    state: str
    due_at: str


def anki_lines(cards: Iterable[ExportedCard], owner: UUID) -> str:
    """The lines of the cards of ``owner``. Anki updates a note with the same GUID, and adds others.

    The note is a paragraph of the back, because Anki's usual note types have two fields.
    """
    return _lines(
        (
            (
                str(uuid.uuid5(owner, str(card.id))),
                as_html(card.front),
                as_html("\n\n".join(filter(None, (card.back, card.note)))),
                tags_of(card),
            )
            for card in cards
        ),
        delimiter="\t",
        end="\n",
    )


def csv_lines(cards: Iterable[ExportedCard]) -> str:
    """The lines of the cards, in the order of CSV_COLUMNS (RFC 4180)."""
    return _lines((map(harmless, card[1:]) for card in cards), delimiter=",", end="\r\n")


def csv_header() -> str:
    """The first line of a CSV file."""
    return _lines([CSV_COLUMNS], delimiter=",", end="\r\n")


def as_html(text: str) -> str:
    """The text as HTML: escaped, with ``<br>`` for the end of a line, and bold where it is marked.

    Anki's own tags in square brackets are escaped too.
    """
    escaped = ANKI_TAG.sub("&#91;", html.escape(text, quote=False))
    return LINE_END.sub("<br>", flashcards.with_marks_as(r"<b>\1</b>", escaped))


def tags_of(card: ExportedCard) -> str:
    """Anki's tags of the card, separated by blanks."""
    language = "_".join(card.language_code.split())
    return " ".join(["linguaflex", *([f"linguaflex::{language}"] if language else [])])


def harmless(cell: str) -> str:
    """The cell with an apostrophe before each place at which a spreadsheet would run it.

    These are its start, and what follows a semicolon, a tab or a line break. Blanks, invisible characters and
    quotation marks before the formula make no difference, nor do full-width forms.
    See https://owasp.org/www-community/attacks/CSV_Injection.
    """
    visible = unicodedata.normalize("NFKC", cell.lstrip(IGNORED)[:1])
    is_formula = visible.startswith(STARTS_FORMULA) or cell[:1] in ("\t", "\r", "\n")
    inner = INNER_FORMULA.sub("'", cell)
    return f"'{inner}" if is_formula else inner


def _lines(rows: Iterable[Iterable[str] | Sequence[str]], *, delimiter: str, end: str) -> str:
    file = io.StringIO(newline="")
    csv.writer(file, delimiter=delimiter, lineterminator=end).writerows(rows)
    return file.getvalue()
