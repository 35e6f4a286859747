"""A request of the collection, as data."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple


class Fact(NamedTuple):
    """What a test asserts of the answer. ``value`` is a JavaScript expression of ``answer``, the body.

    Texts in ``expected`` may contain variables, such as ``{{gig_id}}``.
    """

    sentence: str
    value: str
    expected: Any = True


class Unless(NamedTuple):
    """An error that a server without a certain part returns. The request then counts as skipped."""

    status: int
    code: str
    sentence: str


@dataclass(frozen=True)
class Step:
    """A request and its tests. Values of ``path``, ``query`` and bodies may contain variables.

    The body is that of the operation's example with ``changes``, or ``body``.

    ``status``, ``operation`` and ``code`` (of an error) are asserted, and so is ``fact``.
    """

    operation: str
    fact: Fact | None = None
    status: int = 200
    code: str = ""
    name: str = ""  # by default the summary of the operation
    by: str = "learner"  # whose token is sent: the variable without "_token"; "" for none
    body: Any = None
    changes: Mapping[str, Any] = field(default_factory=dict)
    path: Mapping[str, str] = field(default_factory=dict)
    query: Mapping[str, str] = field(default_factory=dict)
    keeps: Mapping[str, str] = field(default_factory=dict)  # variables and their JavaScript expressions
    new_ids: tuple[str, ...] = ()  # variables that get a new UUID before the request
    is_start: bool = False  # gives the variable ``run`` a new value
    needs: str = ""  # a variable without which the request is skipped, see REASONS
    unless: Unless | None = None
    also: int = 0  # another status that is right
    folder: str = ""  # by default the tag of the operation


REASONS = {
    "new_accounts": "this environment uses accounts that exist",
    "voice_session_id": "no voice session has begun",
    "voice_conversation_id": "no voice session has saved a conversation",
}


def known(operation: str, sentence: str, value: str, expected: Any = True, **fields: Any) -> Step:
    """A step that succeeds, with its fact."""
    return Step(operation, Fact(sentence, value, expected), **fields)


def refused(operation: str, status: int, code: str, name: str, **fields: Any) -> Step:
    """A step that is answered with an error."""
    return Step(operation, None, status, code, name, **fields)


def done(operation: str, name: str = "", **fields: Any) -> Step:
    """A step without content in its answer: usually 204."""
    fact = Fact("The answer has no body", "pm.response.text()", "")
    return Step(operation, fact, **{"status": 204, "name": name, **fields})
