"""Orders of the lists of conversations, their pages and cursors."""

import itertools
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from accounts.models import VoiceConversation
from accounts.models.voice_conversations import VoiceConversationQuerySet
from tests.fixtures.people import VOICE, Person

pytestmark = pytest.mark.django_db
MINUTES = [12, None, 5, 12, 0, 1440, None, 5, 5, 12, None]
PATHS = [VOICE, f"{VOICE}by-language/es/", f"{VOICE}by-type/practice/"]
ORDERINGS = ["created_at", "-created_at", "duration_minutes", "-duration_minutes"]


@pytest.fixture
def saved(student: Person) -> list[VoiceConversation]:
    """Conversations of three instants: three or four of them have the same one."""
    rows = VoiceConversation.objects.bulk_create(
        VoiceConversation(
            user=student.user,
            topic="Tortilla",
            transcription="x",
            search_text="tortilla",
            target_language_code="es",
            duration_minutes=minutes,
        )
        for minutes in MINUTES
    )
    for number, row in enumerate(rows):
        row.created_at = timezone.now() + timedelta(hours=number % 3)
    VoiceConversation.objects.bulk_update(rows, ["created_at"])
    return rows


def expected(rows: list[VoiceConversation], ordering: str) -> list[int]:
    """The ids of the rows in this order, by a plain sort."""
    name, sign = ordering.lstrip("-"), -1 if ordering.startswith("-") else 1

    def key(row: VoiceConversation) -> tuple[Any, ...]:
        value = getattr(row, name)
        number = value.timestamp() if name == "created_at" else value
        return (value is None, 0 if value is None else sign * number, sign * row.pk)

    return [row.pk for row in sorted(rows, key=key)]


def pages(person: Person, path: str, **query: Any) -> Iterator[list[int]]:
    """The ids of each page."""
    for _ in range(30):
        response = person.client.get(path, query)
        assert response.status_code == 200, response.json()
        yield [row["id"] for row in response.json()]
        path, query = response.headers.get("Link", "").partition(">")[0].lstrip("<"), {}
        if not path:
            return
    raise AssertionError("the pages repeat")


@pytest.mark.slow
@pytest.mark.parametrize("ordering", ORDERINGS)
@pytest.mark.parametrize("path", PATHS)
def test_pages_have_each_conversation_once_in_order(
    student: Person, saved: list[VoiceConversation], path: str, ordering: str
) -> None:
    for limit in (1, 4, 50):
        found = list(pages(student, path, ordering=ordering, limit=limit))
        assert list(itertools.chain(*found)) == expected(saved, ordering)
        assert all(len(page) == limit for page in found[:-1])


@pytest.mark.parametrize("ordering", ORDERINGS)
@pytest.mark.parametrize("near", [100, 2])
def test_filters_searches_and_fields_keep_the_order(
    student: Person,
    saved: list[VoiceConversation],
    ordering: str,
    near: int,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(VoiceConversationQuerySet, "near_rows", near)
    monkeypatch.setattr(VoiceConversationQuerySet, "far_rows", near * 2)
    long = [row for row in saved if (row.duration_minutes or 0) >= 5]
    query = {
        "ordering": ordering,
        "min_minutes": 5,
        "search": "tortilla",
        "language": "es,ja",
        "fields": "id",
    }
    assert list(itertools.chain(*pages(student, VOICE, limit=2, **query))) == expected(long, ordering)


@pytest.mark.parametrize("ordering", ORDERINGS)
def test_a_new_conversation_is_neither_skipped_nor_repeated(
    student: Person, saved: list[VoiceConversation], ordering: str
) -> None:
    found = pages(student, VOICE, ordering=ordering, limit=3)
    seen = next(found)
    for minutes in (0, 12, 1440, None):
        student.save_conversation(duration_minutes=minutes)
    seen += itertools.chain(*found)
    assert len(seen) == len(set(seen))
    assert [pk for pk in seen if pk <= saved[-1].pk] == expected(saved, ordering)


def test_a_cursor_of_another_ordering_is_refused(student: Person, saved: list[VoiceConversation]) -> None:
    link = student.client.get(VOICE, {"ordering": "duration_minutes", "limit": 2})["Link"]
    url = link.partition("<")[2].partition(">")[0]
    assert student.client.get(url).status_code == 200
    for other in ("created_at", "-duration_minutes", "-created_at", ""):
        refused = student.client.get(url.replace("ordering=duration_minutes", f"ordering={other}"))
        assert refused.status_code == 400
        assert "with the same ordering" in refused.json()["errors"]["cursor"][0]


def test_an_unknown_ordering_is_refused_with_the_known_ones(student: Person) -> None:
    for name in ("topic", "DURATION_MINUTES", "longest"):
        refused = student.client.get(VOICE, {"ordering": name})
        assert refused.status_code == 400
        assert refused.json()["errors"]["ordering"] == [f"Expected one of {', '.join(ORDERINGS)}."]


@pytest.mark.parametrize("ordering", ORDERINGS)
@pytest.mark.usefixtures("saved")
def test_a_page_takes_two_queries(student: Person, django_assert_num_queries: Any, ordering: str) -> None:
    with django_assert_num_queries(2):  # caller, page
        assert len(student.client.get(VOICE, {"ordering": ordering}).json()) == len(MINUTES)
