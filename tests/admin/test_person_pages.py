"""The pages of people, teachers and gigs: links, and buttons with confirmations."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.conf import settings
from django.test import Client

from accounts.admin.site import site
from accounts.models import Gig, Teacher, User
from standins.tests.fixtures.auth import AuthApi, auth
from tests.fixtures.accounts import login_of
from tests.fixtures.jobs import run_jobs
from tests.fixtures.people import client_of
from tests.fixtures.staff import PASSWORD, ban, logged, make_gig, page_messages, signed_in

__all__ = ["auth"]
pytestmark = pytest.mark.django_db(transaction=True)

ME = "/accounts/users/me/"
NOBODY = "00000000-0000-4000-8000-000000000000"


@pytest.fixture
def ana(make_account: Callable[..., User]) -> User:
    """A learner with an account."""
    return make_account("Ana")


def path_of(user: User, page: str = "change") -> str:
    return f"/admin/accounts/user/{user.pk}/{page}/"


def buttons(client: Client, path: str) -> list[str]:
    """The titles of the buttons on a page."""
    return [button["title"] for button in client.get(path).context["actions_detail"]]


def confirm(client: Client, path: str, **fields: str) -> str:
    """Opens a confirmation, sends it, and returns the messages on the page after it."""
    assert 'method="post"' in client.get(path).content.decode()
    return page_messages(client.post(path, fields, follow=True))


def test_a_person_s_page_links_to_every_list_of_people(boss: Client, ana: User) -> None:
    make_gig(ana)
    html = boss.get(path_of(ana)).content.decode()
    lists = [page for page in site._registry.values() if getattr(page, "people", ())]
    assert len(lists) >= 5
    for page in lists:
        assert f'href="/admin/{page.opts.app_label}/{page.opts.model_name}/?q={ana.pk}"' in html
    nav = html[html.index('<nav aria-label="Pages of this person"') :]
    for path in re.findall(r'href="(/admin/[^"]+)"', nav[: nav.index("</nav>")]):
        assert boss.get(path).status_code == 200, path
    assert f"/admin/accounts/gig/?teacher__pk={ana.pk}" in html and path_of(ana, "history") in html


def test_links_and_buttons_are_those_that_the_member_of_staff_may_use(
    make_staff: Callable[..., User], ana: User, superuser: User
) -> None:
    viewer = signed_in(make_staff("Vic", "view_user", "view_card"))
    page = viewer.get(path_of(ana))
    assert [title for title, _ in page.context["links"]] == ["Bans and changes", "Cards"]
    assert page.context["actions_detail"] == []
    for action in ("ban", "lift-ban", "change-email", "make-teacher"):
        assert viewer.post(path_of(ana, action), {"reason": "x", "email": "x@example.com"}).status_code == 403
    editor = signed_in(make_staff("Eve", "view_user", "change_user"))
    assert buttons(editor, path_of(ana)) == ["Change the e-mail address", "Make a teacher"]
    assert buttons(editor, path_of(superuser)) == []
    assert editor.get(path_of(superuser, "change-email")).status_code == 403
    blind = signed_in(make_staff("Bob", "ban_user"))
    assert blind.post(path_of(ana, "ban"), {"reason": "x"}).status_code == 403
    assert User.objects.get(pk=ana.pk).banned_until is None and logged() == []


def test_a_person_is_banned_and_admitted_on_the_page(boss: Client, ana: User) -> None:
    assert buttons(boss, path_of(ana)) == ["Ban", "Change the e-mail address", "Make a teacher"]
    page = boss.post(path_of(ana, "ban"), {"reason": " "}).content.decode()
    assert "1 user will lose all access" in page and "This field is required" in page
    said = confirm(boss, path_of(ana, "ban"), reason="Spam.", until="2199-12-24T18:00")
    assert said == "Banned until 2199-12-24 18:00 UTC (1 user)"
    page = boss.get(path_of(ana))
    assert "until 2199-12-24 18:00 UTC" in page.content.decode()
    assert buttons(boss, path_of(ana))[:2] == ["Ban", "Lift the ban"]
    assert confirm(boss, path_of(ana, "lift-ban")) == "Ban lifted (1 user)"
    assert [note for _, note in logged()] == ["Banned until 2199-12-24 18:00 UTC: Spam.", "Ban lifted"]
    assert run_jobs() == [] and login_of(ana, PASSWORD).status_code == 200


def test_a_get_of_a_confirmation_changes_nothing(boss: Client, ana: User) -> None:
    gig = make_gig(ana)
    ban(ana)
    for path in (path_of(ana, "lift-ban"), f"/admin/accounts/teacher/{ana.pk}/verify/"):
        assert boss.get(path).status_code == 200
    assert boss.get(f"/admin/accounts/gig/{gig.pk}/suspend/", {"reason": "x"}).status_code == 200
    assert User.objects.get(pk=ana.pk).banned_until and not Teacher.objects.get().is_verified
    assert Gig.objects.get().status == "active"


@pytest.mark.parametrize("row", [NOBODY, "nonsense"])
def test_buttons_of_a_row_that_does_not_exist_are_a_404(boss: Client, row: str) -> None:
    for page in (
        "user/{}/ban",
        "user/{}/lift-ban",
        "user/{}/change-email",
        "teacher/{}/verify",
        "gig/{}/suspend",
    ):
        assert boss.get(f"/admin/accounts/{page.format(row)}/").status_code == 404, page


def test_a_deleted_person_has_no_buttons(boss: Client, ana: User) -> None:
    ana.anonymise(at=ana.created_at)
    assert buttons(boss, path_of(ana)) == []
    assert boss.post(path_of(ana, "change-email"), {"email": "x@example.com"}).status_code == 403
    done = boss.post(path_of(ana, "ban"), {"reason": "Spam."}, follow=True)
    assert "This account has been deleted." in page_messages(done)


def test_a_new_address_is_that_of_the_account_and_of_the_row(boss: Client, ana: User, auth: AuthApi) -> None:
    token = login_of(ana, PASSWORD).json()["access_token"]
    old = ana.email
    said = confirm(boss, path_of(ana, "change-email"), email="Ana.New@Example.com")
    assert said == "E-mail address changed (1 user)"
    row = User.objects.get(pk=ana.pk)
    assert row.email == "ana.new@example.com"
    assert auth.sql(
        "select email, email_confirmed_at is not null from auth.users where id = %s", str(ana.pk)
    ) == [("ana.new@example.com", True)]
    assert client_of(token).get(ME).json()["email"] == "ana.new@example.com"  # the token has the old address
    assert User.objects.get(pk=ana.pk).email == "ana.new@example.com"
    assert login_of(row, PASSWORD).status_code == 200
    assert login_of(ana, PASSWORD).status_code == 400
    assert logged() == [(str(ana.pk), f"E-mail address changed from {old} to ana.new@example.com")]


def test_an_address_in_use_or_an_outage_changes_nothing(
    boss: Client, ana: User, make_account: Callable[..., User], monkeypatch: pytest.MonkeyPatch
) -> None:
    zoe = make_account("Zoe")
    said = confirm(boss, path_of(ana, "change-email"), email=zoe.email.upper())
    assert "Another account has this e-mail address." in said
    page = boss.post(path_of(ana, "change-email"), {"email": "nonsense"}).content.decode()
    assert "Enter a valid email address." in page
    monkeypatch.setattr(settings, "SUPABASE_URL", "http://127.0.0.1:9")
    assert "cannot be reached" in confirm(boss, path_of(ana, "change-email"), email="free@example.com")
    assert User.objects.get(pk=ana.pk).email == ana.email and logged() == []


def test_only_superusers_change_the_address_of_staff(make_staff: Callable[..., User], boss: Client) -> None:
    mod = make_staff("Mod", "view_gig")
    editor = signed_in(make_staff("Eve", "view_user", "change_user"))
    said = confirm(editor, path_of(mod, "change-email"), email="mine@example.com")
    assert "Only superusers change the address of a member of staff." in said
    assert confirm(boss, path_of(mod, "change-email"), email="mod.new@example.com").startswith("E-mail")
    assert User.objects.get(pk=mod.pk).email == "mod.new@example.com"


def test_a_student_is_made_a_teacher_once(boss: Client, ana: User) -> None:
    assert confirm(boss, path_of(ana, "make-teacher")) == "Made a teacher (1 user)"
    assert (User.objects.get(pk=ana.pk).role, Teacher.objects.filter(pk=ana.pk).count()) == ("teacher", 1)
    assert "Make a teacher" not in buttons(boss, path_of(ana))
    assert "1 not completed" in confirm(boss, path_of(ana, "make-teacher"))
    assert logged() == [(str(ana.pk), "Made a teacher")]


def test_a_teacher_is_verified_and_a_gig_suspended_on_their_pages(boss: Client, ana: User) -> None:
    gig = make_gig(ana)
    teacher, offer = f"/admin/accounts/teacher/{ana.pk}/", f"/admin/accounts/gig/{gig.pk}/"
    assert buttons(boss, f"{teacher}change/") == ["Verify"]
    assert confirm(boss, f"{teacher}verify/") == "Verified (1 teacher)"
    assert buttons(boss, f"{teacher}change/") == ["Take the verification back"]
    assert confirm(boss, f"{teacher}take-back/") == "Verification taken back (1 teacher)"
    assert buttons(boss, f"{offer}change/") == ["Suspend"]
    assert confirm(boss, f"{offer}suspend/", reason="Spam.") == "Suspended: Spam. (1 gig)"
    assert buttons(boss, f"{offer}change/") == ["Suspend", "Lift the suspension"]
    assert confirm(boss, f"{offer}lift-suspension/") == "Suspension lifted (1 gig)"
    assert Gig.objects.get().status == "active"


def test_buttons_of_gigs_and_teachers_need_the_permission(make_staff: Callable[..., User], ana: User) -> None:
    gig = make_gig(ana)
    client = signed_in(make_staff("Sam", "view_gig", "change_gig", "view_teacher", "change_teacher"))
    pages: dict[str, Any] = {
        f"gig/{gig.pk}": ("suspend", "lift-suspension"),
        f"teacher/{ana.pk}": ("verify",),
    }
    for page, names in pages.items():
        assert buttons(client, f"/admin/accounts/{page}/change/") == []
        for name in names:
            assert client.post(f"/admin/accounts/{page}/{name}/", {"reason": "x"}).status_code == 403
    assert Gig.objects.get().status == "active" and not Teacher.objects.get().is_verified
