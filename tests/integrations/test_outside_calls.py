"""Each failed call of another server has its documented outcome within its time limit, and writes nothing."""

import json
import time
from collections.abc import Iterator
from functools import partial
from typing import Any

import pytest
from django.contrib.admin.models import LogEntry

from accounts.models import Revocation, User, VoiceConversation, VoiceSession
from tests.fixtures.accounts import BASE
from tests.fixtures.faulty_servers import faulty_server, serving, whole
from tests.fixtures.outages import outage, to_any
from tests.fixtures.outside_calls import (
    ALL_FAULTS,
    AUTH,
    CALLS,
    DONE,
    MARGIN,
    ME,
    SECONDS,
    People,
    change_email,
    shorten_limits,
    status,
)
from tests.fixtures.people import Person, client_of

pytestmark = [
    pytest.mark.slow,
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("clean_auth", "calls"),
]

BODIES = [
    b"",
    b"<html>",
    b"null",
    b"[]",
    b"7",
    b"\xff",
    b"[" * 100_000,
    b'{"id": 7}',
    b'{"id": "x", "user": {"id": "x"}, "keys": {}, "value": [], "output": 7, "session": "x"}',
    b'{"access_token": "x", "refresh_token": "x", "token_type": "x", "expires_in": 1, "user": {}}',
    json.dumps(
        {
            "access_token": "x",
            "refresh_token": "x",
            "token_type": "bearer",
            "expires_in": 3600,
            "user": {
                "id": "x",
                "aud": "x",
                "app_metadata": {},
                "user_metadata": {},
                "created_at": "2026-01-01",
            },
        }
    ).encode(),
]


@pytest.fixture(scope="module")
def table(request: pytest.FixtureRequest) -> Iterator[list[tuple[str, ...]]]:
    """Rows of texts, which are printed after the last test."""
    rows: list[tuple[str, ...]] = []
    yield rows
    capture = request.config.pluginmanager.getplugin("capturemanager")
    with capture.global_and_fixture_disabled():
        for row in rows:
            print("\n" + " | ".join(row), end="")
        print()


def stored() -> list[Any]:
    """All rows that a call might change."""
    models = (User, VoiceSession, VoiceConversation, Revocation, LogEntry)
    return [list(model.objects.order_by("pk").values()) for model in models]


@pytest.mark.parametrize("name", CALLS)
def test_failed_call_has_its_outcome_in_time_and_writes_nothing(
    name: str,
    student: Person,
    request: pytest.FixtureRequest,
    settings: Any,
    monkeypatch: pytest.MonkeyPatch,
    table: list[tuple[str, ...]],
) -> None:
    made = CALLS[name]
    people = People(student, request.getfixturevalue("boss") if made.act is change_email else None)
    student.client.get(ME)
    settings.VOICE_CLIENT_SECRETS = True
    shorten_limits(monkeypatch)
    before, outcomes, slowest = stored(), {}, 0.0
    for fault in ALL_FAULTS:
        with faulty_server(fault) as port, outage(to_any, port):
            settings.OPENAI_BASE_URL = f"http://127.0.0.1:{port}/v1"
            began = time.monotonic()
            outcomes[fault] = made.act(people)
            seconds = time.monotonic() - began
        slowest = max(slowest, seconds)
        assert seconds < made.limits * SECONDS + MARGIN, fault
        assert stored() == before or outcomes[fault] in DONE, fault
    unusual = ", ".join(f"{fault}: {seen}" for fault, seen in outcomes.items() if seen != made.usual)
    table.append((name, made.usual, unusual, f"{slowest:.2f} s"))
    assert outcomes == {fault: made.others.get(fault, made.usual) for fault in ALL_FAULTS}


@pytest.mark.parametrize("body", BODIES, ids=range(len(BODIES)))
def test_response_of_another_shape_is_an_outage_too(body: bytes, student: Person, settings: Any) -> None:
    settings.VOICE_CLIENT_SECRETS = True
    for name, made in CALLS.items():
        if made.act is change_email or name.startswith("doctor"):
            continue
        student.client.get(ME)
        with serving(partial(whole, 200, body)) as port, outage(to_any, port):
            settings.OPENAI_BASE_URL = f"http://127.0.0.1:{port}/v1"
            assert made.act(People(student, None)) in {made.usual, *DONE}, name


def test_login_at_a_dripping_supabase_is_a_503_after_eight_seconds(
    monkeypatch: pytest.MonkeyPatch, table: list[tuple[str, ...]]
) -> None:
    monkeypatch.setattr("tests.fixtures.faulty_servers.PATIENCE_SECONDS", 20)
    with faulty_server("dripping body") as port, outage(to_any, port):
        began = time.monotonic()
        response = client_of().post(f"{BASE}login/", {"email": "ana@example.com", "password": "x"})
        seconds = time.monotonic() - began
    table.append(("POST login/, the real limit", status(response), "", f"{seconds:.2f} s"))
    assert status(response) == AUTH
    assert 8 <= seconds < 8 + MARGIN
