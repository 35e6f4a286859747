"""What the doctor can find: each kind of fault with its level and its next step; and the form of a check.

Imports neither Django nor settings, because it also reports that the settings cannot be loaded.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any


class Level(StrEnum):
    OK = "ok"
    WARNING = "warning"
    ERROR = "error"


EXIT_STATUS = {Level.OK: 0, Level.WARNING: 1, Level.ERROR: 2}


@dataclass(frozen=True)
class Kind:
    """A kind of fault. ``fault`` is a format string; ``step`` says what to do."""

    id: str
    level: Level
    fault: str
    step: str

    def found(self, **details: Any) -> "Finding":
        """A fault of this kind. ``details`` fill the placeholders of ``fault``."""
        return Finding(self, details)


@dataclass(frozen=True)
class Finding:
    kind: Kind
    details: dict[str, Any] = field(default_factory=dict)

    @property
    def fault(self) -> str:
        return self.kind.fault.format(**self.details)

    @property
    def text(self) -> str:
        """The fault and the next step."""
        return f"{self.fault} {self.kind.step}"


@dataclass(frozen=True)
class Check:
    """A check, with the name that the report shows.

    If ``is_gate`` is true and the check finds an error, the later checks of its topic are not run.
    """

    name: str
    run: Callable[[], Iterable[Finding]]
    is_gate: bool = False


KINDS: dict[str, Kind] = {}


def error(id: str, fault: str, step: str) -> Kind:
    """Registers a fault with which LinguaFlex, or a part of it, does not work or is not safe."""
    return _registered(Kind(id, Level.ERROR, fault, step))


def warning(id: str, fault: str, step: str) -> Kind:
    """Registers a fault that may be intended, or that becomes an error later."""
    return _registered(Kind(id, Level.WARNING, fault, step))


def _registered(kind: Kind) -> Kind:
    assert kind.id not in KINDS, kind.id
    KINDS[kind.id] = kind
    return kind


SETTINGS_REFUSED = error(
    "settings_refused",
    "The settings cannot be loaded: {reason}",
    "Correct this variable, and run the doctor again: it examined nothing else.",
)
NOT_RUN = warning(
    "not_run",
    "This check was not completed: {reason}.",
    "Correct the other findings first, and run the doctor again.",
)
