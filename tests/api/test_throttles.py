"""Throttles of the API: what they count, and what they cost."""

from typing import Any

import pytest
from django.db import connection

from accounts.rest.parsers import PictureParser
from accounts.rest.shared_counts import SharedCounts
from accounts.rest.throttles import IN_MEMORY, ScopedThrottle
from tests.fixtures.people import CHATS, VOICE, Person
from tests.fixtures.pictures import PICTURE, Bucket, picture, put
from tests.fixtures.routes import all_routes
from tests.fixtures.supabase import Supabase
from tests.fixtures.throttles import pass_seconds

pytestmark = pytest.mark.django_db

REFRESH = "/accounts/token/refresh/"
# Routes with a rate of their scope, if the caller is authenticated or the route is open.
THROTTLED = {
    *(f"POST /accounts/{name}/" for name in ("register", "login", "token/refresh", "resend-verification")),
    *("POST /accounts/password-reset/", "POST /accounts/password-reset/confirm/"),
    *("POST /accounts/reports/", "PUT /accounts/users/me/profile-picture/"),
    f"POST {CHATS}",
    f"POST {CHATS}<any_uuid:pk>/messages/",
    f"PATCH {CHATS}<any_uuid:pk>/messages/<number:seq>/",
    f"POST {CHATS}<any_uuid:chat>/messages/<number:seq>/corrections/",
    "POST /accounts/cards/<number:pk>/review/",
    f"POST {VOICE}<number:pk>/generate_feedback/",
    f"POST {VOICE}<number:pk>/shares/",
    f"POST {VOICE}session/",
    f"GET {VOICE}session/<number:pk>/",
    *(f"POST {VOICE}session/<number:pk>/{name}/" for name in ("call", "events", "finish")),
    f"POST {VOICE}shared/<number:pk>/comments/",
    f"PATCH {VOICE}shared/<number:pk>/comments/<number:comment>/",
}
COUNTS = "select cardinality(counted) from accounts_throttle"


