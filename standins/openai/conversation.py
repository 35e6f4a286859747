"""The items of a Realtime session."""

from typing import Any

from standins.openai import tutor
from standins.openai.calls import new_id
from standins.openai.events import EventError

Item = dict[str, Any]


class Conversation:
    """The items in order, the oldest first."""

    def __init__(self) -> None:
        self.id = new_id("conv")
        self._items: list[Item] = []
        self._heard: dict[str, str] = {}  # id of a spoken item -> its words

    def add(self, item: Item, heard: str = "") -> str | None:
        """Appends the item; returns the id of the item before it. Raises EventError if its id is in use.

        ``heard`` are the words of a spoken item, which does not contain them.
        """
        if any(each["id"] == item["id"] for each in self._items):
            raise EventError(
                "invalid_value", f"An item with the id '{item['id']}' exists already.", "item.id"
            )
        self._items.append(item)
        self._heard[item["id"]] = heard
        return self._items[-2]["id"] if len(self._items) > 1 else None

    def answer(self) -> str:
        """The tutor's answer to the learner's last turn; a greeting if there is no turn."""
        turns = [item for item in self._items if item.get("role") == "user"]
        if not turns:
            return tutor.answer("")
        return tutor.answer(self._heard[turns[-1]["id"]] or text_of(turns[-1]))


def text_of(item: Item) -> str:
    """The text that a learner has typed."""
    return " ".join(part["text"] for part in item.get("content", []) if part.get("text"))


def new_item(**fields: Any) -> Item:
    """An item with a new id and the status "completed". ``fields`` replace these; None is omitted."""
    item = {"id": new_id("item"), "object": "realtime.item", "status": "completed"}
    return item | {name: value for name, value in fields.items() if value is not None}
