"""Pages end at 4 MB as well as at a number of rows, and lists that are read whole at 20 MB."""

import json
import random
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import Card, Correction, Message, Share, VoiceConversation
from tests.fixtures.people import CARDS, CHATS, VOICE, Person
from tests.fixtures.plans import below

pytestmark = [pytest.mark.django_db, pytest.mark.slow]
SHARED = f"{VOICE}shared/"
PAGE_BYTES, LIST_BYTES = 4_000_000, 20_000_000


def text_of(size: int, number: int) -> str:
    """A text of ``size`` bytes that PostgreSQL does not compress."""
    return random.Random(number).randbytes(size // 2).hex()


def save(person: Person, *transcriptions: Any) -> list[int]:
    """Saves conversations. Returns their ids, newest first; of each three, two have one instant."""
    rows = VoiceConversation.objects.bulk_create(
        VoiceConversation(
            user=person.user,
            topic="Tortilla",
            transcription=transcription,
            search_text="tortilla",
            target_language_code="es",
            duration_minutes=None if number % 2 else number,
        )
        for number, transcription in enumerate(transcriptions)
    )
    at = timezone.now() - timedelta(hours=1)
    for number, row in enumerate(rows):
        row.created_at = at + timedelta(minutes=number // 3 + number % 3 // 2)
    VoiceConversation.objects.bulk_update(rows, ["created_at"])
    return [row.pk for row in VoiceConversation.objects.for_user(person.user).newest_first().only("pk")]


def answers(person: Person, path: str, **query: Any) -> Iterator[tuple[list[Any], int]]:
    """The rows and the bytes of each page."""
    for _ in range(100):
        response = person.client.get(path, query)
        body = response.getvalue()
        assert response.status_code == 200, body
        yield json.loads(body), len(body)
        path, query = response.headers.get("Link", "").partition(">")[0].lstrip("<"), {}
        if not path:
            return
    raise AssertionError("the pages repeat")


def pages(person: Person, path: str, **query: Any) -> list[list[int]]:
    """The ids of each page. Each page has at most PAGE_BYTES, or one row."""
    found = []
    for rows, size in answers(person, path, **query):
        assert size <= PAGE_BYTES or len(rows) == 1, (size, len(rows))
        found.append([row["id"] for row in rows])
    return found


def flat(found: list[list[int]]) -> list[int]:
    return [pk for page in found for pk in page]


@pytest.fixture
def large(student: Person) -> list[int]:
    """The ids of conversations of 1.3 MB, newest first. Two are not compressed, and one has 4.6 MB."""
    texts = [f"{number} " + "Hola. " * 216_000 for number in range(5)]
    return save(student, *texts[:3], {"full_text": text_of(4_600_000, 1)}, text_of(1_300_000, 2), *texts[3:])


@pytest.mark.parametrize(
    "query",
    [
        {"limit": 200},
        {"limit": 50},
        {"limit": 2},
        {"limit": 200, "fields": "transcription,id"},
        {"limit": 50, "search": "tortilla"},
        {"limit": 200, "language": "es,fr"},
    ],
    ids=str,
)
def test_a_page_of_conversations_ends_at_its_bytes(student: Person, large: list[int], query: Any) -> None:
    found = pages(student, VOICE, **query)
    assert flat(found) == large
    if query["limit"] > 2:
        assert [len(page) for page in found] == [3, 1, 3]


@pytest.mark.parametrize("query", [{}, {"ordering": "-duration_minutes"}], ids=str)
def test_postgres_reads_no_text_beyond_a_page_and_writes_no_file(student: Person, query: Any) -> None:
    save(student, *({"full_text": "Hola. " * 200_000} for _ in range(20)))
    with CaptureQueriesContext(connection) as queries:
        student.client.get(VOICE, {"limit": 200, **query})
    with connection.cursor() as cursor:
        cursor.execute(f"explain (analyze, buffers, format json) {queries.captured_queries[-1]['sql']}")
        [[found]] = cursor.fetchall()
    plan = (json.loads(found) if isinstance(found, str) else found)[0]["Plan"]
    assert plan["Actual Rows"] == 4  # three of 1.2 MB, and one that follows
    assert plan["Temp Written Blocks"] == 0
    windows = [node for node in below(plan) if node["Node Type"] == "WindowAgg"]
    assert len(windows) == 2
    if connection.pg_version >= 150_000:
        # Each window reads one or two rows more than it returns.
        assert all(window["Actual Rows"] <= 7 for window in windows), windows


@pytest.mark.parametrize(
    ("ordering", "limit"), [("created_at", 50), ("duration_minutes", 200), ("-duration_minutes", 50)]
)
def test_each_order_has_each_conversation_once(
    student: Person, large: list[int], ordering: str, limit: int
) -> None:
    small = [row["id"] for row in student.client.get(VOICE, {"ordering": ordering, "fields": "id"}).json()]
    found = pages(student, VOICE, ordering=ordering, limit=limit)
    assert flat(found) == small
    assert len(found) in (3, 4)
    assert sorted(small) == sorted(large)


def test_a_page_after_a_cursor_without_a_limit_ends_at_its_bytes(student: Person, large: list[int]) -> None:
    first = student.client.get(VOICE, {"limit": 1})
    link = first.headers["Link"].partition(">")[0].lstrip("<").replace("&limit=1", "")
    assert flat(pages(student, link)) == large[1:]


def test_small_conversations_are_read_in_one_statement(student: Person) -> None:
    save(student, *({"full_text": "Hola"} for _ in range(60)))
    for query in ({}, {"limit": 50}, {"limit": 200}):
        with CaptureQueriesContext(connection) as queries:
            assert student.client.get(VOICE, query).status_code == 200
        assert len(queries) == 2  # with that of the guard


def test_a_page_of_shared_conversations_ends_at_its_bytes(student: Person, teacher: Person) -> None:
    ids = save(student, *(text_of(1_300_000, number) for number in range(5)))
    for pk in reversed(ids):
        Share.objects.create(conversation_id=pk, learner=student.user, teacher=teacher.user)
    for limit in (50, 200):
        found = pages(teacher, SHARED, limit=limit)
        assert [len(page) for page in found] == [3, 2]
        assert flat(found) == ids


def test_a_page_of_cards_ends_at_its_bytes_as_json(student: Person) -> None:
    at = timezone.now()
    # Each character is one byte in the database, and six in JSON.
    Card.objects.bulk_create(
        Card(learner=student.user, front="\x01" * 10_000, back="\x02" * 10_000, due_at=at, created_at=at)
        for _ in range(70)
    )
    found = pages(student, CARDS, limit=200)
    assert [len(page) for page in found] == [33, 33, 4]
    assert flat(found) == list(Card.objects.order_by("pk").values_list("pk", flat=True))


def test_pages_of_messages_end_at_their_bytes(student: Person, teacher: Person) -> None:
    chat = student.open_chat(teacher)
    for _ in range(2):
        student.write(chat)
    rows = [
        Message(chat_id=chat["id"], seq=seq, sender=student.user, content="\x01" * 10_000)
        for seq in range(3, 101)
    ]
    Message.objects.bulk_create(rows)
    # Four messages have corrections of 1.3 MB.
    Correction.objects.bulk_create(
        Correction(
            learner=student.user,
            author=teacher.user,
            source="peer",
            quote="Hola",
            corrected="\x01" * 10_000,
            explanation="\x02" * 900,
            message=message,
        )
        for message in rows[40:44]
        for _ in range(20)
    )
    path = f"{CHATS}{chat['id']}/messages/"
    later: list[int] = []
    while rows_of_page := messages(teacher, path, after_seq=later[-1] if later else 0, limit=200):
        later += rows_of_page
    assert later == list(range(1, 101))
    earlier = messages(teacher, path, limit=200)
    assert earlier[-1] == 100 and len(earlier) < 70
    while rows_of_page := messages(teacher, path, before_seq=earlier[0], limit=200):
        earlier = rows_of_page + earlier
    assert earlier == later


def messages(person: Person, path: str, **query: Any) -> list[int]:
    """The ``seq`` of the messages of a page."""
    [(rows, size)] = answers(person, path, **query)
    assert size <= PAGE_BYTES
    return [row["seq"] for row in rows]


def test_a_list_without_limit_is_streamed_up_to_its_bytes(student: Person) -> None:
    ids = save(student, *({"full_text": text_of(2_400_000, number)} for number in range(9)))
    for query in ({}, {"search": "tortilla"}):
        first, *others = answers(student, VOICE, **query)
        assert first[1] <= LIST_BYTES
        found = [[row["id"] for row in rows] for rows, _ in (first, *others)]
        assert [len(page) for page in found] == [8, 1]
        assert flat(found) == ids
        one = student.client.get(f"{VOICE}{ids[7]}/").json()
        assert first[0][7] == one
        assert list(first[0][7]) == list(one)


def test_a_streamed_list_has_the_headers_of_a_page(student: Person) -> None:
    save(student, *({"full_text": text_of(2_400_000, number)} for number in range(9)))
    for method in (student.client.get, student.client.head):
        response = method(VOICE, headers={"Prefer": "count=exact"})
        assert response.status_code == 200
        assert response.streaming
        assert response.headers["Content-Type"] == "application/json"
        assert response.headers["X-Total-Count"] == "9"
        assert 'rel="next"' in response.headers["Link"]
        assert len(response.getvalue()) > 19_000_000 or method == student.client.head
    assert response.getvalue() == b""


def test_a_streamed_list_has_no_link_at_its_end(student: Person) -> None:
    ids = save(student, *({"full_text": "Hola. " * 300_000} for _ in range(5)))
    [(rows, _)] = answers(student, f"{VOICE}by-language/es/", fields="transcription,id")
    assert [row["id"] for row in rows] == ids
    assert {len(row["transcription"]["full_text"]) for row in rows} == {1_800_000}


def test_a_streamed_list_of_many_rows_ends_at_500(student: Person) -> None:
    save(student, *({"full_text": "Hola. " * 2_000} for _ in range(502)))
    first, *others = answers(student, VOICE)
    assert [len(first[0]), *(len(rows) for rows, _ in others)] == [500, 2]
