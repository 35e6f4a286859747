"""The tokens of a Realtime session, counted as OpenAI bills them.

Source: developers.openai.com/api/docs/guides/realtime-costs. A response's input is the whole conversation.
"""

import math
from typing import Any

HEARD_MS_PER_TOKEN, SPOKEN_MS_PER_TOKEN = 100, 50
CHARACTERS_PER_TOKEN = 4  # of English text, on average


def text_tokens(text: str) -> int:
    """The tokens of a text, estimated."""
    return math.ceil(len(text) / CHARACTERS_PER_TOKEN)


class Context:
    """The tokens of the instructions and the conversation so far."""

    def __init__(self, instructions: str) -> None:
        self.text = text_tokens(instructions)
        self.audio = 0

    def add_text(self, text: str) -> None:
        self.text += text_tokens(text)

    def add_heard(self, milliseconds: int) -> None:
        """Adds speech of the learner. Silence is not part of the conversation."""
        self.audio += math.ceil(milliseconds / HEARD_MS_PER_TOKEN)

    def usage_of(self, text: str, spoken_ms: int, *, aside: bool) -> dict[str, Any]:
        """The ``usage`` of a response, which is added to the conversation unless it is ``aside``."""
        said = {"text_tokens": text_tokens(text), "audio_tokens": math.ceil(spoken_ms / SPOKEN_MS_PER_TOKEN)}
        heard = {"text_tokens": self.text, "audio_tokens": self.audio, "cached_tokens": 0}
        if not aside:
            self.text += said["text_tokens"]
            self.audio += said["audio_tokens"]
        tokens = heard["text_tokens"] + heard["audio_tokens"], sum(said.values())
        return {
            "total_tokens": sum(tokens),
            "input_tokens": tokens[0],
            "output_tokens": tokens[1],
            "input_token_details": heard,
            "output_token_details": said,
        }
