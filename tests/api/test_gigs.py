"""Gigs: creation, changes, activation, pause, deletion, and suspension by staff."""

import uuid
from typing import Any

import pytest
from django.utils import timezone

from accounts.models import Gig, User
from accounts.models.bans import FOREVER
from accounts.models.gigs import MAX_GIGS
from accounts.services import gigs, teachers
from tests.fixtures.people import GIG, GIGS, Person
from tests.fixtures.staff import make_gigs

KEYS = {
    *("id", "teacher", "title", "description", "language", "language_code", "price_per_session"),
    *("currency", "session_minutes", "tags", "what_is_included", "status", "suspension_reason"),
    *("created_at", "updated_at"),
}
TEACHER_KEYS = {"id", "name", "profile_picture", "headline", "experience_years", "is_verified"}


def one(gig: dict[str, Any]) -> str:
    return f"{GIGS}{gig['id']}/"


def test_a_gig_has_the_documented_keys_for_everybody(teacher: Person, student: Person, staff: Person) -> None:
    gig = teacher.offer()
    for person in (teacher, student, staff):
        for found in (person.client.get(one(gig)).json(), *person.client.get(GIGS).json()):
            assert set(found) == KEYS
            assert set(found["teacher"]) == TEACHER_KEYS
            assert found == gig
    assert teacher.client.get(f"{GIGS}mine/").json() == [gig]
    assert student.client.get(f"{GIGS}mine/").json() == []


def test_a_gig_is_returned_as_it_was_sent(teacher: Person) -> None:
    gig = teacher.offer()
    assert {name: gig[name] for name in GIG} == GIG
    assert (gig["language_code"], gig["status"], gig["suspension_reason"]) == ("es", "active", None)
    assert gig["teacher"]["id"] == str(teacher.user.pk)


def test_only_teachers_create_gigs(student: Person, staff: Person, teacher: Person) -> None:
    for person in (student, staff):
        response = person.client.post(GIGS, GIG)
        assert (response.status_code, response.json()["code"]) == (403, "teachers_only")
    assert teacher.client.post(GIGS, GIG).status_code == 201


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"title": " "}, "title"),
        ({"title": "x" * 201}, "title"),
        ({"description": ""}, "description"),
        ({"language": ""}, "language"),
        ({"language": "x" * 51}, "language"),
        ({"price_per_session": "-0.01"}, "price_per_session"),
        ({"price_per_session": "1.999"}, "price_per_session"),
        ({"price_per_session": "123456789.00"}, "price_per_session"),
        ({"price_per_session": None}, "price_per_session"),
        ({"price_per_session": "NaN"}, "price_per_session"),
        ({"price_per_session": True}, "price_per_session"),
        ({"currency": "XYZ"}, "currency"),
        ({"currency": "u\u017fd"}, "currency"),  # its upper case is USD
        ({"currency": ""}, "currency"),
        ({"session_minutes": 0}, "session_minutes"),
        ({"session_minutes": 1441}, "session_minutes"),
        ({"session_minutes": "long"}, "session_minutes"),
        ({"tags": "beginner"}, "tags"),
        ({"tags": ["x" * 51]}, "tags"),
        ({"tags": ["x"] * 21}, "tags"),
        ({"tags": [""]}, "tags"),
        ({"status": "suspended"}, "status"),
        ({"status": "paused"}, "status"),
        ({"client_id": "1"}, "client_id"),
    ],
)
def test_an_invalid_gig_is_a_400_that_names_the_field(teacher: Person, change: Any, field: str) -> None:
    response = teacher.client.post(GIGS, {**GIG, **change})
    assert response.status_code == 400
    assert [name.split(".")[0] for name in response.json()["errors"]] == [field]
    assert not Gig.objects.exists()


def test_a_currency_is_accepted_in_lower_case(teacher: Person) -> None:
    assert teacher.offer(currency="jpy")["currency"] == "JPY"


def test_a_price_of_minus_zero_is_zero(teacher: Person) -> None:
    for price in ("-0", "-0e5", -0.0):
        assert teacher.offer(price_per_session=price)["price_per_session"] == "0.00"


def test_a_retry_returns_the_first_gig_as_changed(teacher: Person) -> None:
    client_id = str(uuid.uuid4())
    first = teacher.offer(client_id=client_id)
    changed = teacher.client.patch(one(first), {"title": "Better"}).json()
    retry = teacher.client.post(GIGS, {**GIG, "client_id": client_id, "status": "active"})
    assert (retry.status_code, retry.json()) == (200, changed)


def test_a_client_id_with_another_gig_is_a_409(teacher: Person) -> None:
    client_id = str(uuid.uuid4())
    teacher.offer(client_id=client_id)
    response = teacher.client.post(GIGS, {**GIG, "client_id": client_id, "title": "Other"})
    assert (response.status_code, response.json()["code"]) == (409, "client_id_reused")


