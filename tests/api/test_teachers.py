"""Teachers: creation, teaching profile, list."""

from typing import Any

import pytest
from django.utils import timezone

from accounts.models import Teacher, User
from accounts.models.bans import FOREVER
from accounts.services import teachers
from tests.fixtures.people import Person

TEACHERS = "/accounts/teachers/"
MINE = f"{TEACHERS}me/"
PROFILE = {
    "headline": "Spanish from Bogotá",
    "about": "Ten years of patience.",
    "qualification": "M.A. in linguistics",
    "experience_years": 10,
    "certificates": ["DELE examiner"],
}
KEYS = {
    *("id", "name", "role", "profile_picture", "native_language", "learning_languages", "bio", "city"),
    *("country", "created_at", "headline", "about", "qualification", "experience_years", "certificates"),
    *("is_verified", "gigs", "gigs_count", "lowest_price", "lowest_price_currency", "prices"),
}
GIG_KEYS = {
    *("id", "title", "description", "language", "language_code", "price_per_session", "currency"),
    *("session_minutes", "tags", "what_is_included", "status", "suspension_reason", "created_at"),
    "updated_at",
}


def test_a_teacher_has_the_documented_keys(teacher: Person, student: Person, staff: Person) -> None:
    teacher.offer()
    mine = teacher.client.get(MINE).json()
    for person in (teacher, student, staff):
        listed = person.client.get(TEACHERS).json()
        assert listed == [person.client.get(f"{TEACHERS}{teacher.user.pk}/").json()] == [mine]
        assert set(mine) == KEYS
        assert set(mine["gigs"][0]) == GIG_KEYS


def test_a_user_becomes_a_teacher_once(student: Person) -> None:
    assert student.client.get(MINE).json()["code"] == "not_a_teacher"
    assert student.client.patch(MINE, {"about": "x"}).status_code == 404
    response = student.client.post(TEACHERS, PROFILE)
    assert response.status_code == 201
    assert {name: response.json()[name] for name in PROFILE} == PROFILE
    assert (response.json()["role"], response.json()["gigs"]) == ("teacher", [])
    repeated = student.client.post(TEACHERS, {"headline": "Other"})
    assert (repeated.status_code, repeated.json()["code"]) == (409, "already_a_teacher")
    assert student.client.get(MINE).json() == response.json()
    assert student.client.get("/accounts/users/me/").json()["role"] == "teacher"
    student.offer()


def test_a_change_keeps_other_and_read_only_fields(teacher: Person) -> None:
    before = teacher.client.patch(MINE, PROFILE).json()
    after = teacher.client.patch(MINE, {"about": "", "is_verified": True, "role": "student", "id": 1})
    assert after.json() == {**before, "about": ""}
    assert not Teacher.objects.get().is_verified


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"headline": "x" * 151}, "headline"),
        ({"about": "x" * 5001}, "about"),
        ({"qualification": "x" * 201}, "qualification"),
        ({"experience_years": -1}, "experience_years"),
        ({"experience_years": 81}, "experience_years"),
        ({"certificates": ["x" * 201]}, "certificates"),
        ({"certificates": ["x"] * 21}, "certificates"),
        ({"certificates": "DELE"}, "certificates"),
    ],
)
def test_an_invalid_profile_is_a_400_that_names_the_field(
    student: Person, teacher: Person, change: Any, field: str
) -> None:
    for response in (student.client.post(TEACHERS, change), teacher.client.patch(MINE, change)):
        assert response.status_code == 400
        assert [name.split(".")[0] for name in response.json()["errors"]] == [field]
    assert Teacher.objects.count() == 1


def test_a_teacher_is_listed_while_a_gig_is_active(teacher: Person, student: Person) -> None:
    assert student.client.get(TEACHERS).json() == []
    gig = teacher.offer(status="draft")
    assert student.client.get(TEACHERS).json() == []
    teacher.client.post(f"/accounts/gigs/{gig['id']}/activate/")
    assert len(student.client.get(TEACHERS).json()) == 1
    teacher.client.post(f"/accounts/gigs/{gig['id']}/pause/")
    assert student.client.get(TEACHERS).json() == []
    assert student.client.get(f"{TEACHERS}{teacher.user.pk}/").json()["gigs"] == []


def test_the_gigs_of_a_teacher_are_ordered_by_currency_and_price(teacher: Person, student: Person) -> None:
    for price, currency in (("20", "EUR"), ("7.5", "USD"), ("9", "EUR")):
        teacher.offer(price_per_session=price, currency=currency)
    teacher.offer(price_per_session="1", status="draft")
    [found] = student.client.get(TEACHERS).json()
    assert [gig["price_per_session"] for gig in found["gigs"]] == ["9.00", "20.00", "7.50"]


