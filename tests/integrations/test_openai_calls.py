"""Realtime calls through the official package against the simulator: begin, hang up, time limits, logs."""

import gzip
import logging
import time
import uuid
from collections.abc import Callable
from functools import partial
from typing import Any

import pytest

from accounts.errors import OpenAINotConfigured, OpenAIRejected, OpenAIUnavailable
from accounts.integrations import openai
from standins.openai.faults import Fault
from standins.openai.realtime_calls import FIXED_ANSWER
from tests.fixtures.faulty_servers import FAULTS, serving, whole
from tests.fixtures.slow_servers import dripping_server

PERSON = uuid.UUID("5f0c1a52-6f0e-4a52-9d57-0a3ad2b0c111")
SESSION = {"type": "realtime", "model": "gpt-realtime-2.1", "instructions": "Speak Spanish."}
OFFER = "v=0\r\no=- 7 1 IN IP4 203.0.113.7\r\ns=the-offer\r\nt=0 0\r\n"
ANSWER = b"v=0\r\ns=the-answer\r\n"
LOCATION = "/v1/realtime/calls/rtc_1"


@pytest.fixture(autouse=True)
def calls(simulator: Any) -> Any:
    """The simulator's calls, which are answered without WebRTC."""
    simulator.calls.with_webrtc = False
    return simulator.calls


def call() -> openai.RealtimeCall:
    return openai.create_call(session=lambda model: SESSION, offer=OFFER, user_id=PERSON)


def secret() -> openai.ClientSecret:
    return openai.create_client_secret(session=lambda model: SESSION, seconds=60, user_id=PERSON)


def answered(body: bytes = ANSWER, location: str | None = LOCATION) -> Fault:
    """A fault that replaces the simulator's answer to an offer."""
    headers = {"content-type": "application/sdp"} | ({} if location is None else {"location": location})
    return Fault("/calls", 201, body, headers=headers)


# --------------------------------------------------------------------------------------- begin


def test_call_begins_with_the_offer_and_the_session(calls: Any, simulator: Any, settings: Any) -> None:
    begun = call()
    (opened,) = calls
    assert (begun.answer, begun.call_id) == (FIXED_ANSWER, opened.id)
    received = simulator.received[-1]
    assert received.body == {"sdp": OFFER, "session": SESSION}
    assert received.request.headers["authorization"] == f"Bearer {settings.OPENAI_API_KEY}"
    assert received.request.headers["openai-safety-identifier"] == openai.safety_identifier(PERSON)


@pytest.mark.parametrize(
    ("location", "call_id"),
    [
        (LOCATION, "rtc_1"),
        ("https://api.openai.com/v1/realtime/calls/rtc_u0-Z", "rtc_u0-Z"),
        (f"{LOCATION}?region=eu#1", "rtc_1"),
        ("rtc_1", "rtc_1"),
        (f"/v1/realtime/calls/{'x' * 128}", "x" * 128),
    ],
)
def test_call_id_is_the_last_segment_of_the_location(simulator: Any, location: str, call_id: str) -> None:
    simulator.faults.add(answered(location=location))
    assert call() == openai.RealtimeCall(ANSWER.decode(), call_id)


@pytest.mark.parametrize(
    "location",
    [
        None,
        "",
        "/v1/realtime/calls/",
        f"{LOCATION}/",
        f"/v1/realtime/calls/{'x' * 129}",
        "/v1/realtime/calls/rtc 1",
        "/v1/realtime/calls/rtc%2f1",
        "/v1/realtime/calls/rtc.1",
        "/v1/realtime/calls/rtc_é",
        "https://[",
    ],
)
def test_call_without_a_readable_id_is_an_error(simulator: Any, location: str | None) -> None:
    simulator.faults.add(answered(location=location))
    with pytest.raises(OpenAIUnavailable):
        call()


def test_answer_has_up_to_64_kilobytes(simulator: Any) -> None:
    longest = ANSWER.ljust(64 * 1024, b"x")
    simulator.faults.add(answered(longest), answered(longest + b"x"))
    assert call().answer == longest.decode()
    with pytest.raises(OpenAIUnavailable):
        call()


@pytest.mark.parametrize("body", [b"", b"<html>", b'{"sdp": "v=0"}', b"v=0\r\ns=\xff\r\n", b" v=0"])
def test_answer_that_is_no_session_description_is_an_error(simulator: Any, body: bytes) -> None:
    simulator.faults.add(answered(body))
    with pytest.raises(OpenAIUnavailable):
        call()


