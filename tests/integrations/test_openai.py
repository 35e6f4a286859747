"""Results and errors of OpenAI calls, through the official package against the simulator."""

import time
import uuid
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from accounts.errors import (
    AIAnswerUnusable,
    AIRefused,
    LinguaFlexError,
    OpenAINotConfigured,
    OpenAIRejected,
    OpenAIUnavailable,
)
from accounts.integrations import openai
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
SESSION = {"type": "realtime", "model": "gpt-realtime-2.1", "instructions": "Speak Spanish."}


def ask(**changes: Any) -> dict[str, Any]:
    return openai.answer(**{"instructions": "", "text": TEXT, "schema": SCHEMA, "user_id": PERSON} | changes)


def secret(**changes: Any) -> openai.ClientSecret:
    return openai.create_client_secret(session=SESSION | changes, seconds=60, user_id=PERSON)


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


def test_retry_after_is_that_of_openai_up_to_an_hour(simulator: Any) -> None:
    for asked, wait in ((7, 7), (10**9, 3600), (None, 5)):
        simulator.faults.add(Fault("/responses", 429, {}, retry_after=asked))
        with pytest.raises(OpenAIUnavailable) as refused:
            ask()
        assert refused.value.retry_after == wait


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
    monkeypatch.setattr(openai, "ANSWER_TIMEOUT_SECONDS", 0.2)
    simulator.faults.add(Fault("/responses", seconds=0.6))
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
