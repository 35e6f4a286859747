"""Pages of a search: each row once and in order, whether a word is frequent or rare; and the time limit."""

import itertools
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.db.models import BooleanField, Func, Value
from django.utils import timezone

from accounts.models import Gig, Teacher, User, VoiceConversation
from accounts.models.gigs import GigQuerySet
from accounts.models.search import first_rows
from accounts.models.teachers import TeacherQuerySet
from accounts.models.users import UserQuerySet
from accounts.models.voice_conversations import VoiceConversationQuerySet
from accounts.services import teachers
from tests.fixtures.people import GIGS, VOICE, Person

NEAR, FAR = 4, 10
COUNT = 45
# Every second row has even, every ninth has rare, the oldest has old; every row has row.
TEXT = "row {0}{1}{2}{3}"
WORDS = {"row": COUNT, "even": 23, "rare": 5, "old": 1, "absent": 0, "even odd": 0, "rare even": 3, "世": 5}


@pytest.fixture
def near(monkeypatch: pytest.MonkeyPatch) -> None:
    """Searches walk over few rows only."""
    for kind in (GigQuerySet, TeacherQuerySet, UserQuerySet, VoiceConversationQuerySet):
        monkeypatch.setattr(kind, "near_rows", NEAR)
        monkeypatch.setattr(kind, "far_rows", FAR)


def text_of(number: int) -> str:
    parity = " odd" if number % 2 else " even"
    return TEXT.format(number, parity, "" if number % 9 else " rare 世界", "" if number else " old")


def pages(person: Person, path: str, **query: Any) -> Iterator[Any]:
    """The rows of all pages."""
    url = path
    for number in itertools.count():
        if not url:
            return
        assert number < 100, "the pages repeat"
        response = person.client.get(url, query)
        assert response.status_code == 200
        yield from response.json()
        url, query = response.headers.get("Link", "").partition(">")[0].lstrip("<"), {}


@pytest.mark.slow
@pytest.mark.usefixtures("near")
@pytest.mark.parametrize(("word", "count"), WORDS.items())
def test_pages_of_conversations_have_each_hit_once(student: Person, word: str, count: int) -> None:
    at = timezone.now()
    rows = [
        VoiceConversation(user=student.user, topic="t", transcription="x", search_text=text_of(number))
        for number in range(COUNT)
    ]
    VoiceConversation.objects.bulk_create(rows)
    # Five instants: rows of one instant are on both sides of the edge of the first rows.
    for number, row in enumerate(rows):
        row.created_at = at + timedelta(seconds=number // 9)
    VoiceConversation.objects.bulk_update(rows, ["created_at"])
    expected = [row.pk for row in rows[::-1] if all(part in row.search_text for part in word.split())]
    assert len(expected) == count
    for limit in (1, 7, 50):
        assert [row["id"] for row in pages(student, VOICE, search=word, limit=limit)] == expected, limit


@pytest.mark.slow
@pytest.mark.usefixtures("near")
def test_pages_of_gigs_teachers_and_users_have_each_hit_once(make_teacher: Any, student: Person) -> None:
    people = [make_teacher(f"Teacher{number} {'' if number % 9 else 'rare'}") for number in range(13)]
    for number, teacher in enumerate(people):
        teacher.offer(title=text_of(number), price_per_session=number % 3, currency="EUR")
    for word, order in itertools.product(("row", "even", "rare", "teacher1", "absent"), ("newest", "price")):
        names = {
            str(teacher.user.pk): f"{text_of(number)} {teacher.user.name.lower()}"
            for number, teacher in enumerate(people)
        }
        wanted = sorted(pk for pk, text in names.items() if word in text)
        query = {"search": word, "ordering": order, "currency": "EUR", "limit": 2}
        assert sorted(gig["teacher"]["id"] for gig in pages(student, GIGS, **query)) == wanted, word
        found = [teacher["id"] for teacher in pages(student, "/accounts/teachers/", **query)]
        assert sorted(found) == wanted, (word, order)
    found = [user["id"] for user in pages(student, "/accounts/users/", search="rare", limit=1)]
    assert found == [str(people[9].user.pk), str(people[0].user.pk)]


@pytest.mark.usefixtures("near")
def test_a_filter_after_the_search_applies_to_it(student: Person, teacher: Person) -> None:
    gigs = [teacher.offer(title="row", currency=("EUR", "USD")[number % 2])["id"] for number in range(4)]
    found = Gig.objects.active().mentioning("row").in_currency("EUR").newest_first()
    assert [gig.pk for gig in first_rows(found, 3)] == [gigs[2], gigs[0]]
    teachers = Teacher.objects.listed().mentioning("row", Gig.objects.active()).order_by("-created_at")
    assert len(first_rows(teachers, 3)) == 1
    assert first_rows(teachers.filter(is_verified=True), 3) == []
    assert first_rows(teachers.exclude(is_verified=False), 3) == []


def found_gigs(person: Person, word: str) -> list[int]:
    return [gig["id"] for gig in person.client.get(GIGS, {"search": word}).json()]


def test_gigs_are_found_by_the_present_profile_of_their_user(teacher: Person, student: Person) -> None:
    gig = teacher.offer()["id"]
    for city, country in (("Praha", "Czechia"), ("Łódź", "Poland")):
        teacher.client.patch("/accounts/users/me/", {"city": city, "country": country})
        assert found_gigs(student, f"{city} {country}") == [gig]
    assert found_gigs(student, "praha") == []
    teacher.client.patch(f"{GIGS}{gig}/", {"title": "Bohemian"})
    assert found_gigs(student, "bohemian lodz") == [gig]


def test_the_search_text_of_gigs_equals_both_texts_after_any_save(teacher: Person) -> None:
    teacher.offer()
    gig, user = Gig.objects.get(), User.objects.get(pk=teacher.user.pk)
    Gig.objects.update(full_search_text="stale")
    assert both_texts() == kept_text()
    user.bio = "Likes tea"  # as the admin saves it, all columns
    user.save()
    gig.title = "Tea time"
    gig.save()
    assert both_texts() == kept_text() and "likes tea" in kept_text() and "tea time" in kept_text()
    user.anonymise(at=timezone.now())
    assert both_texts() == kept_text() and "likes tea" not in kept_text()
    teachers.delete_teacher(user=user)
    assert not Gig.objects.exists() and not Teacher.objects.exists()


def kept_text() -> str:
    return Gig.objects.get().full_search_text


def both_texts() -> str:
    gig = Gig.objects.select_related("teacher__user").get()
    return f"{gig.search_text}\n{gig.teacher.user.search_text}"


SLOW = """
create or replace function pg_temp.slow(text, text) returns boolean language plpgsql cost 1 as
$$ begin perform pg_sleep(0.2); return true; end $$"""


def test_a_search_that_takes_too_long_says_what_to_do(
    student: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    student.save_conversation()
    with connection.cursor() as cursor:
        cursor.execute(SLOW)
    slow = Func(Value(""), Value(""), function="pg_temp.slow", output_field=BooleanField())
    monkeypatch.setattr("accounts.models.search.MAX_MILLISECONDS", 50)

    def mentioning(rows: Any, text: str) -> Any:
        return rows.searched(slow)

    mentioning.__module__ = "accounts.models"  # CompiledRows call no other methods
    monkeypatch.setattr(VoiceConversationQuerySet, "mentioning", mentioning)
    answer = student.client.get(VOICE, {"search": "a"})
    assert (answer.status_code, answer.json()["code"]) == (503, "search_too_broad")
    assert "longer or rarer word" in answer.json()["detail"]
