"""Voice conversations."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from accounts.models import VoiceConversation
from accounts.values import languages
from accounts.values.search_text import searchable
from benchmarks.speed import tokens
from benchmarks.speed.seed.rows import copy
from benchmarks.speed.seed.texts import CHANCE, LANGUAGES, NOW, texts, vocabulary
from benchmarks.speed.sizes import Sizes
from benchmarks.speed.words import COMMON_WORDS, ONLY_WORD, RARE_WORD

DAYS = 365
LEVELS = ("A2", "B1", "B2")


def fill(cursor: Any, sizes: Sizes) -> None:
    owners = [f"learner {number % sizes.learners}" for number in range(sizes.conversations)]
    for length in sizes.histories:
        owners += [f"history {length}"] * length
    CHANCE.shuffle(owners)
    copy(cursor, VoiceConversation, Conversations(sizes.turns).rows(owners))


class Conversations:
    """Makes rows from texts whose search text is computed once: folding all of them would take minutes."""

    def __init__(self, length: int) -> None:
        self.length = length
        words = vocabulary(6_000)
        self.turns = [(text, searchable([text])) for text in texts(words, 240, 2_000)]
        self.phrases = [(text, searchable([text])) for text in texts(words, 60, 1_000)]
        sentences, short = texts(words, 100, 500), texts(words, 20, 200)
        self.codes = {language: languages.code_of(language) for language in LANGUAGES}
        self.feedback = [client_feedback(sentences, short) for _ in range(5_000)]
        self.generated = [generated_feedback(sentences, short) for _ in range(500)]
        self.numbers: dict[str, int] = {}  # conversations of each owner so far

    def rows(self, owners: list[str]) -> Iterator[VoiceConversation]:
        """One conversation for each owner, in equal intervals over DAYS."""
        step = timedelta(days=DAYS) / len(owners)
        for number, owner in enumerate(owners):
            row = self.row(owner)
            row.created_at = row.updated_at = NOW - timedelta(days=DAYS) + number * step
            if number % 10_000 == 0:
                check_derived(row)
            yield row

    def row(self, owner: str) -> VoiceConversation:
        topic, folded_topic = CHANCE.choice(self.phrases)
        turns = [*CHANCE.choices(self.turns, k=self.length), *self.searched_words(owner)]
        language = CHANCE.choice(LANGUAGES[:4])
        generated = CHANCE.choice(self.generated) if CHANCE.random() < 0.15 else None
        return VoiceConversation(
            user_id=tokens.user_id(owner),
            topic=topic,
            transcription=transcription(text for text, _ in turns),
            native_language="German",
            native_language_code="de",
            target_language=language,
            target_language_code=self.codes[language],
            conversation_type=CHANCE.choice(VoiceConversation.Type.values),
            duration_minutes=CHANCE.randint(0, 59) if CHANCE.random() < 0.95 else None,
            ai_feedback=CHANCE.choice(self.feedback) if CHANCE.random() < 0.9 else {},
            generated_feedback=generated,
            feedback_status="done" if generated else "none",
            search_text=f"{folded_topic}\n{' '.join(folded for _, folded in turns)}",
        )

    def searched_words(self, owner: str) -> list[tuple[str, str]]:
        """Further turns with the words that the growth table searches."""
        number = self.numbers[owner] = self.numbers.get(owner, 0) + 1
        everywhere, *halves = COMMON_WORDS
        words = [everywhere, halves[number % 2]]
        words += [RARE_WORD] if number % 100 == 50 else []
        words += [ONLY_WORD] if number == 10 else []
        return [(word, searchable([word])) for word in words]


def transcription(texts: Iterator[str]) -> dict[str, Any]:
    roles = ("user", "assistant")
    return {"messages": [{"role": roles[n % 2], "text": text} for n, text in enumerate(texts)]}


def check_derived(row: VoiceConversation) -> None:
    """Raises AssertionError if a derived column differs from the value that the model computes."""
    computed = VoiceConversation(
        topic=row.topic,
        transcription=row.transcription,
        native_language=row.native_language,
        target_language=row.target_language,
    )
    computed.derive()
    for name in VoiceConversation.derived_columns:
        assert getattr(row, name) == getattr(computed, name), f"the seeds compute another {name}"


def client_feedback(sentences: list[str], short: list[str]) -> dict[str, Any]:
    found: dict[str, Any] = {
        "vocabulary_usage": CHANCE.choice(sentences),
        "areas_for_improvement": CHANCE.sample(short[:40], 3),
        "suggested_next_topics": CHANCE.sample(short, 3),
        "confidence_level": CHANCE.choice(("low", "medium", "high")),
        "conversation_flow": CHANCE.choice(sentences),
    }
    if CHANCE.random() < 0.95:
        found |= {"grammar_score": CHANCE.randint(40, 100), "pronunciation_score": CHANCE.randint(40, 100)}
    return found


def generated_feedback(sentences: list[str], short: list[str]) -> dict[str, Any]:
    corrections = [
        {
            "quote": CHANCE.choice(short),
            "correction": CHANCE.choice(short),
            "explanation": CHANCE.choice(sentences),
        }
        for _ in range(3)
    ]
    return {
        "summary": CHANCE.choice(sentences),
        "cefr_estimate": CHANCE.choice(LEVELS),
        "strengths": CHANCE.sample(sentences, 2),
        "corrections": corrections,
    }
