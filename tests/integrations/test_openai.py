"""Results and errors of OpenAI calls, through the official package against the simulator."""

import time
import uuid
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.utils.http import http_date

from accounts.errors import (
    AIAnswerUnusable,
    AIRefused,
    LinguaFlexError,
    OpenAINotConfigured,
    OpenAIRejected,
    OpenAIUnavailable,
)
from accounts.integrations import openai
from accounts.services import feedback
from standins.openai.faults import Fault
from standins.openai.responses import output_text, refusal_text, response

PERSON = uuid.UUID("5f0c1a52-6f0e-4a52-9d57-0a3ad2b0c111")
SCHEMA = {
    "type": "object",
    "properties": {"grammar_score": {"type": "number"}},
    "required": ["grammar_score"],
    "additionalProperties": False,
}
TEXT = '{"turns": [{"speaker": "learner", "text": "hola"}]}'
NO_CREDIT = {"error": {"code": "credit_balance_exhausted", "type": "insufficient_quota"}}
SESSION = {"type": "realtime", "model": "gpt-realtime-2.1", "instructions": "Speak Spanish."}


def ask(**changes: Any) -> dict[str, Any]:
    return openai.answer(**{"instructions": "", "text": TEXT, "schema": SCHEMA, "user_id": PERSON} | changes)


def secret(**changes: Any) -> openai.ClientSecret:
    return openai.create_client_secret(session=lambda model: SESSION | changes, seconds=60, user_id=PERSON)


def answered(*parts: dict[str, Any], **changes: Any) -> Fault:
    """A fault that replaces the simulator's answer."""
    return Fault("/responses", body=response("m", *parts, **changes).model_dump(mode="json"))


def test_secret_opens_the_requested_session(simulator: Any) -> None:
    made = secret()
    assert simulator.secrets.session_of(made.value) == made.session
    assert made.session.items() >= SESSION.items()
    left = made.expires_at - datetime.now(UTC)
    assert timedelta(seconds=55) < left <= timedelta(seconds=60)


def test_answer_is_an_object(simulator: Any) -> None:
    assert ask()["corrections"] == [
        {
            "quote": "hola",
            "corrected": "Hola.",
            "explanation": "Simulated: a sentence begins with a capital letter and ends with punctuation.",
        }
    ]


def test_call_without_an_api_key_fails(simulator: Any, settings: Any) -> None:
    settings.OPENAI_API_KEY = ""
    for call in (ask, secret):
        with pytest.raises(OpenAINotConfigured):
            call()


def test_safety_identifier_is_stable_and_a_pseudonym() -> None:
    first = openai.safety_identifier(PERSON)
    assert first == openai.safety_identifier(PERSON) != openai.safety_identifier(uuid.uuid4())
    assert len(first) == 64 and str(PERSON) not in first and PERSON.hex not in first


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        (Fault("/responses", 500, {}), OpenAIUnavailable),
        (Fault("/responses", 429, {"error": {"code": "rate_limit_exceeded"}}), OpenAIUnavailable),
        (Fault("/responses", 429, {"error": {"code": "insufficient_quota"}}), OpenAIRejected),
        (Fault("/responses", 429, NO_CREDIT), OpenAIRejected),
        (Fault("/responses", 400, {"error": {"code": 5, "param": 5}}), OpenAIRejected),
        (Fault("/responses", 401, {"error": {"code": "invalid_api_key"}}), OpenAIRejected),
        (Fault("/responses", 400, {"error": {"code": "context_length_exceeded"}}), OpenAIRejected),
        (Fault("/responses", 200, ["not an object"]), OpenAIUnavailable),
        (Fault("/responses", 200, {"output": None}), OpenAIUnavailable),
        (Fault("/responses", 200, b'{"id": "resp_1", "output": ['), OpenAIUnavailable),
        (answered(refusal_text("I can't help with that.")), AIRefused),
        (answered(output_text('{"gramm')), AIAnswerUnusable),
        (answered(output_text("[1]")), AIAnswerUnusable),
        (answered(output_text("[" * 100_000)), AIAnswerUnusable),
        (
            answered(
                output_text('{"gramm'),
                status="incomplete",
                incomplete_details={"reason": "max_output_tokens"},
            ),
            AIAnswerUnusable,
        ),
        (answered(status="incomplete", incomplete_details={"reason": "content_filter"}), AIRefused),
        (
            answered(status="failed", error={"code": "server_error", "message": "Oh"}, output=[]),
            OpenAIUnavailable,
        ),
    ],
)
def test_failure_raises_an_error_of_the_domain(
    simulator: Any, fault: Fault, error: type[LinguaFlexError]
) -> None:
    simulator.faults.add(fault)
    with pytest.raises(error):
        ask()
    assert ask()["cefr_estimate"] == "A1"  # the next call succeeds


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"retry-after": "7"}, 7),
        ({"retry-after": "2.5"}, 3),
        ({"retry-after": "0"}, 1),
        ({"retry-after": "1000000000"}, 3600),
        ({"retry-after": http_date(time.time() + 10**6)}, 3600),
        ({"retry-after": "Sun, 06 Nov 1994 08:49:37 GMT"}, 1),
        ({"retry-after-ms": "1500"}, 2),
        ({"retry-after-ms": "30000", "retry-after": "7"}, 30),
        ({"retry-after-ms": "soon", "retry-after": "7"}, 7),
        ({"retry-after": "soon"}, 5),
        ({"retry-after": "-7"}, 5),
        ({"retry-after": "nan"}, 5),
        ({"retry-after": "Sun, 99 Nov 2094 08:49:37 GMT"}, 5),
        ({}, 5),
    ],
)
def test_wait_is_that_of_openai_up_to_an_hour(simulator: Any, headers: dict[str, str], seconds: int) -> None:
    simulator.faults.add(Fault("/responses", 429, {}, headers=headers))
    with pytest.raises(OpenAIUnavailable) as refused:
        ask()
    assert refused.value.retry_after == seconds


