"""One log line for each request, with its id, route, time and statements, and nothing that a client sends."""

import json
import logging
import re
from typing import Any

import pytest
from asgiref.sync import async_to_sync
from django.core.exceptions import SuspiciousFileOperation
from django.db import IntegrityError, connection
from django.test import AsyncClient, Client

from accounts.admin.site import site
from accounts.rest.finishing import Finishing
from accounts.services import summary
from linguaflex.operations import measurement
from linguaflex.operations.request_log import JSONFormatter, WithoutClients
from tests.fixtures.logs import LISTENER
from tests.fixtures.people import VOICE, Person, client_of

pytestmark = pytest.mark.django_db
FIELDS = {
    *("time", "level", "logger", "event", "request_id", "method", "route", "status", "milliseconds"),
    *("queries", "database_milliseconds", "user_id"),
}
SECRET = "s3cret-of-a-client"


def logged() -> dict[str, Any]:
    """The line of the only request."""
    (line,) = LISTENER.requests()
    return line


@pytest.fixture
def alone(student: Person) -> Person:
    """The student, whose earlier requests are not logged."""
    LISTENER.clear()
    return student


def test_a_request_is_one_line(alone: Person) -> None:
    alone.client.get(VOICE)  # finds out which tables it may read
    LISTENER.clear()
    response = alone.client.get(VOICE, {"note": SECRET})
    line = logged()
    assert set(line) == FIELDS
    assert (line["level"], line["event"], line["method"], line["status"]) == ("info", "request", "GET", 200)
    assert line["route"] == VOICE
    assert line["user_id"] == str(alone.user.pk)
    assert line["request_id"] == response["X-Request-ID"]
    assert line["queries"] == 2
    assert 0 < line["database_milliseconds"] < line["milliseconds"]
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d+\+00:00", line["time"])
    assert SECRET not in LISTENER.texts()


