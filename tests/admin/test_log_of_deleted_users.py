"""The admin's log after the deletion of an account: no names, titles or reasons of that person."""

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.test import Client

from accounts.models.deleted_users import DELETION_GRACE
from accounts.services import admin_log
from tests.fixtures.jobs import pass_time, run_jobs
from tests.fixtures.people import Person
from tests.fixtures.staff import act, make_gig, moderator

pytestmark = pytest.mark.django_db(transaction=True)

ME = "/accounts/users/me/"
EMPTY = ("Deleted user", "")


@pytest.fixture
def famous(make_person: Any) -> Person:
    """A person whose name and texts contain one word."""
    person: Person = make_person("Zebulon")
    return person


def entries() -> set[tuple[str, str]]:
    """The name of the row and the message of each entry."""
    return set(LogEntry.objects.values_list("object_repr", "change_message"))


def delete(person: Person) -> None:
    assert person.client.delete(ME, {"confirm": person.user.email}).status_code == 204


def test_entries_about_user_profile_and_gigs_lose_names_and_reasons(boss: Client, famous: Person) -> None:
    gig = make_gig(famous.user, "Zebulon teaches")
    act(boss, "teacher", "verify", famous.user.teacher)
    act(boss, "gig", "suspend", gig, reason="Zebulon is rude.")
    note = "Banned for ever: Zebulon is rude."
    admin_log.record_change(row=famous.user, by=moderator(), note=note)  # a ban would end the session
    act(boss, "user", "unban", famous.user)
    assert "Zebulon" in str(entries()) and LogEntry.objects.count() == 4
    delete(famous)
    assert entries() == {EMPTY}
    assert LogEntry.objects.count() == 4


def test_entries_about_others_stay(boss: Client, famous: Person, stranger: Person) -> None:
    act(boss, "gig", "suspend", make_gig(stranger.user, "Kept"), reason="Spam.")
    make_gig(famous.user)
    delete(famous)
    assert entries() == {("Kept", "Suspended: Spam.")}


@pytest.mark.parametrize("by", ["owner", "page", "action"])
def test_entries_about_gigs_that_were_deleted_earlier_lose_titles_and_reasons(
    boss: Client, famous: Person, by: str
) -> None:
    gig = make_gig(famous.user, "Zebulon teaches")
    act(boss, "gig", "suspend", gig, reason="Zebulon is rude.")
    act(boss, "gig", "lift_suspension", gig)
    if by == "owner":
        assert famous.client.delete(f"/accounts/gigs/{gig.pk}/").status_code == 204
    elif by == "page":
        boss.post(f"/admin/accounts/gig/{gig.pk}/delete/", {"post": "yes"})
    else:
        act(boss, "gig", "delete_selected", gig, post="yes")
    assert ("Zebulon teaches", f"Gig of user {famous.user.pk}") in entries()
    delete(famous)
    assert entries() == {EMPTY}
    assert LogEntry.objects.count() == 3


def test_deleting_a_gig_that_staff_never_changed_writes_no_entry(famous: Person) -> None:
    gig = make_gig(famous.user)
    assert famous.client.delete(f"/accounts/gigs/{gig.pk}/").status_code == 204
    assert entries() == set()


def test_an_entry_that_is_written_during_the_deletion_is_emptied_by_the_job(
    superuser: Any, famous: Person
) -> None:
    delete(famous)
    LogEntry.objects.log_actions(superuser.pk, [famous.user], 2, "Zebulon is rude.")
    for period in (timedelta(0), DELETION_GRACE):
        pass_time(period)
        assert run_jobs() == []
    assert entries() == {EMPTY}
