"""Teachers and gigs in the demo app."""

from __future__ import annotations

from typing import Any

import pytest

from linguaflex.local import demo
from tests.fixtures.browser import expect_text, wait_until
from tests.fixtures.demo_app import Window, new_window

pytestmark = pytest.mark.django_db(transaction=True)

ANA, TOMAS = demo.LEARNERS[0], demo.TEACHERS[0]
GIGS_IN_EUR = [gig for person in demo.TEACHERS if person.teaching["currency"] == "EUR" for gig in person.gigs]


@pytest.fixture
def window(demo_url: str, demo_browser: Any) -> Window:
    return new_window(demo_browser, demo_url, viewport={"width": 1280, "height": 800})


def expect_count(window: Window, selector: str, count: int) -> None:
    wait_until(window.page, lambda: window.page.locator(selector).count() == count)


def test_teachers_are_filtered_and_the_address_keeps_the_filter(window: Window) -> None:
    page = window.sign_in(ANA.email, "/teachers").page
    expect_count(window, ".teacher", len(demo.TEACHERS))
    page.get_by_label("Language").fill("Spanish")
    expect_count(window, ".teacher", 2)
    page.get_by_label("Search").fill("Bogotá")
    expect_text(page, ".teacher b >> nth=0", TOMAS.name)
    expect_count(window, ".teacher", 1)
    page.reload()
    expect_count(window, ".teacher", 1)
    assert page.get_by_label("Language").input_value() == "Spanish"
    page.get_by_label("Search").fill("nobody like this")
    expect_text(page, ".empty h2", "No teacher fits")
    assert window.problems == []


def test_gigs_are_compared_by_price_within_a_currency(window: Window) -> None:
    page = window.sign_in(ANA.email, "/gigs").page
    assert page.get_by_label("Price up to").is_disabled()
    page.get_by_label("Currency").select_option("EUR")
    expect_count(window, ".gig", len(GIGS_IN_EUR))
    page.get_by_label("Order").select_option("price")
    prices = sorted(float(gig.price) for gig in GIGS_IN_EUR)
    expect_text(page, ".gig .price b", [f"€{price:.2f}" for price in prices])
    page.get_by_label("Price up to").fill("20")
    expect_count(window, ".gig", len([price for price in prices if price <= 20]))
    page.get_by_label("Currency").select_option("")
    expect_count(window, ".gig", sum(len(person.gigs) for person in demo.TEACHERS))
    assert window.problems == []


def test_a_teacher_is_reported_and_written_to(window: Window) -> None:
    page = window.sign_in(ANA.email, "/teachers").page
    page.get_by_role("link", name=TOMAS.name).click()
    expect_text(page, "h1", TOMAS.name)
    expect_text(page, ".gig h3", [gig.title for gig in sorted(TOMAS.gigs, key=lambda gig: float(gig.price))])
    page.get_by_role("button", name="Report").first.click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Reason").select_option("scam")
    dialog.get_by_role("button", name="Send the report").click()
    expect_text(page, ".toast", "Reported. Staff will look at it.")
    page.get_by_role("button", name="Write to Tomás").click()
    wait_until(page, lambda: "#/chats/" in page.url)
    expect_text(page, "h1", TOMAS.name)
    assert window.problems == []
