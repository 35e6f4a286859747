"""The items of one Realtime session, in order."""

from typing import Any

from standins.openai import tutor
from standins.openai.calls import new_id
from standins.openai.events import Wrong

Item = dict[str, Any]
ROOT = "root"  # before the first item


class Conversation:
    """What was said."""

    def __init__(self) -> None:
        self.id = new_id("conv")
        self._items: list[Item] = []

    @property
    def last_id(self) -> str | None:
        """The id of the newest item."""
        return self._items[-1]["id"] if self._items else None

    def add(self, item: Item, after: str | None = None) -> str | None:
        """Puts ``item`` behind the item ``after``, or at the end; the id of the one before it."""
        if any(each["id"] == item["id"] for each in self._items):
            raise Wrong("invalid_value", f"An item with the id '{item['id']}' exists already.", "item.id")
        place = len(self._items)
        if after is not None:
            place = 0 if after == ROOT else 1 + self._place(after, "create", "previous_item_id")
        self._items.insert(place, item)
        return self._items[place - 1]["id"] if place else None

    def item(self, item_id: str, purpose: str) -> Item:
        """The item of that id; raises the error of ``purpose``, the last word of the client's event."""
        return self._items[self._place(item_id, purpose)]

    def delete(self, item_id: str) -> None:
        """Forgets an item."""
        del self._items[self._place(item_id, "delete")]

    def truncate(self, item_id: str, content_index: int) -> None:
        """Forgets the transcript of what the tutor said, since the learner has not heard it to the end."""
        content = self.item(item_id, "truncate")["content"]
        part = content[content_index] if content_index in range(len(content)) else {}
        if part.get("type") != "output_audio":
            raise Wrong("invalid_value", "Only audio of the assistant's can be truncated.", "content_index")
        part["transcript"] = ""

    def answer(self) -> str:
        """What the tutor says now."""
        turns = [item for item in self._items if item.get("role") == "user"]
        if not turns:
            return tutor.HELLO
        parts = turns[-1]["content"]
        said = " ".join(part["text"] for part in parts if part.get("text"))
        spoke = any(part.get("type") == "input_audio" for part in parts)
        return tutor.NOT_UNDERSTOOD if spoke and not said else tutor.answer(said)

    def _place(self, item_id: str, purpose: str, param: str = "item_id") -> int:
        for place, item in enumerate(self._items):
            if item["id"] == item_id:
                return place
        raise Wrong(f"item_{purpose}_invalid_item_id", f"No item has the id '{item_id[:100]}'.", param)


def new_item(**fields: Any) -> Item:
    """An item as the server shows it: named, and without the audio, which it does not keep."""
    item: Item = {"id": new_id("item"), "object": "realtime.item", "status": "completed"}
    item |= {name: value for name, value in fields.items() if value is not None}
    if "content" in item:
        item["content"] = [
            {name: value for name, value in part.items() if name != "audio"} for part in fields["content"]
        ]
    return item
