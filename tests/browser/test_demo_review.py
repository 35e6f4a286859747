"""Flashcards in the demo app: the deck, and the list of cards."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from linguaflex.local import demo
from tests.fixtures.browser import expect_text, lose_first_response, wait_until
from tests.fixtures.demo_app import Window, new_window

pytestmark = pytest.mark.django_db(transaction=True)

ANA, KENJI, LEILA = (person.email for person in demo.LEARNERS)
TODAY = (
    "async () => (await (await import('/static/demo/api.js')).call('GET', 'cards/summary/')).reviews_today"
)


@pytest.fixture
def window(demo_url: str, demo_browser: Any) -> Window:
    return new_window(demo_browser, demo_url)


def progress_in(page: Any) -> tuple[int, int]:
    """How many cards of the pile are reviewed, and its size."""
    done, _, total = page.inner_text(".progress span").split()
    return int(done), int(total)


def test_cards_are_reviewed_by_keyboard(window: Window) -> None:
    page = window.sign_in(KENJI, "/review").page
    sent: list[Any] = []
    page.on("request", lambda request: request.method == "POST" and sent.append(request.post_data_json))
    before, (done, total) = page.evaluate(TODAY), progress_in(page)
    assert done == 0 and total > 2
    page.keyboard.press("3")
    assert page.locator(".face .back").count() == 0, "a card is rated only after its answer is shown"
    page.keyboard.press(" ")
    assert page.locator(".face .back").count() == 1
    page.keyboard.press("3")
    assert progress_in(page) == (1, total)
    page.keyboard.press("Enter")
    page.keyboard.press("1")
    assert progress_in(page) == (2, total + 1), "a forgotten card returns to the end of the pile"
    wait_until(page, lambda: page.evaluate(TODAY) == before + 2)
    assert [review["rating"] for review in sent] == ["good", "again"]
    assert window.problems == []


def test_a_review_without_an_answer_waits_and_is_stored_once(window: Window) -> None:
    window.expected = ("Failed to load resource",)
    page = window.sign_in(KENJI, "/review").page
    before = page.evaluate(TODAY)
    attempts = lose_first_response(page, "**/review/")
    page.get_by_role("button", name="Show the answer").click()
    page.get_by_role("button", name="Good").click()
    expect_text(page, ".note p", "1 review will be sent when the server can be reached.")
    page.reload()
    window.settle()
    wait_until(page, lambda: len(attempts) == 2)
    assert attempts[0] == attempts[1]
    assert page.evaluate(TODAY) == before + 1
    assert page.locator(".note").count() == 0


def test_the_end_of_the_deck_says_when_cards_come_back(window: Window) -> None:
    page = window.sign_in(ANA, "/review").page
    _, total = progress_in(page)
    for _ in range(total):
        page.keyboard.press(" ")
        page.keyboard.press("4")
    expect_text(page, ".empty h2", f"{total} review{'s' if total > 1 else ''} done")
    expect_text(page, ".card h2", "The next two weeks")
    assert page.locator(".forecast dd").count() > 0


def test_a_card_is_made_found_suspended_and_exported(window: Window, tmp_path: Path) -> None:
    page = window.sign_in(LEILA, "/cards").page
    expect_text(page, ".empty h2", "No cards here")
    page.get_by_role("button", name="New card").first.click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Front").fill("Yo **soy** cansada")
    dialog.get_by_label("Back").fill("Yo estoy cansada")
    dialog.get_by_label("Language").fill("Spanish")
    dialog.get_by_role("button", name="Save").click()
    expect_text(page, ".card-row mark", "soy")

    page.get_by_label("Search").fill("nothing like it")
    expect_text(page, ".empty h2", "No cards here")
    page.reload()
    expect_text(page, ".empty h2", "No cards here")
    page.get_by_label("Search").fill("cansada")
    expect_text(page, ".card-row .pill", "New")
    page.get_by_role("button", name="Suspend").click()
    expect_text(page, ".card-row .pill", "Suspended")
    page.get_by_role("button", name="Resume").click()
    expect_text(page, ".card-row .pill", "New")

    with page.expect_download() as download:
        page.get_by_role("button", name="File for Anki").click()
    download.value.save_as(tmp_path / "cards.txt")
    assert "Yo <b>soy</b> cansada\tYo estoy cansada" in (tmp_path / "cards.txt").read_text()
    assert window.problems == []
