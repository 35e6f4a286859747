"""Data classes of the demo data."""

from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Mistake:
    """A correction. ``quote`` is a part of one of the learner's turns."""

    quote: str
    corrected: str
    explanation: str


@dataclass(frozen=True)
class Practice:
    """One voice conversation. ``turns`` are pairs of role and text. With ``mistakes``, it has AI feedback."""

    days_ago: int  # age at the time of the insertion
    topic: str
    target_language: str
    conversation_type: str
    duration_minutes: int
    turns: tuple[tuple[str, str], ...]
    ai_feedback: dict[str, Any] = field(default_factory=dict)
    mistakes: tuple[Mistake, ...] = ()


@dataclass(frozen=True)
class Offer:
    """One gig. ``price`` is in the teacher's currency, for one session of ``minutes``."""

    title: str
    language: str
    price: str
    minutes: int
    tags: tuple[str, ...]
    description: str


@dataclass(frozen=True)
class DemoUser:
    """One account. ``about`` completes "Ana is ..." in the list of demo accounts."""

    email: str
    name: str
    about: str
    profile: dict[str, Any]
    practices: tuple[Practice, ...] = ()
    teaching: dict[str, Any] = field(default_factory=dict)
    gigs: tuple[Offer, ...] = ()
