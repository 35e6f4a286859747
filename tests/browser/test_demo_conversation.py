"""A conversation in the demo app: corrections in their place, feedback, and what is shared with a teacher."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import urlsplit

import pytest

from accounts.models import User
from tests.fixtures.browser import expect_text
from tests.fixtures.demo_app import Window, new_window
from tests.fixtures.demo_screens import KENJI, ids_of

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def ids(demo_url: str) -> dict[str, object]:
    return ids_of(User.objects.get(email=KENJI))


@pytest.fixture
def window(demo_url: str, ids: dict[str, object], demo_browser: Any) -> Window:
    """Kenji's conversation, on which a teacher has commented."""
    window = new_window(demo_browser, demo_url, viewport={"width": 1280, "height": 800})
    return window.sign_in(KENJI, f"/conversation/{ids['commented']}")


def test_the_corrections_of_the_ai_stand_beside_those_of_the_teacher(window: Window) -> None:
    page = window.page
    expect_text(page, "mark.ai", ["I lost the last train", "near from the station"])
    expect_text(page, "mark.teacher", ["I stayed in a hotel"])
    notes = page.locator(".turn:nth-child(3) .notes > ul")
    left, right = (notes.nth(index).bounding_box() for index in (0, 1))
    assert left["y"] == right["y"] and left["x"] + left["width"] <= right["x"]
    expect_text(page, ".turn:nth-child(3) .ai ins", "near the station")
    expect_text(page, ".turn:nth-child(3) .teacher ins", "I ended up staying in a hotel")
    expect_text(page, ".columns > :last-child .correction .small", re.compile("^A good story"))
    assert page.get_attribute("mark.ai >> xpath=..", "lang") == "en"


def test_a_conversation_is_taken_back_and_shared_again(window: Window) -> None:
    from playwright.sync_api import expect

    page = window.page
    page.get_by_role("button", name="Take back from Grace Okafor").click()
    expect_text(page, ".toast", "Grace Okafor cannot read it any more.")
    expect_text(page, ".sharing .soft", "Only you can read this conversation.")
    page.get_by_role("button", name="Share with a teacher").click()
    page.wait_for_selector("dialog .people-list")
    names = page.locator("dialog .people-list b").all_inner_texts()
    assert sorted(names) == ["Grace Okafor", "Rhys Morgan"]  # who teach English
    page.get_by_role("button", name="Share with Rhys Morgan").click()
    expect_text(page, ".sharing > .stack .people-list b", "Rhys Morgan")
    expect(page.locator("dialog")).to_have_count(0)
    assert window.problems == []


def test_a_deleted_comment_and_a_deleted_conversation_disappear(
    window: Window, ids: dict[str, object]
) -> None:
    page = window.page
    page.click(".turn:nth-child(3) [aria-label='Delete the comment']")
    page.click("dialog >> text='Delete'")
    expect_text(page, "mark.teacher", [])
    window.expected = ("404",)  # an event of the comment may read the conversation while it is deleted
    sent: list[tuple[str, str]] = []
    page.on("request", lambda request: sent.append((request.method, urlsplit(request.url).path)))
    page.get_by_role("button", name="Delete the conversation").click()
    page.click("dialog >> text='Delete'")
    expect_text(page, "h1", "History")
    page.wait_for_selector(".conversation-item")
    assert "Telling a story" not in page.locator(".conversation-item b").all_inner_texts()
    path = f"/accounts/voice-conversations/{ids['commented']}/"
    later = sent[sent.index(("DELETE", path)) + 1 :]
    assert [request for request in later if request[1].startswith(path)] == []
    assert window.problems == []


PARTS = """async ([text, notes]) => {
  const { partsOf } = await import("/static/demo/ui/dialogue.js");
  return partsOf(text, notes).map(({ text, sources }) => [text, sources]);
}"""


def test_words_with_the_corrections_of_both_have_both_marks(window: Window) -> None:
    notes = [{"quote": "go to", "source": "ai"}, {"quote": "to home", "source": "teacher"}]
    assert window.page.evaluate(PARTS, ["I go to home.", notes]) == [
        ["I ", []],
        ["go ", ["ai"]],
        ["to", ["ai", "teacher"]],
        [" home", ["teacher"]],
        [".", []],
    ]


CREATE = """async (transcription) => {
  const { call } = await import("/static/demo/api.js");
  const languages = { target_language: "Arabic", native_language: "English" };
  return (await call("POST", "voice-conversations/", { topic: "السوق", transcription, ...languages })).id;
}"""


@pytest.mark.parametrize(
    ("transcription", "texts", "speakers"),
    [
        ({"segments": [{"speaker": "Student", "text": "كم السعر؟"}]}, ["كم السعر؟"], ["Student"]),
        ({"full_text": "كم السعر؟"}, ["كم السعر؟"], []),
        ("كم السعر؟", ["كم السعر؟"], []),
        (
            {"messages": [{"role": "user", "content": [{"text": "كم"}, {"text": "السعر؟"}]}]},
            ["كم السعر؟"],
            [],
        ),
    ],
    ids=["segments", "full_text", "text", "content"],
)
def test_each_format_of_a_transcription_is_shown_from_right_to_left(
    window: Window, transcription: object, texts: list[str], speakers: list[str]
) -> None:
    page = window.page
    window.open(f"/conversation/{page.evaluate(CREATE, transcription)}")
    expect_text(page, "h1", "السوق")
    expect_text(page, ".turn .text", texts)
    expect_text(page, ".speaker", speakers)
    assert page.locator(".turn .text").evaluate("node => getComputedStyle(node).direction") == "rtl"
    assert page.get_attribute(".turn .text", "lang") == "ar"
    window.look()
    assert window.problems == []
