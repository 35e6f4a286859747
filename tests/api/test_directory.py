"""The directory of users: the fields, filters and pages that every caller sees."""

from datetime import timedelta
from typing import Any

from django.utils import timezone

from accounts.models import User
from accounts.models.bans import FOREVER
from tests.fixtures.people import Person

USERS = "/accounts/users/"
KEYS = {
    *("id", "name", "role", "profile_picture", "native_language", "learning_languages", "bio", "city"),
    *("country", "created_at"),
}
TEACHER_KEYS = {
    *("headline", "about", "qualification", "experience_years", "certificates", "is_verified"),
    *("created_at", "updated_at"),
}


def names(person: Person, **filters: str) -> list[str]:
    return [found["name"] for found in person.client.get(USERS, filters).json()]


def test_user_has_exactly_these_keys_for_every_caller(
    student: Person, teacher: Person, staff: Person
) -> None:
    for person in (student, teacher, staff):
        listed = person.client.get(USERS).json()
        assert [found["name"] for found in listed] == ["Tomás", "Ana"]
        for found in listed:
            assert set(found) == KEYS
            one = person.client.get(f"{USERS}{found['id']}/").json()
            assert set(one) == {*KEYS, "teacher"}
            assert {name: one[name] for name in KEYS} == found
            assert (set(one["teacher"]) == TEACHER_KEYS) if one["role"] == "teacher" else not one["teacher"]


def test_private_fields_of_other_users_are_never_returned(make_person: Any, student: Person) -> None:
    secrets = {"phone_number": "+46 70 123", "date_of_birth": "1990-02-28"}
    other = make_person("Zoe", **secrets)
    for path in (USERS, f"{USERS}{other.user.pk}/"):
        text = student.client.get(path).content.decode()
        assert not any(secret in text for secret in (*secrets.values(), other.user.email))


def test_filters_and_search_find_users(make_person: Any, student: Person, teacher: Person) -> None:
    make_person("José", native_language="Deutsch", learning_languages=["español", "ja"], bio="Plays the oud")
    make_person("Zoë", native_language="German", city="Łódź", learning_languages=["Japanese"])
    assert names(student, role="teacher") == ["Tomás"]
    assert names(student, role="student") == ["Zoë", "José", "Ana"]
    assert names(student, native_language="de") == ["Zoë", "José"]
    assert names(student, learning_language="Spanish") == ["José"]
    assert names(student, learning_language="日本語", native_language="allemand") == ["Zoë", "José"]
    for search, found in {
        "jose": ["José"],
        "JOSÉ": ["José"],
        "oud jos": ["José"],
        "zoe lodz": ["Zoë"],
        "oud lodz": [],
        "%": [],
        "_": [],
        "": ["Zoë", "José", "Tomás", "Ana"],
    }.items():
        assert names(student, search=search) == found, search
    response = student.client.get(USERS, {"role": "admin"})
    assert (response.status_code, list(response.json()["errors"])) == (400, ["role"])


def test_staff_and_banned_and_deleted_users_are_not_listed(make_person: Any, student: Person) -> None:
    for change in ({"banned_until": FOREVER}, {"deleted_at": timezone.now()}, {"is_staff": True}):
        person = make_person("Eva")
        one = f"{USERS}{person.user.pk}/"
        assert student.client.get(one).status_code == 200
        User.objects.filter(pk=person.user.pk).update(**change)
        assert student.client.get(one).status_code == 404
        assert names(student) == ["Ana"]


def test_users_are_listed_again_when_their_ban_ends(make_person: Any, student: Person) -> None:
    eva = make_person("Eva", banned_until=timezone.now() + timedelta(hours=1))
    assert names(student) == ["Ana"]
    User.objects.filter(pk=eva.user.pk).update(banned_until=timezone.now() - timedelta(seconds=1))
    assert names(student) == ["Eva", "Ana"]


def test_pages_contain_every_user_once(make_person: Any, student: Person) -> None:
    for number in range(6):
        make_person(f"P{number}")
    seen, url = [], f"{USERS}?limit=3"
    while url:
        page = student.client.get(url)
        seen += [found["name"] for found in page.json()]
        url = page.headers.get("Link", "").partition(">")[0].lstrip("<")
    assert seen == [f"P{number}" for number in reversed(range(6))] + ["Ana"]


def test_list_of_many_users_costs_two_queries(
    make_teacher: Any, student: Person, django_assert_num_queries: Any
) -> None:
    for number in range(10):
        make_teacher(f"T{number}")
    student.client.get(USERS)
    with django_assert_num_queries(2):  # the guard, the list
        assert len(student.client.get(USERS).json()) == 11
