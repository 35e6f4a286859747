"""Random texts, languages and instants; the same ones at each run, apart from the date."""

import random
from datetime import UTC, datetime, timedelta

NOW = datetime.now(UTC).replace(microsecond=0)
CHANCE = random.Random(7)
LANGUAGES = ("Spanish", "French", "German", "Italian", "Japanese", "Korean", "Portuguese", "Arabic")
SYLLABLES = ("ba", "ko", "ri", "ta", "ne", "shu", "lo", "pe", "dré", "ñi", "gü", "ß", "mo", "ça", "zu", "ve")
# Search folds quotes, accents and the ellipsis; JSON escapes the double quotes.
COMMON = ('"yes"', "it's", "I'd", "well,", "so.", "okay?", "Hmm…")


def vocabulary(size: int) -> list[str]:
    words = ["".join(CHANCE.choices(SYLLABLES, k=CHANCE.randint(1, 4))) for _ in range(size)]
    return [*words, *COMMON * 40]


def texts(vocabulary: list[str], length: int, count: int) -> list[str]:
    """``count`` texts of at least ``length`` characters."""
    found = []
    for _ in range(count):
        words: list[str] = []
        while sum(map(len, words)) + len(words) < length:
            words.append(CHANCE.choice(vocabulary))
        found.append(" ".join(words))
    return found


def days_ago(days: float) -> datetime:
    """A random instant of the last ``days`` days."""
    return NOW - timedelta(days=CHANCE.random() * days)
