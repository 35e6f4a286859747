"""VOICE_CONVERSATION_API_DOCS.md tells the truth: its examples run, its statuses happen.

Each example runs as it stands, but for the server's address, on a new database with the demo
people. Ids are those that the page shows; only what no two runs share is compared by its form.
"""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import requests
from django.db import connection

from linguaflex.local import demo
from tests.conftest import Person

ROOT = Path(__file__).resolve().parent.parent
PAGE = ROOT / "VOICE_CONVERSATION_API_DOCS.md"
SUPABASE_JS = ROOT / "tests" / "clients" / "supabase_js"
SERVER = "http://127.0.0.1:8000"  # as the page writes it
PATIENCE = 60  # seconds for all examples
INSTANT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{6})?Z")
UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
# What no two runs share. A streak depends on the hour when a clock is put back.
FORMS = {
    "user": UUID,
    **dict.fromkeys(("created_at", "updated_at"), INSTANT),
    **dict.fromkeys(("first_conversation_at", "last_conversation_at"), INSTANT),
    **dict.fromkeys(("current_streak_days", "longest_streak_days"), re.compile(r"\d+")),
}
PIECE = re.compile(
    r"^(?:```(?P<language>\w+)\n(?P<text>.*?)^```"
    r"|Answer `(?P<status>\d{3})`"
    r"|#+ (?P<title>.+))$"
    r"|^(?P<bodiless>Answer `\d{3}`, without a body\.)$",
    re.MULTILINE | re.DOTALL,
)


@dataclass
class Example:
    """One request in both languages, and the answer that the page shows."""

    title: str = ""
    blocks: dict[str, str] = field(default_factory=dict)
    status: int | None = None  # None: a step that only sets something
    answer: str | None = None
    header: str | None = None


@dataclass
class Outcome:
    """What an example got."""

    status: int
    body: str
    link: str


def examples(text: str) -> list[Example]:
    """The page's examples in their order; a fence out of place is an error of the page."""
    found, title, current = [], "", Example()
    for piece in re.finditer(
        r"^```(\w+)\n(.*?)^```$|^Answer `(\d{3})`(.*)$|^#+ (.+)$", text, re.MULTILINE | re.DOTALL
    ):
        del piece
    return found
