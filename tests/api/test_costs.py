"""What a request costs: Python function calls, and statements. Neither depends on the clock.

After an intended change, enter the figures that the failed test prints.
"""

import cProfile
import io
import logging
import pstats
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from rest_framework.test import APIClient

from linguaflex.operations.request_log import JSONFormatter
from tests.fixtures.people import CHATS, CONVERSATION, GIGS, VOICE, Person

ROWS, REPETITIONS = 20, 5
TOLERANCE = 0.1  # versions of Python and the packages differ by less
# Name -> calls, statements. Lists have ROWS rows.
COSTS = {
    "profile": (1_860, 1),
    "conversations": (2_120, 2),
    "summary": (2_140, 2),
    "chats": (2_270, 2),
    "gigs": (1_870, 2),
    "save": (3_920, 5),
    "send": (3_110, 7),
}

pytestmark = [pytest.mark.django_db, pytest.mark.slow]


@pytest.fixture
def requests(student: Person, teacher: Person, make_person: Callable[..., Person]) -> dict[str, Any]:
    """The measured requests, on a database with ROWS rows of each kind."""
    student.client = APIClient()  # compares no answers with the OpenAPI document
    student.client.credentials(HTTP_AUTHORIZATION=f"Bearer {student.token}")
    for number in range(ROWS):
        chat = student.open_chat(make_person(f"Peer{number}"))
        student.write(chat)
        student.save_conversation()
        teacher.offer()
    get = student.client.get
    return {
        "profile": lambda: get("/accounts/users/me/"),
        "conversations": lambda: get(VOICE, {"limit": ROWS}),
        "summary": lambda: get(f"{VOICE}summary/"),
        "chats": lambda: get(CHATS, {"limit": ROWS}),
        "gigs": lambda: get(GIGS, {"limit": ROWS}),
        "save": lambda: student.client.post(VOICE, CONVERSATION),
        "send": lambda: student.client.post(f"{CHATS}{chat['id']}/messages/", {"content": "Hola"}),
    }


@pytest.fixture
def log_of_production(monkeypatch: pytest.MonkeyPatch) -> None:
    """Writes log lines as production does, and not to the collectors of the tests."""
    handler = logging.StreamHandler(io.StringIO())
    handler.setFormatter(JSONFormatter())
    monkeypatch.setattr(logging.getLogger(), "handlers", [handler])


@pytest.mark.usefixtures("log_of_production")
def test_no_request_costs_more_than_recorded(requests: dict[str, Any]) -> None:
    found = {name: cost_of(request) for name, request in requests.items()}
    too_much = {
        name: (calls, statements)
        for name, (calls, statements) in found.items()
        if calls > COSTS[name][0] * (1 + TOLERANCE) or statements > COSTS[name][1]
    }
    assert not too_much, f"recorded: {COSTS}, found: {found}"


def cost_of(request: Callable[[], Any]) -> tuple[int, int]:
    """The function calls and statements of a request, after a first one."""
    assert request().status_code in (200, 201)
    profile = cProfile.Profile()
    profile.enable()
    for _ in range(REPETITIONS):
        request()
    profile.disable()
    with CaptureQueriesContext(connection) as queries:
        request()
    return round(pstats.Stats(profile).total_calls / REPETITIONS), len(queries)
