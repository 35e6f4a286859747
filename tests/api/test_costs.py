"""What a request costs: Python function calls, and statements. Neither depends on the clock.

After an intended change, enter the figures that the failed test prints.
"""

import cProfile
import io
import logging
import pstats
import time
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.test import RequestFactory
from django.test.utils import CaptureQueriesContext
from django.urls import resolve
from rest_framework.test import APIClient

from accounts.rest.throttles import ScopedThrottle
from accounts.views.voice_conversations import VoiceConversationViewSet
from linguaflex.operations.middleware import RequestMiddleware
from linguaflex.operations.request_log import JSONFormatter
from tests.fixtures.people import CHATS, CONVERSATION, GIGS, VOICE, Person

ROWS, REPETITIONS = 20, 5
TOLERANCE = 0.1  # versions of Python and the packages differ by less
# Name -> calls, statements. Lists have ROWS rows.
COSTS = {
    "profile": (1_770, 1),
    "conversations": (2_020, 2),
    "summary": (2_010, 2),
    "chats": (1_970, 2),
    "gigs": (1_780, 2),
    "save": (3_120, 5),
    "send": (2_830, 7),
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


MAX_OPERATIONS_MS = 0.3  # processor time of the log line, the metrics and the throttle of a read
BATCHES, BATCH = 10, 200


@pytest.mark.usefixtures("log_of_production")
def test_operations_cost_a_read_little_time_and_no_statement(
    student: Person, settings: Any, django_assert_num_queries: Any
) -> None:
    settings.METRICS_TOKEN = "a-token-of-the-metrics"
    view = VoiceConversationViewSet(action="list")

    def answer(_: HttpRequest) -> HttpResponse:
        return HttpResponse()

    def throttled(request: HttpRequest) -> HttpResponse:
        assert ScopedThrottle().allow_request(request, view)
        return answer(request)

    request: Any = RequestFactory().get(VOICE)
    request.resolver_match, request.user = resolve(VOICE), student.user
    with django_assert_num_queries(0):
        milliseconds = least_cpu(RequestMiddleware(throttled), request) - least_cpu(answer, request)
    print(f"operations: {milliseconds:.3f} ms of processor time for each read")
    assert milliseconds < MAX_OPERATIONS_MS


def least_cpu(call: Callable[[HttpRequest], Any], request: HttpRequest) -> float:
    """Milliseconds of processor time for each call: the least of several batches."""
    found = []
    for _ in range(BATCHES):
        began = time.process_time()
        for _ in range(BATCH):
            call(request)
        found.append((time.process_time() - began) * 1000 / BATCH)
    return min(found)
