"""The learning loop in the demo app: practice, feedback, cards, review, and a teacher in a second window."""

from __future__ import annotations

import re
from typing import Any

import pytest

from linguaflex.local import demo
from tests.fixtures.browser import expect_text
from tests.fixtures.demo_app import Window, new_window
from tests.fixtures.voice_page import begin, expect_saved, open_window, say

pytestmark = pytest.mark.django_db(transaction=True)

ANA, TOMAS = demo.LEARNERS[0], demo.TEACHERS[0]
WORDS, TOPIC = "quiero dos kilos", "At the market"


def review_until(page: Any, words: str) -> int:
    """Reviews cards by keyboard up to the one with these words. Returns their number."""
    total = int(page.inner_text(".progress span").split()[-1])
    for number in range(1, total + 1):
        front = page.inner_text(".face")
        page.keyboard.press(" ")
        page.wait_for_selector(".face .back")
        with page.expect_response("**/review/"):
            page.keyboard.press("3")
        if words in front:
            return number
    raise AssertionError(f"no card has {words!r}")


@pytest.mark.usefixtures("simulator", "worker")
def test_the_learning_loop(demo_url: str, demo_browser: Any) -> None:
    tomas = new_window(demo_browser, demo_url).sign_in(TOMAS.email, "/shared")
    ana = open_window(demo_browser, f"{demo_url}/demo/", ANA.email)
    page = ana.page
    expect_text(tomas.page, ".empty h2", "Nothing is shared yet")

    begin(page, TOPIC)
    say(page, WORDS)
    page.click(".room .end")
    expect_saved(page, TOPIC)

    page.get_by_role("button", name="Get feedback").click()
    expect_text(page, "mark.ai", WORDS)
    expect_text(page, ".cards-made p", "1 card comes from this conversation, 1 due now.")

    page.click(".cards-made a")
    expect_text(page, "h1", re.compile("Review"))
    assert review_until(page, WORDS) >= 1

    page.go_back()
    expect_saved(page, TOPIC)
    expect_text(page, ".cards-made p", "1 card comes from this conversation, 0 due now.")
    page.get_by_role("button", name="Share with a teacher").click()
    page.get_by_role("button", name=f"Share with {TOMAS.name}").click()
    expect_text(page, ".sharing > .stack .people-list b", TOMAS.name)

    correct(tomas, TOPIC, WORDS)
    expect_text(page, "mark.teacher", WORDS)
    expect_text(page, ".correction.teacher ins", "quisiera dos kilos")
    expect_text(page, ".cards-made p", "2 cards come from this conversation, 1 due now.")
    assert ana.problems == tomas.problems == []


def correct(teacher: Window, topic: str, words: str) -> None:
    """The teacher's window shows the shared conversation at once; the teacher corrects the words in it."""
    page = teacher.page
    page.get_by_role("link", name=topic).click()
    expect_text(page, "h1", topic)
    page.get_by_role("button", name="Correct or comment").last.click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Words to correct").fill(words)
    dialog.get_by_label("Better").fill("quisiera dos kilos")
    dialog.get_by_label("Comment").fill("More polite.")
    dialog.get_by_role("button", name="Save").click()
    dialog.wait_for(state="detached")
