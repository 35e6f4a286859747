"""History and home of the demo app."""

from __future__ import annotations

import re
from typing import Any

import pytest

from tests.fixtures.browser import expect_text
from tests.fixtures.demo_app import Window, new_window, wait_for
from tests.fixtures.demo_screens import KENJI, LEILA

pytestmark = pytest.mark.django_db(transaction=True)

TOPICS = ".conversation-item b"


@pytest.fixture
def window(demo_url: str, demo_browser: Any) -> Window:
    return new_window(demo_browser, demo_url)


def test_the_history_has_pages(window: Window) -> None:
    page = window.sign_in(KENJI, "/history").page
    expect_text(page, "header .soft", re.compile(r"^18 conversations, \d+ minutes$"))
    wait_for(page, "document.querySelectorAll('.conversation-item').length === 10")
    page.click("text=Show more")
    wait_for(page, "document.querySelectorAll('.conversation-item').length === 18")
    topics = page.locator(TOPICS).all_inner_texts()
    assert len(set(topics)) == 18
    assert page.locator("text=Show more").count() == 0


def test_the_filters_stand_in_the_address(window: Window) -> None:
    page = window.sign_in(KENJI, "/history").page
    page.get_by_label("Language").select_option(label="Mandarin")
    expect_text(page, TOPICS, ["天气"])
    assert page.url.endswith("#/history?language=zh")
    page.reload()
    expect_text(page, TOPICS, ["天气"])
    page.get_by_label("Language").select_option("")
    page.get_by_label("Search").fill("last train")
    expect_text(page, TOPICS, ["Telling a story"])
    page.get_by_label("Type").select_option(label="Grammar Practice")
    expect_text(page, ".empty h2", "Nothing found")
    page.click("text=Remove the filters")
    wait_for(page, "document.querySelectorAll('.conversation-item').length === 10")
    assert page.input_value("[type=search]") == ""
    page.get_by_label("Order").select_option(label="Longest first")
    expect_text(page, f"{TOPICS} >> nth=0", "Assessment")
    assert window.problems == []


def test_home_has_the_figures_and_charts_of_eight_weeks(window: Window) -> None:
    page = window.sign_in(KENJI).page
    wait_for(page, "document.querySelectorAll('.plot canvas').length === 2")
    assert page.locator("figure >> nth=0 >> tbody tr").count() == 8
    assert all(int(text) > 0 for text in page.locator("figure >> nth=0 >> td").all_inner_texts())
    expect_text(
        page,
        ".figure dd",
        [re.compile(r"^\d+ days?$"), re.compile(r"^\d+ minutes$"), re.compile(r"^\d+ card")],
    )
    page.click(".topic-links a >> nth=0")
    expect_text(page, "h1", "Practise")
    assert page.input_value("[name=topic]") == "Tell me about last weekend"


def test_the_arrows_of_the_latest_conversations_stand_in_one_column(window: Window) -> None:
    page = window.sign_in(KENJI).page
    arrows = page.locator(".halves .conversation-item > svg").all()
    assert len(arrows) == 3
    assert len({round(arrow.bounding_box()["x"]) for arrow in arrows}) == 1


def test_home_of_a_new_learner_leads_to_the_first_practice(window: Window) -> None:
    page = window.sign_in(LEILA).page
    page.click("text=Begin to practise")
    expect_text(page, "h1", "Practise")
