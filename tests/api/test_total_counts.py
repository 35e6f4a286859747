"""The header X-Total-Count of lists, for requests with ``Prefer: count=exact``."""

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import VoiceConversation
from accounts.rest import total_counts
from tests.fixtures.people import CARDS, CHATS, GIGS, VOICE, Person

pytestmark = pytest.mark.django_db
EXACT = {"HTTP_PREFER": "count=exact"}
SENT = ["X-Total-Count", "Preference-Applied"]


def total(person: Person, path: str, **query: Any) -> str | None:
    """X-Total-Count of a list that is requested with ``Prefer: count=exact``."""
    response = person.client.get(path, query, **EXACT)
    assert response.status_code == 200, response.json()
    assert response["Preference-Applied"] == "count=exact"
    return response["X-Total-Count"]


@pytest.fixture
def world(student: Person, teacher: Person) -> dict[str, int]:
    """Rows of each kind. Path -> the number of rows in the list of the student."""
    for number in range(5):
        student.save_conversation(
            topic=f"Topic{number}", conversation_type="lesson" if number else "practice"
        )
        teacher.offer()
        student.make_card(front=f"Front{number}")
    teacher.save_conversation()
    chat = student.open_chat(teacher)
    for _ in range(4):
        student.write(chat)
    pk = VoiceConversation.objects.filter(user=student.user).first().pk
    path = f"{VOICE}{pk}/shares/"
    assert student.client.post(path, {"teacher": str(teacher.user.pk)}).status_code == 201
    return {
        VOICE: 5,
        f"{VOICE}by-type/lesson/": 4,
        f"{VOICE}by-language/es/": 5,
        path: 1,
        f"{VOICE}{pk}/comments/": 0,
        GIGS: 5,
        CARDS: 5,
        CHATS: 1,
        f"{CHATS}{chat['id']}/messages/": 4,
        "/accounts/users/": 2,
        "/accounts/teachers/": 1,
        "/accounts/reports/": 0,
        "/accounts/users/me/notices/": 0,
    }


def test_each_list_counts_its_rows_with_one_more_statement(
    student: Person, teacher: Person, world: dict[str, int]
) -> None:
    assert total(teacher, f"{GIGS}mine/") == "5"
    assert total(teacher, f"{VOICE}shared/") == "1"
    assert total(teacher, f"{VOICE}shared/declined/") == "0"
    for path, count in world.items():
        with CaptureQueriesContext(connection) as plain:
            response = student.client.get(path, {"limit": 2})
        assert not any(name in response for name in SENT), path
        with CaptureQueriesContext(connection) as counted:
            assert total(student, path, limit=2) == str(count), path
        assert len(counted) == len(plain) + 1, path


def test_filters_searches_and_orders_are_counted(student: Person, world: dict[str, int]) -> None:
    assert total(student, VOICE, type="lesson", limit=1, ordering="-duration_minutes") == "4"
    assert total(student, VOICE, type="lesson,practice", language="es,ja") == "5"
    assert total(student, VOICE, search="topic3") == "1"
    assert total(student, VOICE, fields="id", since="2999-01-01") == "0"
    assert total(student, GIGS, currency="EUR", max_price="1") == "0"
    assert total(student, "/accounts/teachers/", search="spanish", currency="EUR", ordering="price") == "1"
    messages = next(path for path in world if path.endswith("/messages/"))
    assert total(student, messages, after_seq=1) == "3"
    assert total(student, messages, after_seq=1, before_seq=4, limit=1) == "2"


@pytest.mark.usefixtures("world")
def test_each_page_has_the_number_of_all_rows(student: Person) -> None:
    url, totals = f"{VOICE}?limit=2", []
    while url:
        response = student.client.get(url, **EXACT)
        totals.append(response["X-Total-Count"])
        url = response.headers.get("Link", "").partition(">")[0].lstrip("<")
    assert totals == ["5", "5", "5"]


@pytest.mark.usefixtures("world")
def test_more_rows_than_the_most_are_not_counted(student: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    for most, shown in ((4, "4+"), (5, "5")):
        monkeypatch.setattr(total_counts, "MAX_COUNT", most)
        assert total(student, VOICE, limit=1) == shown
        with CaptureQueriesContext(connection) as queries:
            total(student, VOICE, limit=1)
        assert f"LIMIT {most + 1}" in queries[-1]["sql"]


@pytest.mark.parametrize(
    ("preferred", "is_counted"),
    [
        ("count=exact", True),
        ('Count = "exact"; x=1', True),
        ("return=minimal, count=exact", True),
        ("count=planned", False),
        ("discount=exact", False),
        ("x; count=exact", False),
        ("", False),
    ],
)
def test_other_preferences_are_ignored(student: Person, preferred: str, is_counted: bool) -> None:
    response = student.client.get(VOICE, HTTP_PREFER=preferred)
    assert response.status_code == 200
    assert [name in response for name in SENT] == [is_counted, is_counted]
    assert ("Prefer" in response.get("Vary", "")) is is_counted


def test_a_count_that_takes_too_long_is_left_out(
    student: Person, world: dict[str, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    def delayed(run: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        if "count(*)" in sql.lower():
            sql = sql.replace("COUNT(*)", "COUNT(*), pg_sleep(3)")
        return run(sql, params, many, context)

    monkeypatch.setattr("accounts.models.search.MAX_MILLISECONDS", 200)
    with connection.execute_wrapper(delayed):
        response = student.client.get(VOICE, **EXACT)
    assert (response.status_code, len(response.json())) == (200, 5)
    assert not any(name in response for name in SENT)
