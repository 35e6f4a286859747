"""Rules of every endpoint: errors, bodies, paths, CORS, limits of JSON."""

import json
import re
from typing import Any

import pytest
from django.core import signing
from django.test import Client

from tests.fixtures.people import CONVERSATION, VOICE, Person, client_of
from tests.fixtures.routes import all_routes

BODYLESS = (
    "/activate/",
    "/pause/",
    "/block/",
    "/generate_feedback/",
    "/suspend/",
    "/resume/",
    "/notices/1/read/",
)
WRITING = [
    route
    for route in all_routes()
    if route.method in ("post", "put", "patch") and route.takes_json and not route.path.endswith(BODYLESS)
]


def refused(response: Any, status: int, code: str) -> dict[str, Any]:
    """The body of an error response. Asserts the status, the code and the common shape."""
    body = response.json()
    assert (response.status_code, body["code"]) == (status, code), body
    assert set(body) <= {"detail", "code", "errors"}
    assert isinstance(body["detail"], str)
    assert body["detail"]
    return dict(body)


@pytest.mark.parametrize("path", ["/nowhere/", "/accounts/nowhere/", "/accounts/voice-conversations/x/"])
def test_unknown_path_is_a_json_404(student: Person, path: str) -> None:
    refused(student.client.get(path), 404, "not_found")


def test_post_without_a_trailing_slash_is_a_404_that_names_the_slash(student: Person) -> None:
    body = refused(student.client.post(VOICE[:-1], CONVERSATION), 404, "not_found")
    assert "slash" in body["detail"]


def test_unsupported_method_is_405(student: Person) -> None:
    response = student.client.delete(VOICE)
    refused(response, 405, "method_not_allowed")
    assert "POST" in response["Allow"]


@pytest.mark.parametrize(
    "path", ["/docs/", "/redoc/", "/schema/", "/demo/", "/demo/chat/", "/favicon.ico", "/admin"]
)
def test_pages_that_are_only_read_refuse_other_methods(path: str) -> None:
    refused(Client(enforce_csrf_checks=True).post(path), 405, "method_not_allowed")


def test_unsupported_media_type_is_415(student: Person) -> None:
    response = student.client.post(VOICE, "a=b", content_type="application/x-www-form-urlencoded")
    refused(response, 415, "unsupported_media_type")


