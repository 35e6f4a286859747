"""The running stand-in, and people with tokens: shared by all tests."""

from __future__ import annotations

import os
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import hypothesis
import psycopg2
import pytest
from django.conf import settings
from django.core.cache import cache
from django.db import connection
from rest_framework.test import APIClient

from accounts.integrations import supabase_client
from accounts.models import User
from accounts.services import teachers
from linguaflex.local.supabase import sessions, users
from linguaflex.local.supabase.config import Config
from linguaflex.local.supabase.keys import Keys
from linguaflex.local.supabase.server import StandIn
from tests.supabase_fixtures import EMPTY

pytest_plugins = ["tests.log_fixtures", "tests.openai_fixtures", "tests.worker_fixtures"]

# The plain suite tries some generated examples, .ci/run many: --hypothesis-profile=thorough.
hypothesis.settings.register_profile("plain", max_examples=50)
hypothesis.settings.register_profile("thorough", max_examples=1_000)
hypothesis.settings.load_profile("plain")

VOICE = "/accounts/voice-conversations/"
GIGS = "/accounts/gigs/"
CHATS = "/accounts/supabase/chats/"


@dataclass(frozen=True)
class Supabase:
    """The stand-in that serves while the tests run."""

    url: str
    keys: Keys
    connect: Callable[[], Any]
    app: Any


def connect() -> Any:
    """A connection of its own to the test database: it sees committed rows only."""
    parameters = connection.get_connection_params()
    parameters.pop("cursor_factory", None)
    parameters.pop("context", None)
    return psycopg2.connect(**parameters)


@pytest.fixture(scope="session")
def supabase(django_db_setup: None) -> Iterator[Supabase]:
    """The stand-in over the test database; stopped before that is dropped."""
    config = Config(
        url=settings.SUPABASE_URL,
        site_url="http://127.0.0.1:3000",
        load_keys=lambda: settings.SUPABASE_KEYS,
        connect=connect,
        storage_dir=settings.LINGUAFLEX_DATA_DIR / "storage",
        print_mails=False,
        max_idle=4,
    )
    stand_in = StandIn(config)
    stand_in.start(settings.SUPABASE_SOCKET)
    yield Supabase(settings.SUPABASE_URL, settings.SUPABASE_KEYS, connect, stand_in.app)
    supabase_client.http(os.getpid()).close()
    stand_in.stop()


@pytest.fixture(autouse=True)
def fresh_throttles() -> None:
    """No test inherits another's counts."""
    cache.clear()


@pytest.fixture
def clean_auth(transactional_db: None) -> Iterator[None]:
    """Empties what Django's flush does not touch."""
    yield
    with connection.cursor() as cursor:
        # The lock waits for requests still under way: their rows go too.
        cursor.execute(f"lock auth.users, auth.flow_state, realtime.messages, storage.buckets; {EMPTY}")


@dataclass
class Person:
    """Somebody with an account, a row and a signed-in client."""

    user: User
    session_id: uuid.UUID
    token: str
    client: APIClient

    def save_conversation(self, **changes: Any) -> dict[str, Any]:
        """Saves a conversation over the API and returns it."""
        response = self.client.post(VOICE, {**CONVERSATION, **changes})
        assert response.status_code == 201, response.content
        return response.json()

    def open_chat(self, other: Person) -> dict[str, Any]:
        """Opens the chat with somebody and returns it."""
        response = self.client.post(CHATS, {"participant": str(other.user.pk)})
        assert response.status_code in (200, 201), response.content
        return response.json()

    def write(self, chat: dict[str, Any], content: str = "Hola", **more: Any) -> dict[str, Any]:
        """Writes into a chat and returns the message."""
        response = self.client.post(f"{CHATS}{chat['id']}/messages/", {"content": content, **more})
        assert response.status_code == 201, response.content
        return response.json()

    def offer(self, **changes: Any) -> dict[str, Any]:
        """Makes a gig over the API and returns it."""
        response = self.client.post(GIGS, {**GIG, **changes})
        assert response.status_code == 201, response.content
        return response.json()


CONVERSATION: dict[str, Any] = {
    "topic": "At the restaurant",
    "transcription": "User: Una mesa para dos, por favor.\nAI: Claro, síganme.",
    "native_language": "English",
    "target_language": "Spanish",
    "conversation_type": "practice",
    "duration_minutes": 12,
    "ai_feedback": {"grammar_score": 80, "areas_for_improvement": ["subjunctive"]},
}


GIG: dict[str, Any] = {
    "title": "Spanish conversation for beginners",
    "description": "We talk about your day.",
    "language": "Spanish",
    "price_per_session": "15.00",
    "currency": "EUR",
    "session_minutes": 45,
    "tags": ["Beginner", "Conversación"],
    "what_is_included": "A summary after each session.",
}


@pytest.fixture
def make_person(db: None, supabase: Supabase) -> Callable[..., Person]:
    """Makes people within the test's own transaction."""

    def make(name: str = "Ana", *, signed_in_at: datetime | None = None, **profile: Any) -> Person:
        at = signed_in_at or datetime.now(UTC) - timedelta(seconds=5)
        email = f"{name.lower()}.{uuid.uuid4().hex[:8]}@example.com"
        with connection.cursor() as cursor:
            account = users.create_user(cursor, email=email, user_metadata={"name": name})
            session = sessions.create_session(cursor, account.id, at=at)
        issuer = settings.SUPABASE_JWT_ISSUER
        token = sessions.access_token(supabase.keys, issuer, account, session, at=at, lifetime=24 * 3600)
        user = User.objects.create(pk=account.id, email=email, name=name, **profile)
        return Person(user, session.id, token, client_of(token))

    return make


def client_of(token: str | None = None) -> APIClient:
    """A client that sends JSON, with a bearer token or without."""
    client = APIClient(raise_request_exception=False)
    if token is not None:
        client.credentials(HTTP_AUTHORIZATION=f"Bearer {token}")
    return client


@pytest.fixture
def student(make_person: Callable[..., Person]) -> Person:
    """A learner."""
    return make_person("Ana")


@pytest.fixture
def stranger(make_person: Callable[..., Person]) -> Person:
    """Another learner."""
    return make_person("Zoe")


@pytest.fixture
def teacher(make_teacher: Callable[..., Person]) -> Person:
    """A teacher."""
    return make_teacher("Tomás")


@pytest.fixture
def make_teacher(make_person: Callable[..., Person]) -> Callable[..., Person]:
    """Makes teachers."""

    def make(name: str, **profile: Any) -> Person:
        person = make_person(name, **profile)
        teachers.make_teacher(user=person.user)
        return person

    return make


@pytest.fixture
def staff(make_person: Callable[..., Person]) -> Person:
    """A member of staff."""
    return make_person("Sam", is_staff=True)


@pytest.fixture
def anyone(supabase: Supabase) -> APIClient:
    """Somebody without a token."""
    return client_of()