@pytest.mark.parametrize(
    ("status", "error"), [(500, OpenAIUnavailable), (429, OpenAIUnavailable), (400, OpenAIRejected)]
)
def test_refused_call_is_an_error_and_the_next_one_begins(
    simulator: Any, status: int, error: type[Exception]
) -> None:
    simulator.faults.add(Fault("/calls", status, {"error": {"code": "no"}}))
    with pytest.raises(error):
        call()
    assert call().answer == FIXED_ANSWER


def test_offer_and_answer_are_not_logged(simulator: Any, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    simulator.faults.add(
        Fault("/calls", 400, {"error": {"message": OFFER, "code": "the-offer"}}),
        answered(ANSWER, location="the-answer of 203.0.113.7"),
        answered(b"the-answer"),
    )
    for _ in range(3):
        with pytest.raises((OpenAIRejected, OpenAIUnavailable)):
            call()
    call()
    assert "OpenAI refused" in caplog.text
    for part in ("the-offer", "the-answer", "203.0.113.7", "rtc_"):
        assert part not in caplog.text


# ------------------------------------------------------------------------------------- hang up


def test_call_is_hung_up(calls: Any) -> None:
    begun, other = call(), call()
    before = time.time()
    openai.hang_up(begun.call_id)
    assert [each.id for each in calls.open()] == [other.call_id]
    (hung_up,) = (each for each in calls if each.id == begun.call_id)
    assert hung_up.hung_up_at >= before


def test_hanging_up_again_or_an_unknown_call_is_no_error() -> None:
    begun = call()
    for call_id in (begun.call_id, begun.call_id, "rtc_unknown"):
        openai.hang_up(call_id)


@pytest.mark.parametrize(("status", "error"), [(500, OpenAIUnavailable), (403, OpenAIRejected)])
def test_refused_hang_up_is_an_error(calls: Any, simulator: Any, status: int, error: type[Exception]) -> None:
    begun = call()
    simulator.faults.add(Fault("/hangup", status, {}))
    with pytest.raises(error):
        openai.hang_up(begun.call_id)
    assert len(calls.open()) == 1


def test_calls_need_an_api_key(settings: Any) -> None:
    settings.OPENAI_API_KEY = ""
    for request in (call, lambda: openai.hang_up("rtc_1")):
        with pytest.raises(OpenAINotConfigured):
            request()


# ---------------------------------------------------------------------------------------- time


REQUESTS: dict[str, Callable[[], object]] = {
    "CALL_SECONDS": call,
    "HANG_UP_SECONDS": lambda: openai.hang_up("rtc_1"),
    "SESSION_TIMEOUT_SECONDS": secret,
    "ANSWER_TIMEOUT_SECONDS": lambda: openai.answer(instructions="", text="", schema={}, user_id=PERSON),
}


@pytest.mark.parametrize("limit", REQUESTS)
def test_time_limit_is_that_of_the_whole_request(
    limit: str, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(openai, limit, 0.3)
    with dripping_server() as address:
        settings.OPENAI_BASE_URL = f"{address}/v1"
        began = time.monotonic()
        with pytest.raises(OpenAIUnavailable):
            REQUESTS[limit]()
        assert time.monotonic() - began < 1.5


@pytest.mark.parametrize("limit", REQUESTS)
def test_response_has_four_megabytes_at_most_and_no_coding(limit: str, settings: Any) -> None:
    bomb = partial(whole, 200, gzip.compress(bytes(10_000)), b"content-encoding: gzip\r\n")
    for parts in (FAULTS["oversized"], bomb):
        with serving(parts) as port:
            settings.OPENAI_BASE_URL = f"http://127.0.0.1:{port}/v1"
            with pytest.raises(OpenAIUnavailable):
                REQUESTS[limit]()


def test_requests_permit_no_coding(simulator: Any) -> None:
    call()
    assert simulator.received[-1].request.headers["accept-encoding"] == "identity"


def test_call_begins_within_15_seconds_and_a_hang_up_takes_two_and_a_half_at_most() -> None:
    assert (openai.CALL_SECONDS, openai.HANG_UP_SECONDS) == (15, 2.5)