def test_a_wrapper_of_statements_ends_although_a_request_began_within(alone: Person) -> None:
    seen: list[str] = []

    def watch(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        seen.append(sql)
        return execute(sql, params, many, context)

    connection.execute_wrappers.clear()
    with connection.execute_wrapper(watch):
        alone.client.get(VOICE)
    assert seen
    seen.clear()
    alone.client.get(VOICE)
    assert (seen, LISTENER.requests()[-1]["queries"]) == ([], 2)


def test_the_route_is_the_pattern_and_not_the_path(alone: Person) -> None:
    alone.client.get(f"{VOICE}987654/")
    assert logged()["route"] == f"{VOICE}<number:pk>/"
    assert "987654" not in LISTENER.texts()


@pytest.mark.parametrize("path", [f"/{SECRET}/", f"/accounts/{SECRET}", "/accounts/gigs"])
def test_an_unknown_path_has_no_route(anyone: Any, path: str) -> None:
    LISTENER.clear()
    assert anyone.get(path).status_code == 404
    assert (logged()["route"], logged()["user_id"]) == (None, None)
    assert SECRET not in LISTENER.texts()


def test_an_unknown_method_is_not_logged(anyone: Any) -> None:
    LISTENER.clear()
    assert anyone.generic(SECRET.upper(), "/health/").status_code == 405
    assert logged()["method"] == "OTHER"


def test_a_foreign_host_is_no_error(anyone: Any) -> None:
    LISTENER.clear()
    assert anyone.get("/health/", HTTP_HOST=f"{SECRET}.example").status_code == 400
    assert (logged()["status"], logged()["level"]) == (400, "info")
    assert len(LISTENER.lines) == 1 and SECRET not in LISTENER.texts()


def test_a_refused_form_is_a_warning_with_the_reason_and_without_the_path() -> None:
    LISTENER.clear()
    client = Client(enforce_csrf_checks=True)
    assert client.post(f"/admin/login/?{SECRET}", {"username": SECRET}).status_code == 403
    (warning,) = [each for each in LISTENER.objects if each["logger"] != "linguaflex.requests"]
    assert (warning["level"], warning["event"]) == ("warning", "Forbidden (CSRF cookie not set.)")
    assert warning["request_id"] == logged()["request_id"]
    assert SECRET not in LISTENER.texts() and "/admin/login/" not in warning["event"]


@pytest.mark.parametrize("header", ["Origin", "Referer"])
def test_a_refused_form_of_another_site_is_a_warning_without_the_address(header: str) -> None:
    client = Client(enforce_csrf_checks=True, headers={header: f"https://evil.example/a b?{SECRET}"})
    LISTENER.clear()
    assert client.post("/admin/login/", {"username": "a"}, secure=True).status_code == 403
    (warning,) = [each for each in LISTENER.objects if each["logger"] != "linguaflex.requests"]
    expected = f"Forbidden ({header} checking failed: it does not match any trusted origins.)"
    assert warning["event"] == expected
    assert SECRET not in LISTENER.texts() and "evil" not in LISTENER.texts()


def test_a_form_with_too_many_fields_is_no_error(settings: Any) -> None:
    settings.DATA_UPLOAD_MAX_NUMBER_FIELDS = 2
    LISTENER.clear()
    fields = {f"{SECRET}{number}": "" for number in range(3)}
    assert Client().post("/admin/login/", fields).status_code == 400
    assert (logged()["status"], len(LISTENER.objects)) == (400, 1)


def test_an_unexpected_exception_has_one_traceback(alone: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(**named: Any) -> None:
        raise IntegrityError(f"refused\nDETAIL:  Failing row contains ({SECRET}).")

    monkeypatch.setattr(summary, "summarise", fail)
    response = alone.client.get(f"{VOICE}summary/")
    check_one_traceback(response, f"{VOICE}summary/")
    assert SECRET not in LISTENER.texts()


def test_an_exception_outside_of_the_api_has_one_traceback(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*args: Any) -> None:
        raise RuntimeError("broken")

    monkeypatch.setattr(type(site), "each_context", fail)
    LISTENER.clear()
    response = Client(raise_request_exception=False).get("/admin/login/", {"next": SECRET})
    check_one_traceback(response, "/admin/login/")
    assert SECRET not in LISTENER.texts()


def check_one_traceback(response: Any, route: str | None) -> None:
    """One line has a traceback, that of the request has the status 500, and both have the id."""
    assert response.status_code == 500
    (failed,) = [each for each in LISTENER.objects if "exception" in each]
    assert (failed["level"], failed["event"]) == ("error", "Unexpected exception.")
    assert "Traceback (most recent call last)" in failed["exception"]
    line = logged()
    assert (line["status"], line["level"], line["route"]) == (500, "warning", route)
    assert line["request_id"] == failed["request_id"] == response["X-Request-ID"]
    assert len(LISTENER.objects) == 2


def test_a_request_that_a_middleware_refuses_has_a_line(anyone: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    from linguaflex import middleware

    def refuse(*args: Any) -> None:
        raise SuspiciousFileOperation(SECRET)

    monkeypatch.setattr(middleware.SessionMiddleware, "__call__", refuse)
    LISTENER.clear()
    assert Client().get("/health/").status_code == 400
    assert (logged()["status"], logged()["route"]) == (400, None)


def test_a_streamed_response_is_logged_at_its_end(alone: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(3):
        alone.make_card(front=f"front {number}")
    LISTENER.clear()
    response = alone.client.get("/accounts/cards/export/", {"format": "csv"})
    assert LISTENER.requests() == []
    assert b"front 2" in response.getvalue()
    line = logged()
    assert (line["status"], line["route"]) == (200, "/accounts/cards/export/")
    assert line["queries"] >= 2


def test_a_streamed_response_that_is_given_up_is_logged_once() -> None:
    ended: list[int] = []
    parts = Finishing(iter([b"a", b"b"]), lambda: ended.append(1))
    assert next(parts) == b"a"
    for _ in range(2):
        parts.close()
    assert ended == [1]


def test_static_files_have_one_route(anyone: Any) -> None:
    LISTENER.clear()
    path = "/static/demo/api.js"
    response = anyone.get(path)
    assert response.status_code == 200 and response.getvalue()
    response = anyone.get(path, HTTP_IF_MODIFIED_SINCE=response["Last-Modified"])
    assert response.status_code == 304 and response["X-Request-ID"]
    anyone.get(f"/static/{SECRET}")
    lines = LISTENER.requests()
    assert [(each["status"], each["route"]) for each in lines] == [
        (200, "/static/"),
        (304, "/static/"),
        (404, "/static/"),
    ]
    assert SECRET not in LISTENER.texts()


@pytest.mark.parametrize(
    ("proxies", "given", "is_kept"),
    [
        (1, "a-Z0-9", True),
        (1, "x" * 64, True),
        (1, "x" * 65, False),
        (1, "a b", False),
        (1, "a\n", False),
        (1, "ä", False),
        (1, "", False),
        (0, "a-Z0-9", False),
    ],
)
def test_only_a_trusted_proxy_chooses_the_id(
    anyone: Any, settings: Any, proxies: int, given: str, is_kept: bool
) -> None:
    settings.TRUSTED_PROXY_COUNT = proxies
    response = anyone.get("/health/", HTTP_X_REQUEST_ID=given)
    assert (response["X-Request-ID"] == given) is is_kept
    if not is_kept:
        assert re.fullmatch("[0-9a-f]{32}", response["X-Request-ID"])


def test_every_response_has_an_id_that_pages_of_other_origins_may_read(student: Person) -> None:
    origin: dict[str, Any] = {"HTTP_ORIGIN": "http://localhost:5173"}
    preflight = {**origin, "HTTP_ACCESS_CONTROL_REQUEST_METHOD": "GET"}
    answers = [
        client_of().get(VOICE, **origin),
        client_of().get("/health/", HTTP_HOST="evil.example"),
        client_of().options(VOICE, **preflight),
        student.client.get("/admin/login/"),
        student.client.get(VOICE, **origin),
    ]
    assert len({answer["X-Request-ID"] for answer in answers}) == len(answers)
    assert "X-Request-ID" in answers[-1]["Access-Control-Expose-Headers"]


def test_the_admin_names_its_user_without_another_statement(superuser: Any, boss: Client) -> None:
    LISTENER.clear()
    assert boss.get("/admin/accounts/gig/").status_code == 200
    assert logged()["user_id"] == str(superuser.pk)
    assert logged()["route"] == "/admin/accounts/gig/"


def test_lines_within_a_request_have_its_id_and_later_lines_have_none(alone: Person) -> None:
    alone.client.get("/health/")
    logging.getLogger("accounts").warning("Later.")
    assert "request_id" not in LISTENER.objects[-1]
    assert measurement.current.get() is None


def test_a_line_with_a_lone_surrogate_is_json() -> None:
    record = logging.LogRecord("x", logging.INFO, "", 0, "a\ud800\nb", (), None)
    assert json.loads(JSONFormatter().format(record))["event"] == "a\ud800\nb"
    assert "\n" not in JSONFormatter().format(record)


def test_lines_of_gunicorn_do_not_quote_the_client() -> None:
    error = ("Error handling request %s %s", ("GET", f"/?{SECRET}"))
    for text, arguments in (error, (f"Invalid request from ip=203.0.113.7: {SECRET}", ())):
        record = logging.LogRecord("gunicorn.error", logging.ERROR, "", 0, text, arguments, None)
        assert WithoutClients().filter(record)
        assert re.fullmatch(r"(Error handling|Invalid) request\.", record.getMessage())
    record = logging.LogRecord("gunicorn.error", logging.INFO, "", 0, "Booting worker: %s", (5,), None)
    assert WithoutClients().filter(record)
    assert record.getMessage() == "Booting worker: 5"


def test_a_request_over_asgi_is_one_line() -> None:
    LISTENER.clear()
    response = async_to_sync(AsyncClient().get)("/health/")
    assert response["X-Request-ID"] == logged()["request_id"]