def test_a_gig_beyond_the_limit_is_a_409_until_one_is_deleted(teacher: Person, make_teacher: Any) -> None:
    """Gigs count in every status, and those of each teacher alone."""
    make_gigs(teacher.user, MAX_GIGS - 1)
    last = teacher.offer(client_id=str(uuid.uuid4()))
    response = teacher.client.post(GIGS, GIG)
    assert (response.status_code, response.json()["code"]) == (409, "too_many_gigs")
    assert response.json()["detail"].endswith("Delete those that you no longer offer.")
    assert Gig.objects.count() == MAX_GIGS
    assert make_teacher("Eva").offer()["status"] == "active"
    assert teacher.client.delete(one(last)).status_code == 204
    assert teacher.client.post(GIGS, GIG).status_code == 201
    assert teacher.client.post(GIGS, GIG).status_code == 409


def test_a_retry_at_the_limit_returns_the_first_gig(teacher: Person) -> None:
    make_gigs(teacher.user, MAX_GIGS - 1)
    body = {**GIG, "client_id": str(uuid.uuid4())}
    first = teacher.client.post(GIGS, body)
    retry = teacher.client.post(GIGS, body)
    assert (first.status_code, retry.status_code, retry.json()) == (201, 200, first.json())
    response = teacher.client.post(GIGS, {**body, "title": "Other"})
    assert (response.status_code, response.json()["code"]) == (409, "client_id_reused")


def test_a_teacher_with_more_gigs_than_the_limit_keeps_and_changes_them(teacher: Person) -> None:
    made = make_gigs(teacher.user, MAX_GIGS + 2)
    gig = f"{GIGS}{made[0].pk}/"
    assert teacher.client.patch(gig, {"title": "Better"}).status_code == 200
    assert teacher.client.post(f"{gig}activate/").json()["status"] == "active"
    assert teacher.client.post(f"{gig}pause/").json()["status"] == "paused"
    assert teacher.client.delete(gig).status_code == 204
    assert teacher.client.post(GIGS, GIG).status_code == 409
    assert Gig.objects.count() == MAX_GIGS + 1


def test_the_owner_replaces_changes_and_deletes_a_gig(teacher: Person) -> None:
    gig = teacher.offer()
    assert teacher.client.put(one(gig), {**GIG, "title": "Mine"}).json()["title"] == "Mine"
    assert teacher.client.patch(one(gig), {"price_per_session": "9.5"}).json()["price_per_session"] == "9.50"
    assert teacher.client.delete(one(gig)).status_code == 204
    assert teacher.client.get(one(gig)).status_code == 404


def test_a_change_of_one_field_keeps_the_others(teacher: Person) -> None:
    gig = teacher.offer()
    changed = teacher.client.patch(one(gig), {"language": "日本語"}).json()
    assert {
        **gig,
        "language": "日本語",
        "language_code": "ja",
        "updated_at": changed["updated_at"],
    } == changed
    assert teacher.client.get(one(gig)).json() == changed


def test_a_change_sets_updated_at(teacher: Person) -> None:
    gig = teacher.offer()
    for body in ({"title": "New"}, {}):
        changed = teacher.client.patch(one(gig), body).json()
        assert changed["updated_at"] > gig["updated_at"]
        assert teacher.client.get(one(gig)).json()["updated_at"] == changed["updated_at"]


@pytest.mark.parametrize(("call", "more"), [("patch", 0), ("activate", 0), ("pause", 0), ("delete", 1)])
def test_a_write_costs_two_queries_and_one_for_the_user(
    teacher: Person, django_assert_num_queries: Any, call: str, more: int
) -> None:
    """A deletion has one more: whether the admin's log has entries about the gig."""
    gig = teacher.offer()
    teacher.client.get(one(gig))  # the first request of a process has one more query
    client = teacher.client
    calls = {
        "patch": lambda: client.patch(one(gig), {"title": "New"}),
        "activate": lambda: client.post(f"{one(gig)}activate/"),
        "pause": lambda: client.post(f"{one(gig)}pause/"),
        "delete": lambda: client.delete(one(gig)),
    }
    with django_assert_num_queries(5 + more):  # two of them begin and end the transaction
        assert calls[call]().status_code in (200, 204)


def test_a_creation_costs_three_queries_and_one_for_the_user(
    teacher: Person, django_assert_num_queries: Any
) -> None:
    """The lock, the teacher with the limit, and the INSERT. A ``client_id`` costs one more to look it up."""
    teacher.offer()  # the first request of a process has more queries
    retried = {**GIG, "client_id": str(uuid.uuid4())}
    for body, status, queries in ((GIG, 201, 6), (retried, 201, 7), (retried, 200, 5)):
        with django_assert_num_queries(queries):  # two of them begin and end the transaction
            assert teacher.client.post(GIGS, body).status_code == status


def test_a_write_of_another_status_is_a_400(teacher: Person) -> None:
    gig = teacher.offer(status="draft")
    response = teacher.client.patch(one(gig), {"status": "active"})
    assert (response.status_code, list(response.json()["errors"])) == (400, ["status"])
    assert teacher.client.put(one(gig), {**GIG, "status": "draft"}).status_code == 200


