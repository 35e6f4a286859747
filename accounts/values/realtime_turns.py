"""The turns, usage and duration of a Realtime conversation, computed from its server events.

The order and the repetition of events do not matter: of two values, the one of higher rank is kept.
``previous_item_id`` orders the items. Every function takes events as received, or what ``kept`` returned.
"""

from collections import defaultdict
from collections.abc import Container, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from accounts.values import realtime_events as kinds
from accounts.values.realtime_events import MAX_NUMBER, Event, kept, kind_of

__all__ = [
    "anybody_spoke",
    "duration_ms",
    "kept",
    "last_item_id",
    "turns_and_last_item",
    "turns_of",
    "usage_of",
]

Events = Iterable[Mapping[str, Any] | None]
Ranked = tuple[int, int, str]  # the rank of a value, its length, the value
TRANSCRIPTS = {
    kinds.TRANSCRIBED: ("user", "transcript"),
    kinds.SPOKEN_BY_TUTOR: ("assistant", "transcript"),
    kinds.WRITTEN_BY_TUTOR: ("assistant", "text"),
}
RESPONSES = {kinds.RESPONSE_CREATED, kinds.RESPONSE_DONE, kinds.OUTPUT_CLEARED}
LEARNERS = {kinds.SPEECH_STARTED, kinds.COMMITTED, kinds.NOT_TRANSCRIBED}
MS_PER_AUDIO_TOKEN = 50  # of the tutor's speech: OpenAI's guide to the costs of Realtime


def turns_of(events: Events) -> list[dict[str, Any]]:
    """The turns in the order of the conversation: role, text, item_id, started_at_ms, interrupted.

    ``started_at_ms`` is None if OpenAI reported no time, as for the tutor. An interrupted turn also has
    ``audio_end_ms``, the length of its audio that was heard, if it is known. The text is "" for speech of
    the learner without a transcription, but speech that was transcribed as silence is no turn.
    """
    return turns_and_last_item(events)[0]


def turns_and_last_item(events: Events) -> tuple[list[dict[str, Any]], str | None]:
    """``turns_of`` and ``last_item_id``."""
    items = _in_order(_items(events))
    last = next((item.id for item in reversed(items) if not item.deleted), None)
    return [_turn(item) for item in items if item.is_turn], last


def last_item_id(events: Events) -> str | None:
    """The id of the last item of the conversation that is not deleted, of any kind; None without items."""
    return turns_and_last_item(events)[1]


def anybody_spoke(events: Events) -> bool:
    """Whether there is a turn of the learner, spoken or typed, also without a transcription."""
    return any(item.is_turn and item.role_name == "user" for item in _items(events).values())


def duration_ms(events: Events) -> int | None:
    """The latest time of the learner's audio since the session's start; None if there is none."""
    times = [
        event[name]
        for event in _kept(events, (kinds.SPEECH_STARTED, kinds.SPEECH_STOPPED))
        for name in ("audio_start_ms", "audio_end_ms")
        if name in event
    ]
    return max(times, default=None)


def usage_of(events: Events) -> dict[str, int | float]:
    """Seconds of audio and numbers of tokens, as OpenAI reported them to the browser.

    Responses outside the conversation count too. Of different reports about one response or item, the
    largest numbers count.
    """
    responses: dict[str, tuple[int, int, int]] = {}
    starts: dict[str, int] = {}
    ends: dict[str, int] = {}
    for event in _kept(events, (kinds.SPEECH_STARTED, kinds.SPEECH_STOPPED, kinds.RESPONSE_DONE)):
        if event["type"] == kinds.RESPONSE_DONE:
            response = event["response"]
            held, new = responses.get(response["id"], (0, 0, 0)), _tokens(response.get("usage", {}))
            responses[response["id"]] = (max(held[0], new[0]), max(held[1], new[1]), max(held[2], new[2]))
        elif event["type"] == kinds.SPEECH_STARTED and (start := event.get("audio_start_ms")) is not None:
            starts[event["item_id"]] = min(start, starts.get(event["item_id"], start))
        elif event["type"] == kinds.SPEECH_STOPPED and (end := event.get("audio_end_ms")) is not None:
            ends[event["item_id"]] = max(end, ends.get(event["item_id"], end))
    heard_ms = sum(max(0, ends[name] - start) for name, start in starts.items() if name in ends)
    sums = [sum(counts) for counts in zip(*responses.values(), strict=True)] or [0, 0, 0]
    return {
        "input_audio_seconds": min(heard_ms / 1000, MAX_NUMBER),
        "output_audio_seconds": min(sums[2] * MS_PER_AUDIO_TOKEN / 1000, MAX_NUMBER),
        "input_tokens": min(sums[0], MAX_NUMBER),
        "output_tokens": min(sums[1], MAX_NUMBER),
    }


def _tokens(usage: Event) -> tuple[int, int, int]:
    """Input tokens, output tokens, and the audio tokens among the latter."""
    audio = usage.get("output_token_details", {}).get("audio_tokens", 0)
    return usage.get("input_tokens", 0), usage.get("output_tokens", 0), audio


def _kept(events: Events, only: Container[str | None]) -> Iterable[Event]:
    """The kept parts of the events of some kinds."""
    return (found for event in events if kind_of(event) in only and (found := kept(event)))


# ------------------------------------------------------------------------------------------- items