def test_wait_until_an_instant_is_in_seconds(simulator: Any) -> None:
    at = http_date(time.time() + 60)
    simulator.faults.add(Fault("/responses", 429, {}, headers={"retry-after": at}))
    with pytest.raises(OpenAIUnavailable) as refused:
        ask()
    assert 50 <= refused.value.retry_after <= 60


def test_exhausted_quota_is_logged_as_an_error(simulator: Any, caplog: pytest.LogCaptureFixture) -> None:
    simulator.faults.add(Fault("/responses", 429, NO_CREDIT))
    with pytest.raises(OpenAIRejected):
        ask()
    assert [(each.levelname, "credit_balance_exhausted" in each.message) for each in caplog.records] == [
        ("ERROR", True)
    ]


def test_answer_has_the_configured_effort_and_verbosity(simulator: Any, settings: Any) -> None:
    ask()
    asked = simulator.received[-1].body
    assert (asked["reasoning"], asked["text"]["verbosity"]) == ({"effort": "low"}, "low")
    settings.OPENAI_FEEDBACK_EFFORT, settings.OPENAI_FEEDBACK_VERBOSITY = "none", "high"
    ask()
    asked = simulator.received[-1].body
    assert (asked["reasoning"], asked["text"]["verbosity"]) == ({"effort": "none"}, "high")


def test_longest_answer_fits_the_time_limit_and_the_lease(simulator: Any) -> None:
    ask()
    longest_seconds = simulator.received[-1].body["max_output_tokens"] / 60  # tokens a second
    assert longest_seconds <= openai.ANSWER_TIMEOUT_SECONDS < feedback.LEASE.total_seconds()


@pytest.mark.parametrize(
    "body",
    [
        b'{"value": "ek_',
        b"\xff\xfe\x00",
        b"[" * 100_000,
        {},
        *({"value": "ek_1", "expires_at": at, "session": SESSION} for at in (1e300, -(10**14), 253402300800)),
        {"value": None, "expires_at": 1, "session": SESSION},
        b'{"value": "ek_1", "expires_at": 1, "session": {"type": "realtime", "instructions": "\\ud800"}}',
    ],
)
def test_unreadable_secret_is_an_error(simulator: Any, body: Any) -> None:
    simulator.faults.add(Fault("/client_secrets", 200, body))
    with pytest.raises(OpenAIUnavailable):
        secret()


def test_client_does_not_retry(simulator: Any) -> None:
    simulator.faults.add(*[Fault("/client_secrets", 429, {}, retry_after=6)] * 2)
    began = time.monotonic()
    with pytest.raises(OpenAIUnavailable):
        secret()
    assert time.monotonic() - began < 3


def test_slow_answer_times_out(simulator: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(openai, "ANSWER_TIMEOUT_SECONDS", 0.3)
    simulator.faults.add(Fault("/responses", seconds=0.8))
    with pytest.raises(OpenAIUnavailable):
        ask()


def test_unreachable_server_is_an_error(settings: Any) -> None:
    settings.OPENAI_BASE_URL = "http://127.0.0.1:1/v1"
    with pytest.raises(OpenAIUnavailable):
        ask()


@pytest.mark.parametrize(
    ("call", "reason"),
    [
        (lambda: secret(audio={"input": {"transcribe": {}}}), "a parameter that does not exist"),
        (lambda: secret(max_output_tokens="many"), "a value of another type"),
        (lambda: ask(schema=SCHEMA | {"additionalProperties": True}), "an open schema"),
        (lambda: ask(schema=SCHEMA | {"required": []}), "an optional property"),
        (lambda: ask(text="hello"), "a text of another form"),
    ],
)
def test_simulator_refuses_requests_like_openai(simulator: Any, call: Any, reason: str) -> None:
    with pytest.raises(OpenAIRejected):
        call()