def test_the_lowest_price_is_in_the_requested_currency(teacher: Person, student: Person) -> None:
    for price, currency in (("20", "EUR"), ("2000", "JPY"), ("9", "EUR")):
        teacher.offer(price_per_session=price, currency=currency)
    teacher.offer(price_per_session="1", status="draft")
    one = f"{TEACHERS}{teacher.user.pk}/"
    for query, price, asked in (("", None, None), ("?currency=jpy", "2000.00", "JPY")):
        for found in (student.client.get(one + query).json(), *student.client.get(TEACHERS + query).json()):
            assert (found["lowest_price"], found["lowest_price_currency"]) == (price, asked)
            assert found["prices"] == {"EUR": "9.00", "JPY": "2000.00"}
    found = student.client.get(f"{one}?currency=USD").json()
    assert (found["lowest_price"], found["lowest_price_currency"]) == (None, "USD")
    assert student.client.get(f"{TEACHERS}?currency=USD").json() == []


def test_an_unknown_currency_is_a_400(teacher: Person, student: Person) -> None:
    for path in (TEACHERS, f"{TEACHERS}{teacher.user.pk}/", "/accounts/gigs/"):
        response = student.client.get(path, {"currency": "XYZ"})
        assert (response.status_code, list(response.json()["errors"])) == (400, ["currency"])
        assert "ISO 4217" in response.json()["detail"]


def test_banned_deleted_and_staff_users_are_not_listed(make_teacher: Any, student: Person) -> None:
    for change in ({"banned_until": FOREVER}, {"deleted_at": timezone.now()}, {"is_staff": True}):
        person = make_teacher("Eva")
        person.offer()
        one = f"{TEACHERS}{person.user.pk}/"
        assert student.client.get(one).status_code == 200
        User.objects.filter(pk=person.user.pk).update(**change)
        assert student.client.get(one).status_code == 404
        assert student.client.get(TEACHERS).json() == []


def test_the_lowest_price_is_that_of_the_matching_gigs(make_teacher: Any, student: Person) -> None:
    cheap, dear = make_teacher("Eva"), make_teacher("Zoe")
    cheap.offer(price_per_session="10", currency="EUR", language="Spanish")
    dear.offer(price_per_session="90", currency="EUR", language="Spanish")
    dear.offer(price_per_session="1", currency="JPY", language="French")
    query = {"language": "Spanish", "currency": "EUR", "ordering": "price"}
    found = student.client.get(TEACHERS, query).json()
    assert [(each["name"], each["lowest_price"]) for each in found] == [("Eva", "10.00"), ("Zoe", "90.00")]
    assert [len(each["gigs"]) for each in found] == [1, 2]


def test_a_change_of_the_qualification_resets_the_verification(teacher: Person) -> None:
    teacher.client.patch(MINE, PROFILE)
    teachers.verify_teacher(pk=teacher.user.pk, verified=True)
    assert teacher.client.patch(MINE, {**PROFILE, "about": "New"}).json()["is_verified"] is True
    assert teacher.client.patch(MINE, {"qualification": "Ph.D."}).json()["is_verified"] is False


def test_verifying_keeps_a_concurrent_change_of_the_profile(teacher: Person, student: Person) -> None:
    teacher.offer()
    stale = Teacher.objects.get()
    teacher.client.patch(MINE, {"headline": "Quechua too"})
    stale.verify(verified=True)
    assert len(student.client.get(TEACHERS, {"search": "quechua"}).json()) == 1


def test_a_list_has_the_first_five_gigs_of_each_teacher(
    teacher: Person, student: Person, django_assert_num_queries: Any
) -> None:
    for price in range(9, 2, -1):
        teacher.offer(price_per_session=f"{price}.00", currency="EUR")
    teacher.offer(price_per_session="90.00", currency="CHF")
    with django_assert_num_queries(3):  # the guard, the teachers, the gigs of all of them
        [listed] = student.client.get(TEACHERS, {"language": "Spanish"}).json()
    whole = student.client.get(f"{TEACHERS}{teacher.user.pk}/").json()
    assert [gig["price_per_session"] for gig in listed["gigs"]] == ["90.00", "3.00", "4.00", "5.00", "6.00"]
    assert (len(whole["gigs"]), whole["gigs_count"], listed["gigs_count"]) == (8, 8, 8)
    assert listed == {**whole, "gigs": whole["gigs"][:5]}
    assert listed["prices"] == {"CHF": "90.00", "EUR": "3.00"}