@dataclass(slots=True)
class _Item:
    """What the events say about an item of the conversation."""

    id: str
    role: Ranked = (-1, 0, "")
    parts: dict[int, Ranked] = field(default_factory=dict)
    previous: Ranked | None = None  # the value "" is the start of the conversation
    started_at_ms: int | None = None
    audio_end_ms: int | None = None
    is_speech: bool = False
    transcribed: bool = False
    failed: bool = False
    deleted: bool = False
    interrupted: bool = False

    @property
    def role_name(self) -> str:
        """``user``, ``assistant``, another role, or the type of an item that is no message."""
        return self.role[2]

    @property
    def is_turn(self) -> bool:
        """Whether the item has words, or is speech whose transcription failed or did not arrive."""
        if self.deleted or self.role_name not in ("user", "assistant"):
            return False
        unread = self.failed or (self.is_speech and not self.transcribed)
        return bool(self.parts) or (unread and self.role_name == "user")

    @property
    def text(self) -> str:
        """The texts of the parts in their order."""
        return " ".join(self.parts[index][2] for index in sorted(self.parts))

    def add_role(self, rank: int, role: str) -> None:
        if role and (role != self.role[2] or rank > self.role[0]):
            self.role = max(self.role, (rank, len(role), role))

    def add_text(self, index: int, rank: int, text: str) -> None:
        if text := text.strip():
            new = (rank, len(text), text)
            self.parts[index] = max(new, self.parts.get(index, new))

    def add_content(self, item: Event) -> None:
        """Adds the item itself, whose texts are earlier versions of those of the transcripts."""
        self.add_role(1, item.get("role", "") if item.get("type") == "message" else item.get("type", ""))
        for index, part in enumerate(item.get("content", ())):
            self.is_speech = self.is_speech or part.get("type") == "input_audio"
            self.add_text(index, 0, part.get("transcript") or part.get("text") or "")

    def add(self, event: Event) -> None:
        """Adds an event about the item. Of several starts the earliest counts, of several ends the latest."""
        kind = event["type"]
        if (previous := event.get("previous_item_id")) is not None:
            new = (int(bool(previous)), len(previous), previous)
            self.previous = max(new, self.previous or new)
        if "item" in event:
            self.add_content(event["item"])
        elif kind in TRANSCRIPTS:
            role, name = TRANSCRIPTS[kind]
            self.add_role(0, role)
            self.add_text(event.get("content_index", 0), 1, event.get(name, ""))
            self.transcribed = self.transcribed or name in event
        elif kind in LEARNERS:
            self.add_role(0, "user")
            self.is_speech = self.is_speech or kind == kinds.COMMITTED
            self.failed = self.failed or kind == kinds.NOT_TRANSCRIBED
            if (start := event.get("audio_start_ms")) is not None:
                self.started_at_ms = min(start, start if self.started_at_ms is None else self.started_at_ms)
        elif kind == kinds.TRUNCATED:
            self.interrupted = True
            if (end := event.get("audio_end_ms")) is not None:
                self.audio_end_ms = max(end, self.audio_end_ms or 0)
        elif kind == kinds.DELETED:
            self.deleted = True


def _turn(item: _Item) -> dict[str, Any]:
    turn = {
        "role": item.role_name,
        "text": item.text,
        "item_id": item.id,
        "started_at_ms": item.started_at_ms,
        "interrupted": item.interrupted,
    }
    return turn if item.audio_end_ms is None else {**turn, "audio_end_ms": item.audio_end_ms}


def _items(events: Events) -> dict[str, _Item]:
    """The conversation's items by id, without those of responses outside the conversation."""
    events = list(events)
    responses = list(_kept(events, RESPONSES))
    outside = {each["response"]["id"] for each in responses if "conversation_id" in each.get("response", ())}
    items: dict[str, _Item] = {}
    made_by: defaultdict[str, set[str]] = defaultdict(set)  # the ids of each response's items
    for event in map(kept, events):
        if event is None or (item_id := _item_id(event)) is None:
            continue
        if (response_id := event.get("response_id")) is not None:
            if response_id in outside:
                continue
            made_by[response_id].add(item_id)
        if (item := items.get(item_id)) is None:
            item = items[item_id] = _Item(item_id)
        item.add(event)
    for item_id in _interrupted(responses, made_by):
        if item_id in items and items[item_id].role_name == "assistant":
            items[item_id].interrupted = True
    return items


def _item_id(event: Event) -> str | None:
    item = event.get("item")
    item_id: str | None = event.get("item_id") if item is None else item["id"]
    return item_id


def _interrupted(responses: list[Event], made_by: Mapping[str, set[str]]) -> set[str]:
    """The ids of the items of interrupted responses: cancelled by speech, or with their audio cleared."""
    found: set[str] = set()
    for event in responses:
        if event["type"] == kinds.OUTPUT_CLEARED:
            found.update(made_by.get(event["response_id"], ()))
        elif event["type"] == kinds.RESPONSE_DONE and "status_details" in event["response"]:
            found.update(made_by.get(event["response"]["id"], ()))
            found.update(item["id"] for item in event["response"]["output"])
    return found


def _in_order(items: dict[str, _Item]) -> list[_Item]:
    """Each item after its predecessor. Items with an unknown predecessor are last, ordered by id."""
    ids = sorted(items)
    followers: dict[str, list[str]] = {item_id: [] for item_id in ids}
    first: list[str] = []
    loose: list[str] = []
    for item_id in ids:
        previous = items[item_id].previous
        before = None if previous is None else previous[2]
        if before is not None and before in followers:
            followers[before].append(item_id)
        else:
            (first if before == "" else loose).append(item_id)
    order: dict[str, _Item] = {}
    for start in (*first, *loose, *ids):  # ids: items in a cycle have no other start
        waiting = [start]
        while waiting:
            item_id = waiting.pop()
            if item_id not in order:
                order[item_id] = items[item_id]
                waiting.extend(reversed(followers[item_id]))
    return list(order.values())