@pytest.fixture
def rates(monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """The rates by scope, which a test changes."""
    rates = dict(ScopedThrottle.THROTTLE_RATES)
    monkeypatch.setattr(ScopedThrottle, "THROTTLE_RATES", rates)
    return rates


def refreshed(anyone: Any, **more: Any) -> int:
    """The status of a refresh with an invalid body, which counts as a login and calls no other server."""
    return int(anyone.post(REFRESH, {}, **more).status_code)


def test_throttled_request_costs_one_statement(
    student: Person, django_assert_num_queries: Any, rates: dict[str, str]
) -> None:
    student.client.get(CHATS)
    nobody = {"participant": "x"}
    with django_assert_num_queries(2) as queries:  # user and session; the count
        assert student.client.post(CHATS, nobody).status_code == 400
    assert "private.count_request" in queries.captured_queries[1]["sql"]
    rates["chats"] = "1/min"
    with django_assert_num_queries(2):
        response = student.client.post(CHATS, nobody)
    assert (response.status_code, response["Retry-After"]) == (429, "60")


def test_read_and_message_cost_no_statement_of_the_throttle(
    student: Person, teacher: Person, django_assert_num_queries: Any
) -> None:
    chat = student.open_chat(teacher)
    with django_assert_num_queries(1):  # user and session
        assert student.client.get("/accounts/users/me/").status_code == 200
    with django_assert_num_queries(1):  # user and session
        assert student.client.post(f"{CHATS}{chat['id']}/messages/", {}).status_code == 400


def test_messages_and_edits_are_throttled_for_each_account(
    student: Person, teacher: Person, rates: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(IN_MEMORY, "messages", SharedCounts())
    rates["messages"] = "3/min"
    chat = student.open_chat(teacher)
    messages = f"{CHATS}{chat['id']}/messages/"
    student.write(chat)
    student.write(chat)
    assert student.client.patch(f"{messages}1/", {"content": "x"}).status_code == 200
    for response in (
        student.client.post(messages, {"content": "x"}),
        student.client.patch(f"{messages}1/", {"content": "y"}),
    ):
        assert (response.status_code, response.json()["code"]) == (429, "throttled")
        assert 58 <= int(response["Retry-After"]) <= 61
    assert student.client.get(messages).status_code == 200
    teacher.write(chat)


def test_next_request_is_allowed_after_the_stated_time(anyone: Any, rates: dict[str, str]) -> None:
    rates["login"] = "2/hour"
    assert [refreshed(anyone), refreshed(anyone)] == [400, 400]
    pass_seconds(60)
    response = anyone.post(REFRESH, {})
    assert (response.status_code, response["Retry-After"]) == (429, "3540")
    pass_seconds(3540)
    assert refreshed(anyone) == 400


@pytest.mark.django_db(transaction=True)
def test_failed_request_has_been_counted(
    anyone: Any, supabase: Supabase, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("accounts.services.registration.refresh", lambda **_: 1 / 0)
    assert anyone.post(REFRESH, {"refresh_token": "x"}).status_code == 500
    with supabase.connect() as other, other.cursor() as cursor:
        cursor.execute(COUNTS)
        assert cursor.fetchall() == [(1,)]
    other.close()


def test_addresses_of_one_network_are_counted_together(
    anyone: Any, settings: Any, rates: dict[str, str]
) -> None:
    settings.TRUSTED_PROXY_COUNT = 1
    rates["login"] = "1/min"
    hops = ["2001:db8::1", "[2001:db8::2]:443", "2001:db8:0:1::1", "203.0.113.9", "::ffff:203.0.113.9"]
    statuses = [refreshed(anyone, HTTP_X_FORWARDED_FOR=f"6.6.6.6, {hop}") for hop in hops]
    assert statuses == [400, 429, 400, 400, 429]


def test_these_routes_are_throttled(
    teacher: Person, anyone: Any, rates: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    for scope in rates:
        rates[scope] = "1/hour"
        if scope in IN_MEMORY:
            monkeypatch.setitem(IN_MEMORY, scope, SharedCounts())
        for caller in (teacher.user.pk, "127.0.0.1"):
            ScopedThrottle().count(scope, caller)
    statuses = {
        str(route): getattr(anyone if route.is_open else teacher.client, route.method)(route.path).status_code
        for route in all_routes()
        if route.pattern != "/accounts/logout/"  # it ends the session
    }
    assert {route for route, status in statuses.items() if status == 429} == THROTTLED


def test_rows_contain_neither_addresses_nor_ids(student: Person, anyone: Any) -> None:
    student.client.post(CHATS, {})
    anyone.post("/accounts/login/", {"email": "ana@example.com", "password": "x"})
    with connection.cursor() as cursor:
        cursor.execute("select key from accounts_throttle")
        keys = [key for (key,) in cursor.fetchall()]
    assert [len(key) for key in keys] == [64] * 4
    for private in ("127.0.0.1", "ana", str(student.user.pk)):
        assert private not in " ".join(keys)


@pytest.mark.parametrize(
    "scope", ["registration", "login", "mail", "chats", "feedback", "voice", "reports", "pictures"]
)
def test_scope_of_rare_requests_is_counted_in_the_database(scope: str, rates: dict[str, str]) -> None:
    rates[scope] = "1/min"
    assert ScopedThrottle().count(scope, "ana") == 0
    assert ScopedThrottle().count(scope, "zoe") == 0
    assert 59 < ScopedThrottle().count(scope, "ana") <= 60
    assert set(rates) - set(IN_MEMORY) >= {scope}


def test_every_route_that_takes_a_picture_is_throttled_as_one(
    student: Person, rates: dict[str, str], bucket: Bucket
) -> None:
    taking = {
        (route.path, route.method)
        for route in all_routes()
        if PictureParser in route.parsers and route.method in ("post", "put", "patch")
    }
    assert taking == {(PICTURE, "put")}
    rates["pictures"] = "2/hour"
    answers = [put(student, picture()) for _ in range(3)]
    assert [answer.status_code for answer in answers] == [200, 200, 429]
    assert answers[-1].json()["code"] == "throttled" and int(answers[-1]["Retry-After"]) > 60
