"""docs/LEARNING.md: its examples are executed, and it names every route and every event."""

from __future__ import annotations

import json
import re

import pytest

from tests.fixtures.documentation import LEARNING_PAGE, SERVER, fetch_examples
from tests.fixtures.documented_answers import (
    INSTANT,
    UUID,
    Outcome,
    assert_as_shown,
    requests_of,
    run_fetch,
)
from tests.fixtures.programs import need, run_node
from tests.fixtures.routes import all_routes

pytestmark = pytest.mark.django_db(transaction=True, reset_sequences=True)

INSTANTS = ("due_at", "last_reviewed_at", "created_at", "updated_at", "edited_at", "shared_at")
# Values that differ between runs. The day on which a card is due depends on the time of day.
FORMS = {
    **dict.fromkeys(("id", "author", "sender"), UUID),
    **dict.fromkeys(INSTANTS, INSTANT),
    "forecast": re.compile(r"\[({'day': '\d{4}-\d\d-\d\d', 'due': \d+}(, )?){14}\]"),
}
MISHAPS = """
const late = { rating: "good", client_id: crypto.randomUUID(), reviewed_at: "2999-01-01T00:00:00Z" };
queue.stored.push([0, { ...late }], [card.id, late]);
await queue.send();
const { reviews_today } = await ana("GET", "cards/summary/");
console.log(JSON.stringify({ left: queue.stored.length, reviews_today }));
"""
OWN_ROUTES = re.compile(r"cards/|/shares/|/comments/|/shared/|/corrections/")


def assert_text_as_shown(shown: str, outcome: Outcome) -> None:
    """Asserts that a file has the lines on the page, except for its ids and instants."""
    real = outcome.body.replace("\r\n", "\n").removesuffix("\n")
    for form in (UUID, INSTANT):
        shown, real = form.sub("…", shown), form.sub("…", real)
    assert shown == real


@pytest.mark.slow
def test_the_examples_answer_as_shown(demo_url: str) -> None:
    need("node")
    found = fetch_examples(LEARNING_PAGE.replace(SERVER, demo_url))
    shown = requests_of(found)
    assert len(shown) > 30
    for example, outcome in zip(shown, run_fetch(found, in_scopes=False), strict=True):
        if "export" in example.fetch:
            assert_text_as_shown(example.answer, outcome)
        else:
            assert_as_shown(example, outcome, FORMS)


def test_the_page_has_an_example_of_every_route() -> None:
    code = "\n".join(example.fetch for example in fetch_examples(LEARNING_PAGE))
    called = {
        (method.lower(), re.sub(r"\$\{[^}]*\}|\b\d+\b", "{}", path).partition("?")[0])
        for method, path in re.findall(r'"([A-Z]+)", ["`]([^"`]+)["`]', code)
    }
    routes = {
        (route.method, re.sub(r"<[^>]*>|\{[^}]*\}", "{}", route.pattern).removeprefix("/accounts/"))
        for route in all_routes()
        if OWN_ROUTES.search(route.pattern)
    }
    assert len(routes) > 20
    assert routes <= called, sorted(routes - called)


@pytest.mark.slow
def test_the_queue_of_reviews_survives_a_wrong_clock_and_a_deleted_card(demo_url: str) -> None:
    need("node")
    blocks = [example.fetch for example in fetch_examples(LEARNING_PAGE.replace(SERVER, demo_url))]
    (end,) = (number for number, block in enumerate(blocks) if "const queue" in block)
    answer = run_node("\n".join([*blocks[: end + 1], MISHAPS]))
    assert json.loads(answer) == {"left": 0, "reviews_today": 3}