def test_unexpected_exception_is_a_500_without_its_message(
    student: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    from accounts.services import summary

    def fail(**named: Any) -> None:
        raise RuntimeError("secret text")

    monkeypatch.setattr(summary, "summarise", fail)
    response = student.client.get(f"{VOICE}summary/")
    refused(response, 500, "server_error")
    assert b"secret" not in response.content


def test_unreachable_database_is_503(student: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    from django.db import OperationalError

    from accounts.services import summary

    def fail(**named: Any) -> None:
        raise OperationalError("connection refused")

    monkeypatch.setattr(summary, "summarise", fail)
    response = student.client.get(f"{VOICE}summary/")
    refused(response, 503, "database_unavailable")
    assert response["Retry-After"]


def test_unknown_host_is_a_json_400(student: Person) -> None:
    refused(student.client.get("/health/", HTTP_HOST="evil.example"), 400, "bad_request")


@pytest.mark.parametrize("local", [True, False])
def test_error_for_an_unknown_host_names_the_setting_only_locally(settings: Any, local: bool) -> None:
    settings.LOCAL = local
    body = refused(client_of().get("/health/", HTTP_HOST="laptop.lan"), 400, "bad_request")
    assert ("ALLOWED_HOSTS" in body["detail"]) is local


def nested(depth: int) -> str:
    return "[" * depth + "]" * depth


HOSTILE = {
    "not JSON": (b"{", "JSON"),
    "not UTF-8": (b'{"topic": "\xff"}', "UTF-8"),
    "NUL": (b'{"topic": "a\\u0000b"}', "NUL"),
    "raw NUL": (b'{"topic": "a\x00b"}', "JSON"),
    "raw NUL in a key": (b'{"a\x00": 1}', "JSON"),
    "raw lone surrogate": (b'{"topic": "\xed\xa0\x80"}', "UTF-8"),
    "NUL in a list": (b'{"transcription": ["a", "\\u0000"]}', "NUL"),
    "NUL in a key": (b'{"a\\u0000": 1}', "NUL"),
    "lone surrogate": (b'{"topic": "\\ud800"}', "surrogate"),
    "lone surrogate in a key": (b'{"\\udfff": 1}', "surrogate"),
    "NaN": (b'{"duration_minutes": NaN}', "NaN"),
    "Infinity": (b'{"duration_minutes": -Infinity}', "Infinity"),
    "1e400": (b'{"duration_minutes": 1e400}', "too large"),
    "integer beyond 64 bits": (b'{"a": 9223372036854775808}', "64 bits"),
    "integer of 5,000 digits": (b'{"a": ' + b"9" * 5000 + b"}", "number"),
    "depth 33": (nested(33).encode(), "deep"),
    "depth 100,000": (nested(100_000).encode(), "deep"),
    "50,001 nodes": (json.dumps([0] * 50_000).encode(), "50,000"),
}


@pytest.mark.slow
@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_json_is_a_400_everywhere(teacher: Person, name: str) -> None:
    body, word = HOSTILE[name]
    assert len(WRITING) >= 11
    for route in WRITING:
        if route.path.endswith("/events/"):
            continue  # takes events with any values: a turn must not be lost because of a character
        client = client_of() if route.is_open else teacher.client
        response = getattr(client, route.method)(route.path, body, content_type="application/json")
        assert word in refused(response, 400, "parse_error")["detail"], str(route)


def test_json_at_the_limits_is_accepted(student: Person) -> None:
    deep: Any = "x"
    for _ in range(30):
        deep = [deep]
    student.save_conversation(transcription={"full_text": "x", "deep": deep})
    student.save_conversation(transcription={"full_text": "x", "most": 2**63 - 1, "least": -(2**63)})
    student.save_conversation(transcription={"full_text": "x", "many": [0] * 49_000})


def test_body_over_2_5_megabytes_is_413(student: Person) -> None:
    for size, status in ((2_400_000, 201), (2_500_200, 413)):
        body = {**CONVERSATION, "transcription": "x" * (size - len(json.dumps(CONVERSATION)))}
        response = student.client.post(VOICE, body)
        assert response.status_code == status
    refused(response, 413, "payload_too_large")


@pytest.mark.parametrize(
    ("path", "content_type"),
    [
        (VOICE, "application/json"),
        ("/accounts/login/", "application/json"),
        ("/admin/login/", "multipart/form-data; boundary=b"),
    ],
)
def test_large_body_is_refused_by_its_header(student: Person, path: str, content_type: str) -> None:
    body = json.dumps(CONVERSATION).encode()
    response = student.client.generic("POST", path, body, content_type, CONTENT_LENGTH=str(10**12))
    assert (response.status_code, response.json()["code"]) == (413, "payload_too_large")


@pytest.mark.parametrize("body", [[], "text", 5, None, True])
def test_body_that_is_not_an_object_is_a_400_everywhere(teacher: Person, body: Any) -> None:
    for route in WRITING:
        client = client_of() if route.is_open else teacher.client
        response = getattr(client, route.method)(
            route.path, json.dumps(body), content_type="application/json"
        )
        assert response.status_code in (400, 404, 202 if route.is_open else 400), str(route)
        assert response.json()["code"] in ("invalid", "not_found"), str(route)


def test_cors_allows_local_pages_and_exposes_the_link_header(student: Person) -> None:
    preflight = {
        "HTTP_ORIGIN": "http://localhost:5173",
        "HTTP_ACCESS_CONTROL_REQUEST_METHOD": "POST",
        "HTTP_ACCESS_CONTROL_REQUEST_HEADERS": "authorization,content-type,prefer",
    }
    response = client_of().options(VOICE, **preflight)
    assert response["Access-Control-Allow-Origin"] == "http://localhost:5173"
    assert {"authorization", "prefer"} <= set(response["Access-Control-Allow-Headers"].split(", "))
    response = student.client.get(VOICE, HTTP_ORIGIN="http://127.0.0.1:3000")
    exposed = set(response["Access-Control-Expose-Headers"].split(", "))
    assert {"Link", "X-Total-Count", "Preference-Applied"} <= exposed
    response = student.client.get(VOICE, HTTP_ORIGIN="http://localhost.evil.example")
    assert "Access-Control-Allow-Origin" not in response


def test_root_names_the_service_and_links_to_its_parts() -> None:
    answer = client_of().get("/").json()
    assert answer["service"] == "LinguaFlex"
    for name in ("docs", "redoc", "schema", "health"):
        assert client_of().get(answer[name]).status_code == 200, name


def test_browsers_find_an_icon_also_for_json(anyone: Any) -> None:
    shown = anyone.get("/favicon.ico", follow=True)
    assert (shown.status_code, shown["Content-Type"]) == (200, "image/svg+xml")
    assert b"<svg" in b"".join(shown.streaming_content)


@pytest.mark.parametrize("path", ["/docs/", "/redoc/", "/schema/"])
@pytest.mark.parametrize("method", ["post", "options", "delete"])
def test_documentation_is_read_only(anyone: Any, path: str, method: str) -> None:
    refused(getattr(anyone, method)(path), 405, "method_not_allowed")
    assert anyone.get(path).status_code == 200


@pytest.mark.parametrize(
    "values", [["garbage", "1"], ["2026-01-01T00:00:00Z", "x"], [], ["1"], {"a": 1}, "text", [None, None], 5]
)
def test_signed_cursor_with_invalid_values_is_a_400(student: Person, values: Any) -> None:
    cursor = signing.dumps(values, salt="cursor:-created_at,-id")
    response = student.client.get(VOICE, {"cursor": cursor})
    assert (response.status_code, list(response.json()["errors"])) == (400, ["cursor"])


def test_documentation_refers_to_no_other_site(anyone: Any) -> None:
    for path in ("/docs/", "/redoc/"):
        page = anyone.get(path).content.decode()
        assert re.findall(r"https?://[^/\"']+", page) == [], path


def test_every_link_of_the_index_works(student: Person, anyone: Any) -> None:
    links = anyone.get("/accounts/").json()
    assert len(links) >= 5
    for link in links.values():
        assert student.client.get(link).status_code == 200, link


@pytest.mark.parametrize("path", sorted({route.path for route in all_routes()}))
def test_options_describes_every_route(student: Person, path: str) -> None:
    response = student.client.options(path)
    assert response.status_code in (200, 404), response.content


def test_options_offers_put_to_the_owner_of_a_gig_alone(student: Person, teacher: Person) -> None:
    path = f"/accounts/gigs/{teacher.offer()['id']}/"
    assert "PUT" in teacher.client.options(path).json()["actions"]
    assert "actions" not in student.client.options(path).json()
