"""The guides in docs/: their examples are executed, and they name every route and every field."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.fixtures.documented_answers import assert_as_shown, requests_of, run_fetch
from tests.fixtures.guides import FORMS, GUIDES, README, REGISTRATION, Guide
from tests.fixtures.openapi_errors import Call, error_codes
from tests.fixtures.people import Person
from tests.fixtures.programs import need, need_supabase_js, run_node
from tests.fixtures.routes import all_routes

each_guide = pytest.mark.parametrize("guide", GUIDES, ids=lambda guide: guide.name)
# Codes of nearly every call, which the page of conventions explains.
COMMON = {
    *("not_authenticated", "invalid_token", "token_expired", "parse_error", "payload_too_large"),
    *("unsupported_media_type", "keys_unavailable", "database_unavailable"),
}
NOT_SENT = {"peer_message"}  # read for the ``participants`` of a chat
Error = tuple[str, str]  # a status and a code


def calls_of(found: list[Call]) -> set[Call]:
    """The calls, with {} for ``{id}`` of a table and ``${gig.id}`` or 1 of an example, without a query."""
    return {
        (method, re.sub(r"\$?\{[^}]*\}|(?<=/)\d+(?=/)", "{}", path).partition("?")[0])
        for method, path in found
    }


def errors_of(guide: Guide) -> dict[Call, set[Error]]:
    """The errors in the last column of each table of calls."""
    rows = re.findall(r"^\| `([A-Z]+) ([^` ]+)`.*\| ([^|]*) \|$", guide.text, re.MULTILINE)
    return {
        call: {
            (status, code)
            for status, codes in re.findall(r"([45]\d\d) ((?:`\w+`(?:, )?)+)", statuses)
            for code in re.findall(r"\w+", codes)
        }
        for method, path, statuses in rows
        for call in calls_of([(method, path)])
    }


def routes_of(guide: Guide) -> set[Call]:
    """The routes that the guide documents."""
    routes = {
        (route.method.upper(), re.sub(r"<[^>]*>", "{}", route.pattern).removeprefix("/accounts/"))
        for route in all_routes()
    }
    return {(method, path) for method, path in routes if re.match(guide.routes, path)}


@each_guide
@pytest.mark.slow
@pytest.mark.django_db(transaction=True, reset_sequences=True)
def test_the_examples_answer_as_shown(guide: Guide, demo_url: str, settings: Any) -> None:
    need("node")
    settings.PUBLIC_MARKETPLACE = True
    guide.prepare()
    found = guide.examples(demo_url)
    for example, outcome in zip(requests_of(found), run_fetch(found, in_scopes=False), strict=True):
        assert_as_shown(example, outcome, {**FORMS, **guide.forms})


@pytest.mark.slow
@pytest.mark.django_db(transaction=True, reset_sequences=True)
def test_the_guides_run_one_after_the_other(demo_url: str, settings: Any) -> None:
    """On one server, whose rows an earlier guide has changed. An example that fails ends Node."""
    need("node")
    settings.PUBLIC_MARKETPLACE = True
    for guide in GUIDES:
        guide.prepare()
        assert run_fetch(guide.examples(demo_url), in_scopes=False)


@each_guide
def test_every_route_has_an_example(guide: Guide) -> None:
    code = "\n".join(example.fetch for example in guide.examples(""))
    called = calls_of(re.findall(r'"([A-Z]+)", ["`]([^"`]+)["`]', code))
    assert routes_of(guide) <= called


@each_guide
def test_every_route_is_in_the_table_of_calls(guide: Guide) -> None:
    listed = calls_of(re.findall(r"^\| `([A-Z]+) ([^` ]+)`", guide.text, re.MULTILINE))
    assert routes_of(guide) <= listed


@each_guide
def test_the_tables_name_every_field(guide: Guide) -> None:
    cells = re.findall(r"^\| ((?:`\w+`(?:, )?)+) \|", guide.text, re.MULTILINE)
    named = set(re.findall(r"\w+", " ".join(cells)))
    fields = {name for serializer in guide.serializers for name in serializer().fields}
    assert fields - NOT_SENT <= named


@each_guide
def test_every_error_of_a_call_is_explained(guide: Guide) -> None:
    rows = re.findall(r"^\| (\d{3}) \| ([^|]+) \|", guide.text, re.MULTILINE)
    explained = {(status, code) for status, codes in rows for code in re.findall(r"\w+", codes)}
    assert set().union(*errors_of(guide).values()) == explained


@each_guide
def test_the_errors_of_each_call_are_those_of_openapi(guide: Guide) -> None:
    declared = error_codes()
    for call, stated in errors_of(guide).items():
        assert stated <= declared[call], call
        assert {error for error in declared[call] if error[1] not in COMMON} <= stated, call


@each_guide
def test_answers_are_json_of_an_example(guide: Guide) -> None:
    shown = [example.answer for example in guide.examples("") if example.answer.startswith(("{", "["))]
    assert guide.text.count("```json") == len(shown)
    assert all(json.loads(answer) for answer in shown)


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_the_token_of_supabase_js_is_accepted(demo_url: str) -> None:
    need_supabase_js()
    # supabase-js requires a WebSocket class, which Node has from version 22 on. Nothing connects here.
    before = "globalThis.WebSocket ??= class {};"
    start = README.blocks_under("Start", demo_url)
    blocks = REGISTRATION.blocks_under("Use supabase-js", demo_url)
    # Its refresh timer would keep Node running.
    after = 'console.log((await request("GET", "users/me/", undefined, token)).email); process.exit(0);'
    assert run_node(f"{before}\n{start}\n{blocks}\n{after}") == "ana@example.com\n"


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_the_documented_session_is_refreshed_once(demo_url: str, make_person: Callable[..., Person]) -> None:
    need("node")
    expired = make_person(signed_in_at=datetime.now(UTC) - timedelta(days=3)).token
    [client] = re.findall(
        r"^function sessionOf.*?^}$",
        REGISTRATION.blocks_under("In a browser", demo_url),
        re.MULTILINE | re.DOTALL,
    )
    script = f"""
        const ana = await signIn("ana@example.com");
        const call = sessionOf({{ ...ana.session, access_token: "{expired}" }});
        const real = fetch, refreshed = [];
        globalThis.fetch = (url, options) => {{
          if (url.endsWith("token/refresh/")) refreshed.push(url);
          return real(url, options); }};
        const both = await Promise.all([call("GET", "users/me/"), call("GET", "users/me/")]);
        console.log(JSON.stringify([both.map((each) => each.email), refreshed.length]));
    """
    answer = run_node(f"{README.blocks_under('Start', demo_url)}\n{client}\n{script}")
    assert json.loads(answer) == [["ana@example.com"] * 2, 1]
