"""The own profile, offer, notices and data in the demo app."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from accounts.models import Notice, User
from linguaflex.local import demo
from tests.fixtures.browser import expect_text, wait_until
from tests.fixtures.demo_app import Window, new_window
from tests.fixtures.pictures import picture

pytestmark = pytest.mark.django_db(transaction=True)

ANA, TOMAS = demo.LEARNERS[0], demo.TEACHERS[0]


@pytest.fixture
def window(demo_url: str, demo_browser: Any) -> Window:
    return new_window(demo_browser, demo_url, viewport={"width": 1280, "height": 800})


def test_a_profile_is_changed_and_gets_a_picture(window: Window) -> None:
    page = window.sign_in(ANA.email, "/profile").page
    page.get_by_label("Name").fill("Ana L.")
    page.get_by_label("Learning").fill("Spanish, Japanese , Korean")
    page.get_by_label("Time zone").select_option("America/Bogota")
    page.get_by_role("button", name="Save").click()
    expect_text(page, ".toast", "Profile saved.")
    page.set_input_files("#picture", {"name": "me.png", "mimeType": "image/png", "buffer": picture()})
    shown = ".card .avatar.large"
    wait_until(page, lambda: page.evaluate(f"document.querySelector('{shown}').naturalWidth > 0"))
    page.reload()
    window.settle()
    assert page.get_by_label("Name").input_value() == "Ana L."
    assert page.get_by_label("Learning").input_value() == "Spanish, Japanese, Korean"
    assert page.get_by_label("Time zone").input_value() == "America/Bogota"
    page.get_by_role("button", name="Remove").click()
    expect_text(page, shown, "AL")
    assert window.problems == []


def test_a_rejected_value_stands_at_its_field(window: Window) -> None:
    window.expected = ("400",)
    page = window.sign_in(ANA.email, "/profile").page
    page.get_by_label("Learning").fill(", ".join(f"Language {number}" for number in range(21)))
    page.get_by_role("button", name="Save").click()
    page.locator(".field .wrong").wait_for()
    assert page.get_by_label("Learning").get_attribute("aria-invalid") == "true"


def test_a_learner_becomes_a_teacher_with_a_gig_on_offer(window: Window) -> None:
    page = window.sign_in(ANA.email, "/teaching").page
    page.get_by_label("Headline").fill("Swedish for nurses")
    page.get_by_role("button", name="Become a teacher").click()
    page.get_by_role("button", name="New gig").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Title").fill("Svenska")
    dialog.get_by_label("Description").fill("Words of the ward.")
    dialog.get_by_label("Language").fill("Swedish")
    dialog.get_by_label("Price of a session").fill("12.50")
    dialog.get_by_label("Tags").fill("nurses, beginner")
    dialog.get_by_role("button", name="Save").click()
    expect_text(page, ".gig h3", "Svenska")
    expect_text(page, ".gig .pill", ["Swedish", "nurses", "beginner", "On offer"])
    page.get_by_role("button", name="Pause").click()
    expect_text(page, ".gig .pill >> nth=3", "Paused")
    page.get_by_role("button", name="Put on offer").click()
    expect_text(page, ".gig .pill >> nth=3", "On offer")
    page.get_by_role("link", name="As learners see it").click()
    expect_text(page, ".lead", "Swedish for nurses")
    assert window.problems == []


@pytest.fixture
def notice(demo_url: str) -> Notice:
    """A warning to Ana."""
    ana = User.objects.get(email=ANA.email)
    return Notice.objects.create(user=ana, kind=Notice.Kind.WARNING, text="Be kind.")


def test_a_notice_is_marked_as_read(notice: Notice, window: Window) -> None:
    page = window.sign_in(ANA.email, "/notices").page
    expect_text(page, ".entry p >> nth=0", "Be kind.")
    page.get_by_role("button", name="Mark as read").click()
    wait_until(page, lambda: page.get_by_text("Mark as read").count() == 0)
    page.reload()
    expect_text(page, ".entry p >> nth=0", "Be kind.")
    assert page.get_by_text("Mark as read").count() == 0


def test_the_own_data_are_downloaded_and_the_account_is_deleted(window: Window, tmp_path: Path) -> None:
    page = window.sign_in(ANA.email, "/account").page
    with page.expect_download() as download:
        page.get_by_role("button", name="Download").click()
    download.value.save_as(tmp_path / "export.json")
    assert json.loads((tmp_path / "export.json").read_text())["profile"]["email"] == ANA.email

    window.expected = ("400", "401", "403")
    page.get_by_role("button", name="Delete my account").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Your e-mail address").fill("another@example.com")
    dialog.get_by_role("button", name="Delete my account").click()
    dialog.locator(".wrong").wait_for()
    dialog.get_by_label("Your e-mail address").fill(ANA.email)
    dialog.get_by_role("button", name="Delete my account").click()
    expect_text(page, ".welcome .note", "Your account is deleted.")
    page.get_by_role("button", name=ANA.name).click()
    page.locator("[role=alert]").wait_for()
    assert window.problems == []