def test_a_draft_cannot_be_paused(teacher: Person) -> None:
    gig = teacher.offer(status="draft")
    response = teacher.client.post(f"{one(gig)}pause/")
    assert (response.status_code, response.json()["code"]) == (409, "gig_is_a_draft")


def test_a_gig_is_listed_while_it_is_active(teacher: Person, student: Person) -> None:
    gig = teacher.offer(status="draft")
    for verb, status, seen in (
        ("activate", "active", 200),
        ("pause", "paused", 404),
        ("activate", "active", 200),
    ):
        for _ in range(2):
            assert teacher.client.post(f"{one(gig)}{verb}/").json()["status"] == status
        assert student.client.get(one(gig)).status_code == seen
        assert len(student.client.get(GIGS).json()) == (seen == 200)


@pytest.fixture(params=["draft", "active"])
def suspended(teacher: Person, request: pytest.FixtureRequest) -> dict[str, Any]:
    """A suspended gig of the teacher, as it was before the suspension."""
    gig = teacher.offer(status=request.param)
    gigs.suspend_gig(pk=gig["id"], reason="Copied text.", at=timezone.now())
    return gig


def test_a_suspended_gig_is_visible_to_its_owner_and_staff_only(
    teacher: Person, student: Person, staff: Person, suspended: dict[str, Any]
) -> None:
    assert student.client.get(one(suspended)).status_code == 404
    assert student.client.get(GIGS).json() == staff.client.get(GIGS).json() == []
    for person in (teacher, staff):
        seen = person.client.get(one(suspended)).json()
        assert (seen["status"], seen["suspension_reason"]) == ("suspended", "Copied text.")


def test_the_owner_can_neither_activate_pause_nor_delete_a_suspended_gig(
    teacher: Person, suspended: dict[str, Any]
) -> None:
    for response in (
        teacher.client.post(f"{one(suspended)}activate/"),
        teacher.client.post(f"{one(suspended)}pause/"),
        teacher.client.delete(one(suspended)),
    ):
        assert (response.status_code, response.json()["code"]) == (409, "gig_suspended")
    assert Gig.objects.get().status == "suspended"


def test_no_write_changes_the_status_of_a_suspended_gig(teacher: Person, suspended: dict[str, Any]) -> None:
    for body in ({"status": "active"}, {"status": "suspended"}, {"title": "New"}):
        teacher.client.patch(one(suspended), body)
        teacher.client.put(one(suspended), {**GIG, **body})
        assert Gig.objects.get().status == "suspended"


def test_a_lifted_suspension_restores_the_status(teacher: Person, suspended: dict[str, Any]) -> None:
    gigs.lift_suspension(pk=suspended["id"])
    lifted = teacher.client.get(one(suspended)).json()
    assert (lifted["status"], lifted["suspension_reason"]) == (suspended["status"], None)


def test_a_suspended_gig_is_deleted_with_its_teacher(teacher: Person, suspended: dict[str, Any]) -> None:
    teachers.delete_teacher(user=teacher.user)
    assert not Gig.objects.exists()


def test_gigs_of_banned_deleted_and_staff_users_are_not_on_offer(make_teacher: Any, student: Person) -> None:
    for change in ({"banned_until": FOREVER}, {"deleted_at": timezone.now()}, {"is_staff": True}):
        person = make_teacher("Eva")
        gig = person.offer()
        assert student.client.get(one(gig)).status_code == 200
        User.objects.filter(pk=person.user.pk).update(**change)
        assert student.client.get(one(gig)).status_code == 404
        assert student.client.get(GIGS).json() == []


def test_an_unknown_gig_is_a_404(student: Person) -> None:
    for pk in ("0", "9" * 19, "abc", "-1"):
        assert student.client.get(f"{GIGS}{pk}/").status_code == 404


@pytest.mark.parametrize(
    "query",
    [{"min_price": "0"}, {"max_price": "5"}, {"ordering": "price"}, {"ordering": "-price", "currency": " "}],
)
def test_a_comparison_of_prices_requires_a_currency(student: Person, query: dict[str, str]) -> None:
    for path in (GIGS, "/accounts/teachers/"):
        response = student.client.get(path, query)
        assert (response.status_code, response.json()["code"]) == (400, "currency_required")
        assert list(response.json()["errors"]) == ["currency"]
        assert student.client.get(path, {**query, "currency": "eur"}).json() == []
    assert student.client.get(f"{GIGS}mine/", query).status_code == 400


@pytest.mark.parametrize("name", ["min_price", "max_price"])
@pytest.mark.parametrize("value", ["1e200000", "1e-200000", "1e20000", "NaN", "Infinity", "x", "-1", "1.999"])
def test_an_invalid_price_filter_is_a_400(student: Person, name: str, value: str) -> None:
    for path in (GIGS, "/accounts/teachers/"):
        response = student.client.get(path, {name: value})
        assert (response.status_code, list(response.json()["errors"])) == (400, [name])
