"""VOICE_CONVERSATION_API_DOCS.md: its examples are executed, and its statuses are tested.

Each example runs unchanged, except for the address of the server, on a new database with the demo users,
so that ids are those on the page. Values that differ between runs are compared by their form.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest
import requests
from django.test import override_settings
from rest_framework.throttling import ScopedRateThrottle

from accounts.models import VoiceConversation, VoiceSession
from accounts.serializers.voice_conversations import VoiceConversationSerializer
from linguaflex.local import demo
from tests.fixtures.documentation import PIECE, SERVER, VOICE_PAGE, Example, examples
from tests.fixtures.documented_answers import (
    INSTANT,
    UUID,
    Outcome,
    assert_as_shown,
    requests_of,
    run_fetch,
)
from tests.fixtures.learning import refused_shares
from tests.fixtures.people import CONVERSATION, VOICE, Person
from tests.fixtures.programs import PATIENCE, need, need_supabase_js, run, run_node

pytestmark = [
    pytest.mark.django_db(transaction=True, reset_sequences=True),
    pytest.mark.usefixtures("simulator"),
]

DAY = r"\d{4}-\d\d-\d\d"
SCORED = "'average_scores': {{'grammar_score': {}, 'pronunciation_score': None}}"
PRACTISED = rf"{{'period': '{DAY}', 'conversations': 1, 'minutes': 21, {SCORED.format('69.0')}}}"
QUIET = rf"{{'period': '{DAY}', 'conversations': 0, 'minutes': 0, {SCORED.format('None')}}}"
# Values that differ between runs. A streak and a series depend on the time of day near a clock change.
FORMS = {
    **dict.fromkeys(("user", "id"), UUID),
    **dict.fromkeys(("created_at", "updated_at", "ends_at"), INSTANT),
    **dict.fromkeys(("first_conversation_at", "last_conversation_at"), INSTANT),
    **dict.fromkeys(("current_streak_days", "longest_streak_days"), re.compile(r"\d+")),
    "series": re.compile(rf"\[{PRACTISED}(, {QUIET})*\]"),
}


def run_curl(found: list[Example], folder: Path) -> list[Outcome]:
    """Runs all curl blocks in one bash, as later blocks use the variables of earlier ones."""
    # The real curl, which also writes the headers to a file.
    script = [f"set -eu; cd {folder}; export LC_ALL=C.UTF-8"]
    script.append('curl() { command curl --silent --show-error --dump-header "$HEAD" "$@"; }')
    for number, example in enumerate(found):
        script.append(f"HEAD={number}.head; exec >{number}.body\n{example.curl}")
    run("bash", "\n".join(script))
    outcomes = []
    for number, example in enumerate(found):
        if example.status:
            head = (folder / f"{number}.head").read_text(encoding="latin-1")
            body = (folder / f"{number}.body").read_text(encoding="utf-8")
            lines = re.findall(r"^([\w-]+): (.*?)\r?$", head, re.MULTILINE)
            headers = {name.lower(): value for name, value in lines}
            outcomes.append(Outcome(int(head.split()[1]), headers, body))
    return outcomes


def page_for(url: str) -> str:
    """The page with another server's address."""
    return VOICE_PAGE.replace(SERVER, url)


def test_every_example_is_complete() -> None:
    found = requests_of(examples())
    titles = {example.title for example in found}
    sections = {title for title, *_ in endpoints()}
    assert sections <= titles
    for example in found:
        assert example.curl.startswith("curl "), example.title
        assert "await fetch(" in example.fetch, example.title
        assert bool(example.answer) == (example.status != 204), example.title
    assert VOICE_PAGE.count("```json") == sum(bool(example.answer) for example in found)


def test_curl_examples_answer_as_shown(demo_url: str, tmp_path: Path) -> None:
    need("curl")
    found = examples(page_for(demo_url))
    for example, outcome in zip(requests_of(found), run_curl(found, tmp_path), strict=True):
        assert_as_shown(example, outcome, FORMS)


@pytest.mark.slow
def test_fetch_examples_answer_as_shown(demo_url: str) -> None:
    need("node")
    found = examples(page_for(demo_url))
    for example, outcome in zip(requests_of(found), run_fetch(found), strict=True):
        assert_as_shown(example, outcome, FORMS)


