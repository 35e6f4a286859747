"""The pictures of docs/operations/ADMIN.md, of the demo data. No test run collects this file by itself.

LINGUAFLEX_PICTURES=docs/images/admin python -m pytest -n 0 -m slow tests/browser/admin_pictures.py
"""

from __future__ import annotations

import io
import os
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from PIL import Image

from accounts.models import Gig, Report, User, VoiceConversation
from tests.fixtures.admin_walk import PHONE, SWITCH, Walk
from tests.fixtures.browser import chromium
from tests.fixtures.stored_sessions import make_session

pytestmark = pytest.mark.django_db(transaction=True)

MAX_BYTES = 120 * 1024


def save(page: Any, name: str) -> None:
    """Saves a picture of the window, with few colours."""
    page.wait_for_timeout(500)  # fonts are loaded, and the change of colours has ended
    picture = Image.open(io.BytesIO(page.screenshot())).convert("RGB")
    path = Path(os.environ["LINGUAFLEX_PICTURES"]) / f"{name}.png"
    picture.quantize(96, dither=Image.Dither.NONE).save(path, optimize=True)
    assert path.stat().st_size <= MAX_BYTES, path


def add_work(learner: User) -> Report:
    """What waits: a report of a gig, and failed feedback. Also sessions of this month. Returns the report."""
    gig = Gig.objects.order_by("pk").first()
    assert gig is not None
    for _ in range(12):
        make_session(learner, timezone.now())
    failed = VoiceConversation.objects.order_by("pk").first()
    assert failed is not None
    failed.fail_feedback("The AI service did not answer.")
    return Report.objects.create(
        kind="gig",
        reported_id=gig.pk,
        reported_user=gig.teacher.user,
        reporter=learner,
        reason="scam",
        text="Wants the money in advance.",
        copied_text=f"{gig.title}\n{gig.description}",
    )


def test_pictures(demo_url: str, boss: Client, members: dict[str, Client]) -> None:
    kenji = User.objects.get(email="kenji@example.com")
    report, conversation = add_work(kenji), VoiceConversation.objects.filter(user=kenji).latest("created_at")
    with chromium() as browser:

        def enter(client: Client) -> Walk:
            walk = Walk(browser.new_page(), demo_url)
            walk.enter(client)
            return walk

        walk = enter(boss)
        walk.page.goto(f"{demo_url}/admin/")
        save(walk.page, "dashboard")
        walk.page.goto(f"{demo_url}/admin/accounts/user/{kenji.pk}/change/")
        save(walk.page, "person")
        walk.page.goto(f"{demo_url}/admin/accounts/user/{kenji.pk}/ban/")
        save(walk.page, "ban")
        walk.page.set_viewport_size(PHONE)
        walk.page.goto(f"{demo_url}/admin/")
        walk.page.evaluate(SWITCH, "dark")
        save(walk.page, "dashboard-phone")
        walk = enter(members["moderator"])
        walk.fill(f"/admin/accounts/report/{report.pk}/change/", "Read the texts")
        walk.page.set_viewport_size({"width": 1360, "height": 1000})
        save(walk.page, "report")
        walk = enter(members["support"])
        walk.page.goto(f"{demo_url}/admin/accounts/voiceconversation/")
        save(walk.page, "conversations")
        path = f"/admin/accounts/voiceconversation/{conversation.pk}/text/"
        walk.fill(path, "Log and read", **{"Why do you read this?": "The learner asked about a correction."})
        walk.page.set_viewport_size({"width": 1360, "height": 1000})
        save(walk.page, "conversation")
        walk = enter(members["analyst"])
        walk.page.goto(f"{demo_url}/admin/accounts/voicesession/usage/")
        save(walk.page, "usage")
