"""Generated Realtime conversations: the server events of each, in OpenAI's shapes, and what was said."""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from typing import Any

Event = dict[str, Any]
WORDS = ("hola", "¿qué tal?", "你好", "😀 sí", "gracias", "a", "dos kilos, por favor", "<b>no</b>")


@dataclass
class Generated:
    """A conversation; ``turns`` is what a reader of all its events must know."""

    seed: int
    events: list[Event] = field(default_factory=list)
    turns: list[Event] = field(default_factory=list)
    texts: list[str] = field(default_factory=list)  # of what was deleted too
    previous: str | None = None

    def __post_init__(self) -> None:
        self.random = random.Random(self.seed)
        kinds = (typed, spoken, spoken, answered, answered, answered, unheard, called, instructed)
        for _ in range(self.random.randint(1, 12)):
            self.random.choice(kinds)(self)

    def words(self) -> str:
        return " ".join(self.random.choices(WORDS, k=self.random.randint(1, 4)))

    def item_id(self) -> str:
        """An id that says nothing of the order."""
        return f"item_{self.random.getrandbits(64):016x}"

    def tell(self, type_: str, **values: Any) -> None:
        self.events.append({"type": type_, "event_id": f"event_{len(self.events)}", **values})

    def tell_item(self, item: Event, *types: str, begun: Event | None = None) -> None:
        """The item as it begins and as it is in the end, after the one before it."""
        self.tell("conversation.item.added", previous_item_id=self.previous, item=begun or item)
        for type_ in types:
            self.tell(type_, previous_item_id=self.previous, item=item)
        self.tell("conversation.item.done", previous_item_id=self.previous, item=item)
        self.previous = item["id"]

    def say(self, item_id: str, role: str, *texts: str) -> None:
        """What a reader must know of the item: unless it is deleted, or nothing was said."""
        text = " ".join(each.strip() for each in texts if each.strip())
        self.texts.append(text)
        if self.random.random() < 0.1:
            self.tell("conversation.item.deleted", item_id=item_id)
        elif text:
            self.turns.append({"role": role, "text": text})


def message(item_id: str, role: str, content: list[Event], status: str = "completed") -> Event:
    """A message item."""
    return {
        "id": item_id,
        "object": "realtime.item",
        "type": "message",
        "role": role,
        "status": status,
        "content": content,
    }


def typed(made: Generated) -> None:
    """The learner types; two parts are one turn."""
    texts = [made.words() for _ in range(made.random.choice((1, 1, 2)))]
    item = message(made.item_id(), "user", [{"type": "input_text", "text": text} for text in texts])
    made.tell_item(item, *made.random.sample(["conversation.item.created"], k=made.random.randint(0, 1)))
    made.say(item["id"], "user", *texts)


def speak(made: Generated) -> str:
    """The learner speaks: an item without words."""
    item = message(made.item_id(), "user", [{"type": "input_audio", "transcript": None}])
    previous = made.previous
    made.tell("input_audio_buffer.speech_started", audio_start_ms=0, item_id=item["id"])
    made.tell("input_audio_buffer.committed", item_id=item["id"], previous_item_id=previous)
    made.tell_item(item)
    return str(item["id"])


def spoken(made: Generated) -> None:
    """The learner speaks and is transcribed, now and then as silence."""
    item_id, part = speak(made), {"content_index": 0}
    words = made.words() if made.random.random() < 0.9 else " "
    kind = "conversation.item.input_audio_transcription"
    made.tell(f"{kind}.delta", item_id=item_id, delta="ho", **part)
    usage = {"type": "duration", "seconds": 1.5}
    made.tell(f"{kind}.completed", item_id=item_id, transcript=f" {words}\n", usage=usage, **part)
    made.say(item_id, "user", words)


def unheard(made: Generated) -> None:
    """The learner speaks and cannot be transcribed."""
    made.tell(
        "conversation.item.input_audio_transcription.failed",
        item_id=speak(made),
        content_index=0,
        error={"message": "no"},
    )


def answered(made: Generated) -> None:
    """The tutor answers in speech or in writing; now and then the learner interrupts."""
    kind, key = made.random.choice(
        (("output_audio_transcript", "transcript"), ("output_text", "text"), ("output_text", "text"))
    )
    texts = [made.words() for _ in range(made.random.choice((1, 1, 2)))]
    content = [{"type": kind.removesuffix("_transcript"), key: text} for text in texts]
    item = message(made.item_id(), "assistant", content)
    place = {"item_id": item["id"], "output_index": 0, "response_id": "resp_1"}
    begun = message(item["id"], "assistant", [], "in_progress")
    made.tell("response.output_item.added", item=begun, output_index=0, response_id="resp_1")
    for index, text in enumerate(texts):
        made.tell(f"response.{kind}.delta", **place, content_index=index, delta=text[:2])
        made.tell(f"response.{kind}.done", **place, content_index=index, **{key: text})
    made.tell("response.output_item.done", item=item, output_index=0, response_id="resp_1")
    made.tell_item(item, begun=begun)
    made.say(item["id"], "assistant", *texts)
    if made.random.random() < 0.2:
        interrupt(made, item["id"])


def interrupt(made: Generated, item_id: str) -> None:
    """The tutor is cut off: the server forgets the words, a reader does not."""
    made.tell("conversation.item.truncated", item_id=item_id, audio_end_ms=900, content_index=0)
    emptied = message(item_id, "assistant", [{"type": "output_audio"}], "incomplete")
    made.tell("conversation.item.retrieved", item=emptied)
    if made.events[-3]["type"] != "conversation.item.deleted":
        made.turns[-1]["interrupted"] = True


def called(made: Generated) -> None:
    """The tutor calls a function: no turn, but a link."""
    call = {"type": "function_call", "name": "look_up", "arguments": "{}", "call_id": "call_1"}
    made.tell_item({"id": made.item_id(), "object": "realtime.item", **call})


def instructed(made: Generated) -> None:
    """A system message: no turn either."""
    made.tell_item(message(made.item_id(), "system", [{"type": "input_text", "text": made.words()}]))
