"""Reports: who may report what, retries, and what reporters read."""

from collections.abc import Callable
from typing import Any

import pytest
from django.utils import timezone

from accounts.models import Gig, Report, User
from accounts.rest.throttles import ScopedThrottle
from tests.fixtures.people import CHATS, Person
from tests.fixtures.reports import REPORTS, close, ids_of_things, report, reported
from tests.fixtures.routes import ID
from tests.fixtures.shared import Shared, take_back

pytestmark = pytest.mark.django_db

KINDS = ("user", "gig", "message", "comment")
KEYS = ["id", "kind", "reported", "reason", "text", "state", "created_at"]


@pytest.mark.parametrize("kind", KINDS)
def test_what_is_seen_can_be_reported(shared: Shared, kind: str) -> None:
    pk = ids_of_things(shared)[kind]
    response = report(shared.learner, kind, pk, reason="harassment", text="Look at this.")
    assert response.status_code == 201, response.content
    found = response.json()
    assert list(found) == KEYS
    assert (found["kind"], found["reported"], found["reason"]) == (kind, pk, "harassment")
    assert (found["text"], found["state"]) == ("Look at this.", "open")
    stored = Report.objects.get(pk=found["id"])
    assert stored.reported_user == shared.teacher.user


@pytest.mark.parametrize("kind", KINDS)
def test_report_has_a_copy_of_the_text(shared: Shared, kind: str) -> None:
    User.objects.filter(pk=shared.teacher.user.pk).update(bio="secret user")
    stored = reported(shared.learner, kind, ids_of_things(shared)[kind])
    assert f"secret {kind}" in stored.copied_text


def test_copy_of_a_comment_has_no_words_of_the_learner(shared: Shared) -> None:
    comment = shared.comment(text="Wrong.", quote="Yo soy hambre", corrected="Yo tengo hambre")
    assert reported(shared.learner, "comment", comment["id"]).copied_text == "Wrong.\nYo tengo hambre"


@pytest.mark.parametrize("kind", KINDS)
def test_same_report_again_is_the_open_one(shared: Shared, kind: str) -> None:
    pk = ids_of_things(shared)[kind]
    first = report(shared.learner, kind, pk, text="first")
    again = report(shared.learner, kind, pk, reason="scam", text="second")
    assert (first.status_code, again.status_code) == (201, 200)
    assert first.json() == again.json()
    assert Report.objects.count() == 1


def test_retry_after_the_deletion_of_the_message_is_the_open_report(student: Person, teacher: Person) -> None:
    chat = student.open_chat(teacher)
    message = teacher.write(chat)
    first = report(student, "message", message["id"])
    path = f"{CHATS}{chat['id']}/messages/{message['seq']}/"
    assert teacher.client.delete(path).status_code == 204
    again = report(student, "message", message["id"])
    assert (again.status_code, again.json()) == (200, first.json())


def test_handled_report_can_be_filed_again(student: Person, teacher: Person, staff: Person) -> None:
    first = reported(student, "user", str(teacher.user.pk))
    close(first, staff.user)
    assert reported(student, "user", str(teacher.user.pk)).pk != first.pk


@pytest.mark.parametrize("kind", KINDS)
def test_what_is_not_seen_is_not_found(shared: Shared, stranger: Person, kind: str) -> None:
    ids = ids_of_things(shared)
    Gig.objects.update(status="draft")
    User.objects.filter(pk=shared.teacher.user.pk).update(is_staff=True)  # not in the directory
    unseen = report(stranger, kind, ids[kind])
    absent = report(stranger, kind, ID if kind == "user" else 999_999)
    assert (unseen.status_code, unseen.json()["code"]) == (404, "not_found")
    assert unseen.content == absent.content
    assert not Report.objects.exists()


@pytest.mark.parametrize("kind", KINDS)
def test_own_things_cannot_be_reported(shared: Shared, kind: str) -> None:
    response = report(shared.teacher, kind, ids_of_things(shared)[kind])
    assert (response.status_code, list(response.json()["errors"])) == (400, ["id"])
    assert not Report.objects.exists()


def test_chat_partner_who_is_not_listed_can_be_reported(student: Person, staff: Person) -> None:
    assert report(student, "user", str(staff.user.pk)).status_code == 404
    student.open_chat(staff)
    assert report(student, "user", str(staff.user.pk)).status_code == 201


def test_deleted_person_cannot_be_reported(student: Person, teacher: Person) -> None:
    student.open_chat(teacher)
    teacher.user.anonymise(at=timezone.now())
    assert report(student, "user", str(teacher.user.pk)).status_code == 404


