"""OPTIONS, HEAD and methods without an action, and refused media types, at every path."""

from typing import Any

import pytest

from tests.api.test_conventions import refused
from tests.fixtures.people import GIGS, VOICE, Person
from tests.fixtures.routes import OTHER_PATHS, all_patterns, all_routes

PATHS = sorted({route.path for route in all_routes()})
READ = sorted({route.path for route in all_routes() if route.method == "get"})
# Their metadata would say what the setting METRICS_TOKEN hides.
HIDDEN = "/metrics/"
PAGES = sorted({path for path, _ in all_patterns() if path.startswith(OTHER_PATHS[1:])})
DESCRIPTION = {"name", "description", "renders", "parses"}
# It takes any Accept header: its file has the format of a query parameter, and its errors are JSON.
EXPORT = "/accounts/cards/export/"


@pytest.mark.slow
@pytest.mark.parametrize("method", ["TRACE", "BREW"])
def test_method_without_an_action_is_refused_in_the_common_shape(
    teacher: Person, anyone: Any, method: str
) -> None:
    for path in PATHS:
        if path == HIDDEN:
            refused(teacher.client.generic(method, path), 404, "not_found")
            continue
        answer = teacher.client.generic(method, path)
        refused(answer, 405, "method_not_allowed")
        assert "OPTIONS" in answer["Allow"].split(", ") and method not in answer["Allow"], path
        answer = anyone.generic(method, path)
        assert (answer.status_code, answer.json()["code"]) in (
            (401, "not_authenticated"),
            (405, "method_not_allowed"),
        ), path


@pytest.mark.parametrize("method", ["TRACE", "BREW", "OPTIONS"])
def test_pages_refuse_the_method_in_the_common_shape(anyone: Any, method: str) -> None:
    assert {"/docs/", "/redoc/", "/schema/", "/demo/"} <= set(PAGES)
    for path in PAGES:
        refused(anyone.generic(method, path), 405, "method_not_allowed")


def test_options_describes_a_path_or_is_refused_in_the_common_shape(teacher: Person, anyone: Any) -> None:
    described = 0
    for client in (teacher.client, anyone):
        for path in PATHS:
            answer = client.options(path)
            if answer.status_code == 200:
                assert set(answer.json()) - {"actions"} == DESCRIPTION, path
                assert set(answer["Allow"].split(", ")) == {"OPTIONS", *methods_of(path)}, path
                described += 1
            else:
                hidden = (404, "not_found") if path == HIDDEN else (401, "not_authenticated")
                refused(answer, *hidden)
    assert described > len(PATHS)


def methods_of(path: str) -> set[str]:
    """The methods of a path, and HEAD for GET."""
    found = {route.method.upper() for route in all_routes() if route.path == path}
    return found | ({"HEAD"} if "GET" in found else set())


@pytest.mark.slow
def test_head_has_the_status_and_headers_of_get_and_no_body(
    student: Person, teacher: Person, anyone: Any
) -> None:
    conversation, card, gig = student.save_conversation(), student.make_card(), teacher.offer()
    rows = [f"{VOICE}{conversation['id']}/", f"/accounts/cards/{card['id']}/", f"{GIGS}{gig['id']}/"]
    errors = [f"{VOICE}?limit=x", "/nowhere/", "/accounts/cards"]
    statuses = set()
    for client in (student.client, anyone):
        for path in [*READ, *rows, *errors]:
            got, head = client.get(path), client.head(path)
            assert (head.status_code, head_of(head)) == (got.status_code, head_of(got)), path
            assert body_of(head) == b"" and body_of(got), path
            statuses.add(got.status_code)
    assert statuses >= {200, 400, 401, 403, 404}


def head_of(answer: Any) -> dict[str, str]:
    """The headers, without those that differ in each response."""
    return {name: value for name, value in answer.items() if name != "X-Request-ID"}


def body_of(answer: Any) -> bytes:
    """The whole body."""
    return b"".join(answer.streaming_content) if answer.streaming else bytes(answer.content)


@pytest.mark.parametrize("accept", ["application/xml", "text/html;q=0", "image/*", "nonsense"])
def test_accept_without_json_is_a_406_in_the_common_shape(student: Person, accept: str) -> None:
    for path in PATHS:
        answer = student.client.get(path, HTTP_ACCEPT=accept)
        if path in (HIDDEN, EXPORT):
            assert answer.status_code == (404 if path == HIDDEN else 200)
        else:
            refused(answer, 406, "not_acceptable")
    assert student.client.get(VOICE, HTTP_ACCEPT=f"{accept}, application/json;q=0.1").status_code == 200


@pytest.mark.parametrize("path", ["/docs/", "/redoc/", "/schema/"])
def test_documentation_in_another_format_is_a_406_in_the_common_shape(anyone: Any, path: str) -> None:
    answer = anyone.get(path, HTTP_ACCEPT="application/xml")
    refused(answer, 406, "not_acceptable")
    assert answer["Content-Type"] == "application/json"


@pytest.mark.parametrize("path", ["/docs/", "/redoc/", "/schema/"])
def test_documentation_with_too_many_parameters_is_a_413_in_the_common_shape(anyone: Any, path: str) -> None:
    answer = anyone.get(f"{path}?{'a&' * 1_001}")
    refused(answer, 413, "payload_too_large")
    assert answer["Content-Type"] == "application/json"
