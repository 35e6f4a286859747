"""docs/LEARNING.md: its queue of reviews. tests/test_guides.py tests the rest of the page."""

import json

import pytest

from tests.fixtures.guides import LEARNING
from tests.fixtures.programs import need, run_node

pytestmark = pytest.mark.django_db(transaction=True, reset_sequences=True)

MISHAPS = """
const late = { rating: "good", client_id: crypto.randomUUID(), reviewed_at: "2999-01-01T00:00:00Z" };
queue.stored.push([0, { ...late }], [card.id, late]);
await queue.send();
const { reviews_today } = await ana("GET", "cards/summary/");
console.log(JSON.stringify({ left: queue.stored.length, reviews_today }));
"""


@pytest.mark.slow
def test_the_queue_of_reviews_survives_a_wrong_clock_and_a_deleted_card(demo_url: str) -> None:
    need("node")
    blocks = [example.fetch for example in LEARNING.examples(demo_url)]
    (end,) = (number for number, block in enumerate(blocks) if "const queue" in block)
    answer = run_node("\n".join([*blocks[: end + 1], MISHAPS]))
    assert json.loads(answer) == {"left": 0, "reviews_today": 3}
