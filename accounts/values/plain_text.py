"""Texts from outside: whether they have a visible character, and whether PostgreSQL can store them."""

import re

from accounts.values.folding import BLANKS, IGNORABLE

# Control characters. The rest of Unicode's format characters (category Cf), without those that are visible,
# such as the Arabic number sign. Two signs of other categories without a shape: the musical null notehead and
# the filler of the Khitan small script.
OTHERS = "\x00-\x1f\x7f-\x9f\ufff9-\ufffb\U00013430-\U0001343f\U0001d159\U00016fe4"
VISIBLE = re.compile(f"[^{BLANKS}{IGNORABLE}{OTHERS}]")


def is_blank(text: str) -> bool:
    """Whether the text has no visible character: it is empty, or has only blanks and invisible characters.

    Invisible characters, such as U+200B, U+3164 and variation selectors, also have meaning beside visible
    ones: in emoji, and in Persian and Indic words. A text with a visible character therefore keeps them.
    """
    return VISIBLE.search(text) is None


def storable(text: str) -> str:
    """The text without NUL characters and lone surrogates, which PostgreSQL cannot store."""
    return text.replace("\x00", "").encode("utf-8", "ignore").decode()
