"""Gigs and teachers in the admin: actions, forms, deletion, and the permissions for them."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.db import connections, transaction
from django.test import Client
from django.utils import timezone

from accounts.models import Gig, Teacher, User
from accounts.services import gigs
from tests.fixtures.people import Person
from tests.fixtures.staff import act, logged, make_gig, page_messages, signed_in
from tests.fixtures.threads import wait_until_blocked

pytestmark = pytest.mark.django_db(transaction=True)

API_GIGS = "/accounts/gigs/"


def listed(client: Any) -> list[int]:
    """The ids of the gigs that the API lists."""
    return [gig["id"] for gig in client.get(API_GIGS).json()]


def test_staff_suspend_gigs_with_a_reason_and_lift_the_suspension(
    make_staff: Callable[..., User], teacher: Person, student: Person
) -> None:
    draft = make_gig(teacher.user, "Draft", status="draft")
    first, second = make_gig(teacher.user), make_gig(teacher.user, "Business")
    client = signed_in(make_staff("Sam", "view_gig", "suspend_gig"))
    assert set(listed(student.client)) == {first.pk, second.pk}
    page = act(client, "gig", "suspend", first, second, draft)
    assert "3 gigs will be hidden" in page.content.decode()
    assert len(listed(student.client)) == 2
    blank = act(client, "gig", "suspend", first, second, draft, reason=" ")
    assert "This field is required." in blank.content.decode()
    done = act(client, "gig", "suspend", first, second, draft, reason="Not a language.")
    assert page_messages(done) == "Suspended: Not a language. (3 gigs)"
    assert listed(student.client) == []
    mine = teacher.client.get(f"{API_GIGS}mine/").json()
    assert {gig["status"] for gig in mine} == {"suspended"}
    assert {gig.suspension_reason for gig in Gig.objects.all()} == {"Not a language."}
    assert set(logged()) == {(str(gig.pk), "Suspended: Not a language.") for gig in (first, second, draft)}
    done = act(client, "gig", "lift_suspension", first, second, draft)
    assert page_messages(done) == "Suspension lifted (3 gigs)"
    assert set(listed(student.client)) == {first.pk, second.pk}
    assert Gig.objects.get(pk=draft.pk).status == "draft"


def test_staff_suspend_a_whole_filtered_list(boss: Client, teacher: Person) -> None:
    spanish = [make_gig(teacher.user, f"Spanish {n}") for n in range(60)]  # more than a page
    other = make_gig(teacher.user, "French", currency="USD")
    selected = {"action": "suspend", "_selected_action": [str(spanish[-1].pk)], "select_across": "1"}
    address = "/admin/accounts/gig/?currency__exact=EUR"
    page = boss.post(address, selected)
    assert "60 gigs will be hidden" in page.content.decode()
    assert 'name="select_across" value="1"' in page.content.decode()
    boss.post(address, selected | {"reason": "Sweep."})
    assert Gig.objects.filter(status="suspended").count() == 60
    assert Gig.objects.get(pk=other.pk).status == "active"


def test_suspending_needs_the_permission(make_staff: Callable[..., User], gig: Gig) -> None:
    client = signed_in(make_staff("Sam", "view_gig", "change_gig", "delete_gig"))
    for action in ("suspend", "lift_suspension"):
        act(client, "gig", action, gig, reason="Because.")
    assert Gig.objects.get().status == "active"
    assert logged() == []


FORM = {
    "title": "Ñandú talk",
    "description": "Words",
    "language": "French",
    "price_per_session": "9.50",
    "currency": "usd",
    "session_minutes": "30",
    "what_is_included": "",
}


def test_the_form_of_a_gig_saves_its_fields_and_derived_columns(boss: Client, gig: Gig) -> None:
    assert boss.post(f"/admin/accounts/gig/{gig.pk}/change/", FORM).status_code == 302
    changed = Gig.objects.get()
    assert (changed.title, changed.currency, changed.session_minutes) == ("Ñandú talk", "USD", 30)
    assert (changed.language_code, "nandu talk" in changed.search_text) == ("fr", True)


def test_the_form_of_a_gig_ignores_read_only_fields(boss: Client, gig: Gig) -> None:
    read_only = {"status": "paused", "search_text": "x", "language_code": "xx", "tags": "a", "teacher": ""}
    assert boss.post(f"/admin/accounts/gig/{gig.pk}/change/", FORM | read_only).status_code == 302
    changed = Gig.objects.get()
    assert (changed.status, changed.tags, changed.teacher_id) == ("active", [], gig.teacher_id)
    assert changed.language_code == "fr"


def test_the_form_of_a_gig_applies_the_rules_of_the_model(boss: Client, gig: Gig) -> None:
    invalid = [
        ("currency", "ABC", 'Expected a currency code of ISO 4217 such as "EUR".'),
        ("currency", "", "This field is required."),
        ("session_minutes", "0", "Ensure this value is greater than or equal to 1."),
        ("session_minutes", "1441", "Ensure this value is less than or equal to 1440."),
        ("price_per_session", "-1", "Ensure this value is greater than or equal to 0."),
        ("title", "", "This field is required."),
        ("title", "x" * 201, "Ensure this value has at most 200 characters (it has 201)."),
        ("language", "x" * 51, "Ensure this value has at most 50 characters (it has 51)."),
        ("description", "x" * 10_001, "Ensure this value has at most 10000 characters (it has 10001)."),
        ("what_is_included", "x" * 5001, "Ensure this value has at most 5000 characters (it has 5001)."),
    ]
    for field, value, sentence in invalid:
        response = boss.post(f"/admin/accounts/gig/{gig.pk}/change/", FORM | {field: value})
        assert response.status_code == 200, field
        assert response.context["adminform"].form.errors == {field: [sentence]}
    assert Gig.objects.get().title == gig.title


def test_staff_cannot_add_gigs(boss: Client) -> None:
    assert boss.get("/admin/accounts/gig/add/").status_code == 403


REFUSAL = "A suspended gig cannot be deleted. Staff can lift the suspension."


@pytest.fixture
def suspended(gig: Gig) -> Gig:
    """A suspended gig."""
    gig.suspend(reason="Copied text.", at=timezone.now())
    return gig


def test_staff_delete_a_gig(make_staff: Callable[..., User], gig: Gig) -> None:
    client = signed_in(make_staff("Sam", "view_gig", "delete_gig"))
    address = f"/admin/accounts/gig/{gig.pk}/delete/"
    assert "Are you sure" in client.get(address).content.decode()
    response = client.post(address, {"post": "yes"}, follow=True)
    assert "was deleted successfully" in page_messages(response)
    assert not Gig.objects.exists()
    assert LogEntry.objects.get().is_deletion()


@pytest.mark.parametrize("method", ["get", "post"])
def test_the_page_of_a_suspended_gig_refuses_its_deletion(boss: Client, suspended: Gig, method: str) -> None:
    response = getattr(boss, method)(
        f"/admin/accounts/gig/{suspended.pk}/delete/", {"post": "yes"}, follow=True
    )
    assert response.redirect_chain == [("/admin/accounts/gig/", 302)]
    assert page_messages(response) == REFUSAL
    assert Gig.objects.get().status == "suspended"
    assert logged() == []


def test_the_delete_action_deletes_the_other_gigs_and_names_the_suspended_ones(
    boss: Client, suspended: Gig
) -> None:
    others = [make_gig(suspended.teacher.user, title) for title in ("Business", "Exam")]
    confirmation = act(boss, "gig", "delete_selected", suspended, *others)
    assert "Are you sure" in confirmation.content.decode()
    assert Gig.objects.count() == 3
    response = act(boss, "gig", "delete_selected", suspended, *others, post="yes")
    assert page_messages(response) == f"Deleted (2 gigs) | 1 not completed: {suspended.title}. {REFUSAL}"
    assert Gig.objects.get() == suspended
    assert {entry.object_repr for entry in LogEntry.objects.all() if entry.is_deletion()} == {
        "Business",
        "Exam",
    }


def test_deleting_gigs_needs_the_permission(make_staff: Callable[..., User], gig: Gig) -> None:
    client = signed_in(make_staff("Sam", "view_gig", "change_gig", "suspend_gig"))
    act(client, "gig", "delete_selected", gig, post="yes")
    assert client.post(f"/admin/accounts/gig/{gig.pk}/delete/", {"post": "yes"}).status_code == 403
    assert Gig.objects.exists()


def test_a_deletion_waits_for_a_suspension_and_is_then_refused(boss: Client, gig: Gig) -> None:
    answers: list[str] = []

    def delete() -> None:
        answers.append(page_messages(act(boss, "gig", "delete_selected", gig, post="yes")))
        connections.close_all()

    deletion = threading.Thread(target=delete)
    with transaction.atomic():
        gigs.suspend_gig(pk=gig.pk, reason="Copied text.", at=timezone.now())
        deletion.start()
        wait_until_blocked(deletion)
    deletion.join(timeout=20)
    assert answers == [f"Deleted (0 gigs) | 1 not completed: {gig.title}. {REFUSAL}"]
    assert Gig.objects.get().status == "suspended"


def test_staff_verify_teachers_and_withdraw_the_verification(
    make_staff: Callable[..., User], make_teacher: Callable[..., Person], student: Person
) -> None:
    for name in ("Tomás", "Eva"):
        make_gig(make_teacher(name).user)
    other, row = Teacher.objects.order_by("pk")
    address = f"/accounts/teachers/{row.pk}/"
    denied = signed_in(make_staff("Eve", "view_teacher", "change_teacher"))
    act(denied, "teacher", "verify", row)
    assert student.client.get(address).json()["is_verified"] is False
    client = signed_in(make_staff("Sam", "view_teacher", "verify_teacher"))
    assert page_messages(act(client, "teacher", "verify", row)) == "Verified (1 teacher)"
    assert student.client.get(address).json()["is_verified"] is True
    assert not Teacher.objects.get(pk=other.pk).is_verified
    act(client, "teacher", "take_verification_back", row)
    assert student.client.get(address).json()["is_verified"] is False
    assert logged() == [(str(row.pk), "Verified"), (str(row.pk), "Verification taken back")]
    for path in ("add/", f"{row.pk}/delete/"):
        assert client.get(f"/admin/accounts/teacher/{path}").status_code == 403
