"""The admin as each role sees it, in a real browser: pages, forms and actions."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import Group
from django.test import Client

from accounts.models import Message, PrivateTextReading, Report, User, VoiceConversation
from tests.fixtures.admin_walk import Walk
from tests.fixtures.browser import chromium
from tests.fixtures.private_rows import make_private_rows
from tests.fixtures.staff import make_gig

pytestmark = pytest.mark.django_db(transaction=True)

CASES = Path(__file__).parent.parent / "cases" / "admin_pages.txt"
LONG = "Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft"
RIGHT_TO_LEFT = "محادثة طويلة جدا عن السفر والطعام"
TRANSCRIPT = {
    "messages": [{"role": "user", "text": RIGHT_TO_LEFT}, {"role": "assistant", "text": f"{LONG} {LONG}"}]
}


@pytest.fixture
def rows(make_account: Callable[..., User], superuser: User) -> None:
    """A row of every list, with long words and right-to-left texts."""
    learner, teacher = make_account("Ana"), make_account("Tom")
    User.objects.filter(pk=learner.pk).update(name=LONG, bio=LONG * 3, city=LONG)
    User.objects.filter(pk=teacher.pk).update(name=RIGHT_TO_LEFT)
    learner.refresh_from_db()
    teacher.refresh_from_db()
    gig = make_gig(teacher, f"{LONG} {RIGHT_TO_LEFT}", tags=[LONG[:30]])
    make_private_rows(learner, teacher)
    VoiceConversation.objects.update(topic=f"{LONG} {RIGHT_TO_LEFT}", transcription=TRANSCRIPT)
    Message.objects.update(content=LONG)
    PrivateTextReading.objects.create(by=superuser, owner=learner, model="card", object_id="1", why=LONG)
    Report.objects.create(
        kind="gig",
        reported_id=gig.pk,
        reported_user=teacher,
        reporter=learner,
        reason="spam",
        text=LONG,
        copied_text=RIGHT_TO_LEFT,
    )
    Group.objects.create(name=LONG)


def cases() -> dict[str, set[str]]:
    """The roles that may open each page, and those to which it makes each offer."""
    lines = [line for line in CASES.read_text().splitlines() if line and not line.startswith("#")]
    return {entry.strip(): set(roles.split()) for entry, roles in (line.split("|") for line in lines)}


@pytest.mark.usefixtures("rows")
def test_each_role_sees_and_opens_its_pages_at_both_widths(
    live_server: Any, boss: Client, members: dict[str, Client]
) -> None:
    walks: dict[str, Walk] = {}
    failures: list[str] = []
    with chromium() as browser:
        for role, client in {"superuser": boss, **members}.items():
            walk = walks[role] = Walk(browser.new_page(), live_server.url)
            walk.enter(client)
            walk.everywhere()
            walk.open("/admin/unknown/", 404)
            # tests/admin/test_staff_groups.py requests the pages of rows too.
            others = [path for path in walks["superuser"].found if path not in walk.found and "*" not in path]
            opened = [path for path in others if "[" not in path and not walk.refuses(path)]
            failures += [*walk.failures, *(f"{role} opens {path}" for path in opened)]
            walk.page.close()
    entries = sorted({entry for walk in walks.values() for entry in walk.found})
    assert failures == []
    assert {entry: {role for role in walks if entry in walks[role].found} for entry in entries} == cases()


@pytest.mark.usefixtures("rows")
def test_pages_after_a_form_fit_both_widths(live_server: Any, boss: Client) -> None:
    conversation, report = VoiceConversation.objects.get(), Report.objects.get(kind="gig")
    with chromium() as browser:
        walk = Walk(browser.new_page(), live_server.url)
        walk.enter(boss)
        walk.choose("/admin/accounts/user/", "Ban with a reason")
        walk.choose("/admin/accounts/gig/", "Suspend with a reason")
        walk.choose("/admin/accounts/gig/", "Delete selected gigs")
        text = f"/admin/accounts/voiceconversation/{conversation.pk}/text/"
        walk.fill(text, "Log and read", **{"Why do you read this?": "A complaint"})
        assert LONG in walk.page.inner_text("#content") and RIGHT_TO_LEFT in walk.page.inner_text("#content")
        walk.fill(f"/admin/accounts/report/{report.pk}/change/", "Read the texts")
        assert RIGHT_TO_LEFT in walk.page.inner_text("#content")
        walk.fill(f"/admin/accounts/report/{report.pk}/dismiss/", "Dismiss", Reason=LONG)
        assert walk.failures == []
