"""A teacher comments on a shared conversation in the demo app; the learner's window shows it at once."""

from __future__ import annotations

from typing import Any

import pytest

from accounts.models import User
from linguaflex.local import demo
from tests.fixtures.browser import expect_text, wait_until
from tests.fixtures.demo_app import Window, new_window

pytestmark = pytest.mark.django_db(transaction=True)

ANA, TOMAS = demo.LEARNERS[0], demo.TEACHERS[0]
TOPIC, WORDS = "Introducing yourself", "Trabajo en la noche"
API = """async ([method, path, body]) => {
  const { call } = await import("/static/demo/api.js");
  return call(method, path, body ?? undefined);
}"""


@pytest.fixture
def shares(demo_url: str) -> str:
    """The path of the shares of the conversation that has WORDS."""
    ana = User.objects.get(email=ANA.email)
    return f"voice-conversations/{ana.voice_conversations.get(topic=TOPIC).pk}/shares/"


@pytest.fixture
def windows(demo_url: str, shares: str, demo_browser: Any) -> tuple[Window, Window]:
    """Ana's window, and the teacher's with the list of shared conversations."""
    ana, tomas = new_window(demo_browser, demo_url), new_window(demo_browser, demo_url)
    return ana.sign_in(ANA.email), tomas.sign_in(TOMAS.email, "/shared")


def share(ana: Window, shares: str) -> None:
    """Shares the conversation with the teacher."""
    tomas = ana.page.evaluate(API, ["GET", f"teachers/?search={TOMAS.name}", None])[0]
    ana.page.evaluate(API, ["POST", shares, {"teacher": tomas["id"]}])


def comment(tomas: Window, **fields: str) -> None:
    """Fills the dialog of a comment and saves it."""
    dialog = tomas.page.get_by_role("dialog")
    for label, text in fields.items():
        dialog.get_by_label(label.replace("_", " ")).fill(text)
    dialog.get_by_role("button", name="Save").click()
    dialog.wait_for(state="detached")


def test_a_teacher_corrects_a_turn_and_the_learner_sees_it_at_once(
    windows: tuple[Window, Window], shares: str
) -> None:
    ana, tomas = windows
    expect_text(tomas.page, ".empty h2", "Nothing is shared yet")
    share(ana, shares)
    tomas.page.get_by_role("link", name=TOPIC).click()
    expect_text(tomas.page, "h1", TOPIC)
    ana.open(f"/conversation/{shares.split('/')[1]}")

    tomas.page.get_by_role("button", name="Correct or comment").last.click()
    comment(tomas, Words_to_correct=WORDS, Better="Trabajo de noche", Comment="De noche: at night.")
    for window in windows:
        expect_text(window.page, ".correction ins", "Trabajo de noche")
        expect_text(window.page, ".turn mark", WORDS)

    tomas.page.get_by_role("button", name="Edit the comment").click()
    comment(tomas, Comment="At night, in general.")
    expect_text(ana.page, ".correction .small", "At night, in general.")
    tomas.page.get_by_role("button", name="Delete the comment").click()
    tomas.page.get_by_role("dialog").get_by_role("button", name="Delete").click()
    for window in windows:
        wait_until(window.page, lambda page=window.page: page.locator(".correction").count() == 0)
        assert window.problems == []


def test_a_conversation_that_is_taken_back_closes_for_the_teacher(
    windows: tuple[Window, Window], shares: str
) -> None:
    ana, tomas = windows
    tomas.expected = ("404",)
    share(ana, shares)
    tomas.page.get_by_role("link", name=TOPIC).click()
    expect_text(tomas.page, "h1", TOPIC)
    [given] = ana.page.evaluate(API, ["GET", shares, None])
    ana.page.evaluate(API, ["DELETE", f"{shares}{given['teacher']['id']}/", None])
    expect_text(tomas.page, ".empty h2", "This conversation is not open to you")
    tomas.open("/shared")
    expect_text(tomas.page, ".empty h2", "Nothing is shared yet")
    assert tomas.problems == []


def test_a_declined_learner_is_accepted_again(windows: tuple[Window, Window], shares: str) -> None:
    ana, tomas = windows
    share(ana, shares)
    tomas.page.get_by_role("link", name=TOPIC).click()
    tomas.page.get_by_role("button", name="Decline").click()
    tomas.page.get_by_role("dialog").get_by_role("button", name="Decline").click()
    expect_text(tomas.page, ".entry > span", ANA.name)
    tomas.page.get_by_role("button", name="Accept again").click()
    wait_until(tomas.page, lambda: tomas.page.locator(".entry").count() == 0)
    share(ana, shares)
    expect_text(tomas.page, ".card b", TOPIC)