def test_deleted_message_is_a_conflict(student: Person, teacher: Person) -> None:
    chat = student.open_chat(teacher)
    message = teacher.write(chat)
    teacher.client.delete(f"{CHATS}{chat['id']}/messages/{message['seq']}/")
    response = report(student, "message", message["id"])
    assert (response.status_code, response.json()["code"]) == (409, "message_deleted")


def test_message_in_a_blocked_chat_can_be_reported(student: Person, teacher: Person) -> None:
    chat = student.open_chat(teacher)
    message = teacher.write(chat)
    assert student.client.post(f"{CHATS}{chat['id']}/block/").status_code == 204
    assert report(student, "message", message["id"]).status_code == 201


def test_learner_reports_a_comment_after_the_share_has_ended(
    shared: Shared, make_teacher: Callable[..., Person]
) -> None:
    comment = shared.comment()
    take_back(shared.learner, shared.pk, shared.teacher)
    assert report(make_teacher("Berta"), "comment", comment["id"]).status_code == 404
    assert report(shared.learner, "comment", comment["id"]).status_code == 201


def test_comment_of_a_deleted_teacher_can_be_reported(shared: Shared) -> None:
    comment = shared.comment()
    body = {"confirm": shared.teacher.user.email}
    assert shared.teacher.client.delete("/accounts/users/me/", body).status_code == 204
    assert reported(shared.learner, "comment", comment["id"]).reported_user is None


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"kind": "chat"}, "kind"),
        ({"kind": None}, "kind"),
        ({"kind": ["user"]}, "kind"),
        ({"reason": "boring"}, "reason"),
        ({"reason": None}, "reason"),
        ({"id": None}, "id"),
        ({"id": "x"}, "id"),
        ({"id": 7}, "id"),
        ({"id": ID, "kind": "gig"}, "id"),
        ({"id": "7", "kind": "gig"}, "id"),
        ({"id": True, "kind": "gig"}, "id"),
        ({"id": 0, "kind": "gig"}, "id"),
        ({"id": 2**63, "kind": "gig"}, None),  # the parser refuses it
        ({"id": 1.5, "kind": "gig"}, "id"),
        ({"id": {"a": 1}}, "id"),
        ({"text": "x" * 2001}, "text"),
        ({"text": 5}, "text"),
    ],
)
def test_invalid_report_is_a_400_that_names_the_field(
    student: Person, teacher: Person, fields: dict[str, Any], field: str | None
) -> None:
    response = report(student, **{"kind": "user", "pk": str(teacher.user.pk), **renamed(fields)})
    assert response.status_code == 400, response.content
    assert list(response.json().get("errors", {})) == ([field] if field else [])


def renamed(fields: dict[str, Any]) -> dict[str, Any]:
    """The arguments of ``report`` for these fields of a body."""
    return {"pk" if name == "id" else name: value for name, value in fields.items()}


def test_reports_are_listed_newest_first_without_how_they_were_handled(
    student: Person, teacher: Person, stranger: Person, staff: Person, django_assert_num_queries: Any
) -> None:
    gig = teacher.offer()["id"]
    first, second = reported(student, "user", str(teacher.user.pk)), reported(student, "gig", gig)
    reported(stranger, "gig", gig)
    close(first, staff.user)
    with django_assert_num_queries(2):  # user and session; the list
        response = student.client.get(REPORTS)
    found = response.json()
    assert [(row["id"], row["state"]) for row in found] == [(second.pk, "open"), (first.pk, "handled")]
    assert [list(row) for row in found] == [KEYS, KEYS]
    assert b"secret" not in response.content and b"dismiss" not in response.content.lower()
    assert found[0]["reported"] == gig and found[1]["reported"] == str(teacher.user.pk)


def test_pages_of_reports_have_every_row_once(student: Person, teacher: Person) -> None:
    filed = [reported(student, "gig", teacher.offer()["id"]).pk for _ in range(3)]
    page = student.client.get(f"{REPORTS}?limit=2")
    link = page["Link"].partition("<")[2].partition(">")[0]
    found = [row["id"] for row in [*page.json(), *student.client.get(link).json()]]
    assert found == filed[::-1]


def test_reports_are_throttled_by_account(
    student: Person, teacher: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    rates = {**ScopedThrottle.THROTTLE_RATES, "reports": "1/hour"}
    monkeypatch.setattr(ScopedThrottle, "THROTTLE_RATES", rates)
    assert report(student, "user", str(teacher.user.pk)).status_code == 201
    response = report(student, "user", str(teacher.user.pk))
    assert (response.status_code, response.json()["code"]) == (429, "throttled")
    assert student.client.get(REPORTS).status_code == 200
