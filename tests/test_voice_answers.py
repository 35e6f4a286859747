"""The demo app requests one answer of the tutor at a time, also if the learner's voice has started one."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.fixtures.documentation import LINE_MODULE
from tests.fixtures.programs import need, run_node

# A step is "ask" or a received event. The result lists the steps at which an answer was requested.
RUN = """
const asked = [];
let now = -1;
const answers = answersOf({ send: ({ type }) => asked.push([type, now]) }, {});
STEPS.forEach((step, index) => {
  now = index;
  if (step === "ask") answers.ask();
  else answers.hear(step);
});
console.log(JSON.stringify(asked));
"""
CREATED, DONE = {"type": "response.created"}, {"type": "response.done"}
ASIDE, ASIDE_DONE = ({**event, "response": {"conversation_id": None}} for event in (CREATED, DONE))


def refused(code: str, event_id: str | None = "answer") -> dict[str, Any]:
    return {"type": "error", "error": {"code": code, "event_id": event_id, "message": "No."}}


BUSY = refused("conversation_already_has_active_response")


@pytest.mark.slow
@pytest.mark.parametrize(
    ("steps", "asked"),
    [
        (["ask", CREATED, DONE, "ask"], [0, 3]),
        (["ask", "ask", "ask", CREATED, DONE, CREATED, DONE], [0, 4]),  # two sentences, one answer
        ([CREATED, "ask", DONE], [2]),  # an answer that the learner's voice has started
        (["ask", CREATED, BUSY, DONE, CREATED, DONE], [0, 3]),  # both were started at the same moment
        (["ask", CREATED, "ask", ASIDE, ASIDE_DONE, DONE], [0, 5]),  # one outside of the conversation
        ([ASIDE, "ask"], [1]),
        (["ask", refused("rate_limit_exceeded"), "ask"], [0, 2]),
        (["ask", refused("invalid_value", None), "ask", DONE], [0, 3]),  # of another event
    ],
)
def test_answers_are_requested_one_after_the_other(steps: list[Any], asked: list[int]) -> None:
    need("node")
    script = f"{LINE_MODULE.read_text(encoding='utf-8')}\n{RUN.replace('STEPS', json.dumps(steps))}"
    assert json.loads(run_node(script)) == [["response.create", step] for step in asked]