def test_the_supabase_js_example_gets_a_valid_token(demo_url: str) -> None:
    need_supabase_js()
    blocks = [block for language, block, *_ in PIECE.findall(page_for(demo_url)) if language == "js"]
    (block,) = [block for block in blocks if "supabase-js" in block]
    # supabase-js requires a WebSocket class, which Node has from version 22 on. Nothing connects here.
    before = "globalThis.WebSocket ??= class {};"
    after = "console.log(TOKEN); process.exit(0);"  # its refresh timer would keep Node running
    token = run_node(f"{before}\n{block}\n{after}").strip()
    headers = {"Authorization": f"Bearer {token}"}
    rows = requests.get(f"{demo_url}{VOICE}", headers=headers, timeout=PATIENCE).json()
    assert {row["user_email"] for row in rows} == {"ana@example.com"}


# ----------------------------------------------------------------------------------- statuses

Refusal = tuple[int, str]


def endpoints() -> list[tuple[str, str, str, set[Refusal]]]:
    """Title, method, path and documented refusals of each endpoint."""
    found = []
    for section in VOICE_PAGE.split("\n## ")[1:]:
        if call := re.search(r"^`([A-Z]+) (/\S+)`", section, re.MULTILINE):
            (line,) = re.findall(r"^Statuses: (.+)\.$", section, re.MULTILINE)
            refusals = {
                (int(part.split()[0]), code)
                for part in line.split(";")[1:]
                for code in re.findall(r"`(\w+)`", part)
            }
            found.append((section.partition("\n")[0], call[1], call[2], refusals))
    return found


def tries(good: str, expired: str, exhausted: str) -> Iterator[dict[str, Any]]:
    """Requests that an endpoint may refuse. ``exhausted``: a user who has reached the limits."""
    client_id = "0b0f6f5e-5a0c-4b7e-9d53-0d6c8f1f0a11"
    body = {"topic": "a", "transcription": "b", "native_language": "c", "target_language": "d"}
    bearer = {"Authorization": f"Bearer {good}"}
    typed = bearer | {"Content-Type": "application/json"}
    yield {"headers": {}}
    yield {"headers": {"Authorization": "Bearer a.b.c"}}
    yield {"headers": {"Authorization": f"Bearer {expired}"}}
    yield {"headers": typed, "data": b"{"}
    yield {"headers": typed, "data": b" " * 2_500_001}
    yield {"headers": bearer | {"Content-Type": "text/csv"}, "data": b"a,b"}
    yield {"headers": bearer, "json": {}}
    yield {"headers": {"Authorization": f"Bearer {exhausted}"}, "json": body}
    yield {"headers": bearer, "json": {"topic": ""}}
    yield {"headers": bearer, "json": body | {"client_id": client_id}}
    yield {"headers": bearer, "json": body | {"client_id": client_id, "topic": "other"}}
    yield {"headers": bearer, "params": {"limit": "0", "since": "x", "cards": "x"}}


def observed(url: str, method: str, path: str, *tokens: str) -> set[Refusal]:
    """The refusals with which an endpoint answers the tries, an unknown id and an unknown type."""
    known = {"{id}": "1", "{language}": "Spanish", "{type}": "practice"}
    unknown = {"{id}": "0", "{language}": "nobody speaks this", "{type}": "chat"}
    bearer = {"Authorization": f"Bearer {tokens[0]}"}
    body = {"topic": "a", "transcription": "b", "native_language": "c", "target_language": "d"}
    body["teacher"] = "3f6b5a0e-2a8c-4c49-9f43-8a3f0a1b6d27"
    calls = [(filled(path, known), options) for options in tries(*tokens)]
    calls.append(
        (filled(path, unknown), {"headers": bearer, "json": body | {"ai_feedback": {}}}),
    )
    answers = [requests.request(method, url + where, timeout=30, **o) for where, o in calls]
    if method in ("POST", "PUT", "PATCH"):
        longer = body | {"transcription": "b" * 100_000, "ai_feedback": {"note": "x" * 30_000}}
        with override_settings(STORAGE_BYTES_PER_USER=1):
            answers.append(
                requests.request(method, url + filled(path, known), headers=bearer, json=longer, timeout=30)
            )
    if path.endswith("/generate_feedback/"):
        answers += without_feedback(url, bearer)
    if path.endswith("/shares/"):
        answers += refused_shares(url + filled(path, known), bearer)
    if path.endswith(("/generate_feedback/", "/session/")):
        with patch.dict(ScopedRateThrottle.THROTTLE_RATES, feedback="1/hour", voice="1/hour"):
            answers.append(requests.request(method, url + filled(path, known), headers=bearer, timeout=30))
    return {(a.status_code, a.json()["code"]) for a in answers if a.status_code >= 400}


