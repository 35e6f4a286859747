"""Estimated cost of a voice call: OpenAI's prices with their dates and sources, and assumptions about a call.

An estimate, not an invoice. It leaves out text tokens (instructions, reasoning, transcripts of answers),
taxes and discounts. A session does not store its model: prices are those of the default models, so another
OPENAI_REALTIME_MODEL or OPENAI_TRANSCRIPTION_MODEL costs more or less.

Rates of tokens, the repetition of the conversation for each answer, and its caching are from
developers.openai.com/api/docs/guides/realtime-costs. The assumptions are ours.
"""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

INPUT_TOKENS_PER_SECOND = 10  # one token per 100 ms of the learner's speech
OUTPUT_TOKENS_PER_SECOND = 20  # one token per 50 ms of the tutor's speech
TOKENS_OF_PRICE = 1_000_000

# Assumptions: learner and tutor speak for half of each minute, and the tutor answers four times in it.
LEARNER_SECONDS_PER_MINUTE = 30
TUTOR_SECONDS_PER_MINUTE = 30
ANSWERS_PER_MINUTE = 4
# Each answer reads the conversation so far, as cached input: on average half of a call of 10 minutes.
MINUTES_READ_PER_ANSWER = 5


@dataclass(frozen=True)
class Price:
    """Prices of a model in US dollars: of a million audio tokens, and of a minute of transcription."""

    since: date
    model: str
    audio_input: Decimal
    cached_audio_input: Decimal
    audio_output: Decimal
    transcription_minute: Decimal
    source: str

    @property
    def per_minute(self) -> Decimal:
        """The estimated cost of a minute of a call. The transcription is charged for the whole minute."""
        heard = LEARNER_SECONDS_PER_MINUTE * INPUT_TOKENS_PER_SECOND
        spoken = TUTOR_SECONDS_PER_MINUTE * OUTPUT_TOKENS_PER_SECOND
        read = ANSWERS_PER_MINUTE * MINUTES_READ_PER_ANSWER * (heard + spoken)
        audio = heard * self.audio_input + spoken * self.audio_output + read * self.cached_audio_input
        return audio / TOKENS_OF_PRICE + self.transcription_minute


# Oldest first. The first price also holds before its date.
PRICES = (
    Price(
        since=date(2026, 5, 7),
        model="gpt-realtime-2 with gpt-realtime-whisper",
        audio_input=Decimal("32"),
        cached_audio_input=Decimal("0.40"),
        audio_output=Decimal("64"),
        transcription_minute=Decimal("0.017"),
        source="developers.openai.com/api/docs/models/gpt-realtime-2 and /gpt-realtime-whisper; "
        "the date is that of their announcement",
    ),
    Price(
        since=date(2026, 7, 7),
        model="gpt-realtime-2.1 with gpt-live-transcribe",
        audio_input=Decimal("32"),
        cached_audio_input=Decimal("0.40"),
        audio_output=Decimal("64"),
        transcription_minute=Decimal("0.017"),
        source="developers.openai.com/api/docs/models/gpt-realtime-2.1 and /gpt-live-transcribe; "
        "read on 2026-11-28; the date is that of the first Agents SDK of OpenAI with gpt-realtime-2.1",
    ),
)


def price_on(day: date) -> Price:
    """The price that holds on ``day``."""
    return next((price for price in reversed(PRICES) if price.since <= day), PRICES[0])
