"""No key, transcript or token stands in any log line of any test."""

import logging
import re
from collections.abc import Iterator
from typing import Any

import pytest
from django.conf import settings
from django.db.models.signals import post_save

from accounts import transcripts
from accounts.models import VoiceConversation
from linguaflex import logs

# JSON Web Tokens, and keys by their prefixes.
SECRETS = re.compile(r"eyJ[\w-]{10,}\.[\w-]{10,}|\bek_\w{16,}|\bsb_secret_\w{8,}|\bsk-[\w-]{8,}")
SHORTEST = 12  # characters of a text that no log line holds by chance


class Listener(logging.Handler):
    """Every log line since the last look, formatted as production formats it."""

    def __init__(self) -> None:
        super().__init__(logging.INFO)  # what a test's own client says while it is debugged is no log
        line = settings.LOGGING["formatters"]["line"]
        self.setFormatter(logs.Formatter(line["format"], style=line["style"]))
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(self.format(record))


LISTENER = Listener()
SAID: set[str] = set()


def hear(instance: VoiceConversation, **kwargs: Any) -> None:
    """Remembers what was said in a saved conversation."""
    texts = transcripts.spoken_texts(instance.transcription)
    SAID.update(part.strip() for text in texts for part in text.splitlines() if len(part) >= SHORTEST)


@pytest.fixture(scope="session", autouse=True)
def listening_to_logs() -> Iterator[None]:
    """Hears all logs and all transcripts of the run."""
    logging.getLogger().addHandler(LISTENER)
    post_save.connect(hear, sender=VoiceConversation)
    yield
    post_save.disconnect(hear, sender=VoiceConversation)
    logging.getLogger().removeHandler(LISTENER)


@pytest.fixture(autouse=True)
def silent_logs(listening_to_logs: None) -> Iterator[None]:
    """Fails the test that lets something private into a log line."""
    LISTENER.lines.clear()
    SAID.clear()
    yield
    assert betrayed("\n".join(LISTENER.lines)) == []


def betrayed(lines: str) -> list[str]:
    """What of keys, tokens and transcripts stands in log lines."""
    keys = {settings.SECRET_KEY, settings.SUPABASE_SECRET_KEY, settings.OPENAI_API_KEY} - {""}
    found = [text for text in keys | SAID if text in lines]
    return [*found, *SECRETS.findall(lines)]
