"""What staff do to gigs and teachers, and what each of them may not."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from accounts.models import Gig, Teacher, User
from tests.fixtures.people import Person
from tests.fixtures.staff import act, logged, make_gig, signed_in, told

pytestmark = pytest.mark.django_db(transaction=True)

API_GIGS = "/accounts/gigs/"


def offered(client: Any) -> list[int]:
    """The gigs that the API lists."""
    return [gig["id"] for gig in client.get(API_GIGS).json()]


def test_gigs_are_suspended_with_a_reason_and_lifted(
    make_staff: Callable[..., User], teacher: Person, student: Person
) -> None:
    draft = make_gig(teacher.user, "Draft", status="draft")
    first, second = make_gig(teacher.user), make_gig(teacher.user, "Business")
    client = signed_in(make_staff("Sam", "view_gig", "suspend_gig"))
    assert set(offered(student.client)) == {first.pk, second.pk}
    asked = act(client, "gig", "suspend", first, second, draft)
    assert "3 gigs will be hidden" in asked.content.decode()
    assert len(offered(student.client)) == 2
    blank = act(client, "gig", "suspend", first, second, draft, reason=" ")
    assert "This field is required." in blank.content.decode()
    done = act(client, "gig", "suspend", first, second, draft, reason="Not a language.")
    assert told(done) == "Suspended: Not a language. (3 gigs)"
    assert offered(student.client) == []
    mine = teacher.client.get(f"{API_GIGS}mine/").json()
    assert {gig["status"] for gig in mine} == {"suspended"}
    assert {gig.suspension_reason for gig in Gig.objects.all()} == {"Not a language."}
    assert set(logged()) == {(str(gig.pk), "Suspended: Not a language.") for gig in (first, second, draft)}
    done = act(client, "gig", "lift_suspension", first, second, draft)
    assert told(done) == "Suspension lifted (3 gigs)"
    assert set(offered(student.client)) == {first.pk, second.pk}
    assert Gig.objects.get(pk=draft.pk).status == "draft"


def test_all_of_a_filtered_list_are_suspended_at_once(boss: Client, teacher: Person) -> None:
    spanish = [make_gig(teacher.user, f"Spanish {n}") for n in range(60)]  # more than a page
    other = make_gig(teacher.user, "French", currency="USD")
    selected = {"action": "suspend", "_selected_action": [str(spanish[-1].pk)], "select_across": "1"}
    address = "/admin/accounts/gig/?currency__exact=EUR"
    asked = boss.post(address, selected)
    assert "60 gigs will be hidden" in asked.content.decode()
    assert 'name="select_across" value="1"' in asked.content.decode()
    boss.post(address, selected | {"reason": "Sweep."})
    assert Gig.objects.filter(status="suspended").count() == 60
    assert Gig.objects.get(pk=other.pk).status == "active"


def test_suspending_needs_its_permission(make_staff: Callable[..., User], gig: Gig) -> None:
    client = signed_in(make_staff("Sam", "view_gig", "change_gig", "delete_gig"))
    for action in ("suspend", "lift_suspension"):
        act(client, "gig", action, gig, reason="Because.")
    assert Gig.objects.get().status == "active"
    assert logged() == []


def test_a_gig_is_corrected_but_for_what_is_derived_or_decided_elsewhere(boss: Client, gig: Gig) -> None:
    address = f"/admin/accounts/gig/{gig.pk}/change/"
    fields = {
        "title": "Ñandú talk",
        "description": "Words",
        "language": "French",
        "price_per_session": "9.50",
        "currency": "usd",
        "session_minutes": "30",
        "what_is_included": "",
    }
    forbidden = {"status": "paused", "search_text": "x", "language_code": "xx", "tags": "a", "teacher": ""}
    assert boss.post(address, fields | forbidden).status_code == 302
    changed = Gig.objects.get()
    assert (changed.title, changed.currency, changed.status) == ("Ñandú talk", "USD", "active")
    assert (changed.language_code, changed.tags, changed.teacher_id) == ("fr", [], gig.teacher_id)
    assert "nandu talk" in changed.search_text
    for wrong in ({"currency": "ABC"}, {"session_minutes": "0"}, {"price_per_session": "-1"}, {"title": ""}):
        assert boss.post(address, fields | wrong).status_code == 200
    assert boss.get("/admin/accounts/gig/add/").status_code == 403


def test_teachers_are_verified_and_it_is_taken_back(
    make_staff: Callable[..., User], teacher: Person, student: Person
) -> None:
    make_gig(teacher.user)
    row = Teacher.objects.get()
    address = f"/accounts/teachers/{row.pk}/"
    denied = signed_in(make_staff("Eve", "view_teacher", "change_teacher"))
    act(denied, "teacher", "verify", row)
    assert student.client.get(address).json()["is_verified"] is False
    client = signed_in(make_staff("Sam", "view_teacher", "verify_teacher"))
    assert told(act(client, "teacher", "verify", row)) == "Verified (1 teacher)"
    assert student.client.get(address).json()["is_verified"] is True
    act(client, "teacher", "take_verification_back", row)
    assert student.client.get(address).json()["is_verified"] is False
    assert logged() == [(str(row.pk), "Verified"), (str(row.pk), "Verification taken back")]
    for path in ("add/", f"{row.pk}/delete/"):
        assert client.get(f"/admin/accounts/teacher/{path}").status_code == 403