def without_feedback(url: str, bearer: dict[str, str]) -> Iterator[requests.Response]:
    """The answers if feedback is impossible: no speech, unknown speakers, no key."""
    spoken, silent, unclear = (
        requests.post(f"{url}{VOICE}", headers=bearer, json={**CONVERSATION, "transcription": text}).json()
        for text in ("Hola.", "AI: Hola.", "A: Hola.\nB: Hola.")
    )
    for saved in (silent, unclear):
        yield requests.post(f"{url}{VOICE}{saved['id']}/generate_feedback/", headers=bearer)
    with override_settings(OPENAI_API_KEY=""):
        yield requests.post(f"{url}{VOICE}{spoken['id']}/generate_feedback/", headers=bearer)


def filled(path: str, values: dict[str, str]) -> str:
    """The path with values instead of its placeholders."""
    for name, value in values.items():
        path = path.replace(name, value)
    return path


@pytest.mark.slow
def test_every_endpoint_refuses_as_documented(
    demo_url: str, make_person: Callable[..., Person], student: Person, settings: Any
) -> None:
    """Every documented refusal happens, and every refusal is documented."""
    account = {"email": "ana@example.com", "password": demo.PASSWORD}
    login = requests.post(f"{demo_url}/accounts/login/", json=account, timeout=30).json()
    expired = make_person(signed_in_at=datetime.now(UTC) - timedelta(days=3)).token
    tokens = (login["access_token"], expired, student.token)
    minutes = settings.VOICE_MINUTES_PER_DAY
    VoiceSession.objects.create(user=student.user, created_at=datetime.now(UTC), charged_minutes=minutes)
    settings.VOICE_SESSIONS_PER_HOUR = 1
    found = endpoints()
    assert len(found) == 15
    for title, method, path, documented in found:
        assert observed(demo_url, method, path, *tokens) == documented, title


def test_every_status_is_explained() -> None:
    explained = set()
    for status, codes in re.findall(r"^\| (\d{3}) \| ([^|]+) \|", VOICE_PAGE, re.MULTILINE):
        explained |= {(int(status), code) for code in re.findall(r"`(\w+)`", codes)}
    assert set.union(*(refusals for *_, refusals in endpoints())) <= explained


# ------------------------------------------------------------------------------------- tables


def rows_of(heading: str) -> list[list[str]]:
    """The cells of every table row between a heading and the next."""
    section = re.split(r"^#+ ", VOICE_PAGE.partition(f"# {heading}\n")[2], flags=re.MULTILINE)[0]
    lines = [line for line in section.splitlines() if re.match(r"\| `", line)]
    return [[cell.strip() for cell in line.strip("|").split(" | ")] for line in lines]


def test_the_tables_name_every_field_and_type() -> None:
    fields = {name for row in rows_of("Fields") for name in re.findall(r"`(\w+)`", row[0])}
    assert fields == set(VoiceConversationSerializer.Meta.fields)
    types = [(row[0].strip("`"), row[1]) for row in rows_of("Types")[1:]]
    assert types == VoiceConversation.Type.choices


def test_the_examples_of_the_fields_are_accepted(demo_url: str, student: Person) -> None:
    rows = [row for row in rows_of("Fields") if len(row) == 5]
    required = {row[0].strip("`") for row in rows if row[2] == "yes"}
    body = {row[0].strip("`"): json.loads(row[4].strip("`")) for row in rows}
    assert student.client.post(VOICE, body).status_code == 201
    refusal = student.client.post(VOICE, {}).json()
    assert refusal["errors"].keys() == required
