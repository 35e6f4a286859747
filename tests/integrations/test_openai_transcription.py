"""The choice of the transcription model: the first that OpenAI accepts, for calls and for client secrets."""

import uuid
from collections.abc import Callable
from typing import Any

import pytest

from accounts.errors import OpenAIRejected, OpenAIUnavailable
from accounts.integrations import openai
from standins.openai.faults import Fault

PERSON = uuid.UUID("5f0c1a52-6f0e-4a52-9d57-0a3ad2b0c111")
MODELS = ["first-model", "second-model", "third-model"]
OFFER = "v=0\r\n"
FIELD = "session.audio.input.transcription"


def session_for(model: str) -> dict[str, Any]:
    return {"type": "realtime", "model": "m", "audio": {"input": {"transcription": {"model": model}}}}


REQUESTS: dict[str, Callable[[], object]] = {
    "/client_secrets": lambda: openai.create_client_secret(session=session_for, seconds=60, user_id=PERSON),
    "/calls": lambda: openai.create_call(session=session_for, offer=OFFER, user_id=PERSON),
}


@pytest.fixture(params=REQUESTS)
def path(request: pytest.FixtureRequest, simulator: Any, settings: Any) -> str:
    """The end of the path of a request that has a session."""
    settings.OPENAI_TRANSCRIPTION_MODELS = MODELS
    simulator.calls.with_webrtc = False
    simulator.received.clear()
    return str(request.param)


def tried(simulator: Any) -> list[str]:
    """The models of the requests since the last call of this function."""
    models = [each.body["session"]["audio"]["input"]["transcription"]["model"] for each in simulator.received]
    simulator.received.clear()
    return models


def refusal(param: str | None, message: str = "No.", status: int = 400) -> dict[str, Any]:
    return {
        "status": status,
        "body": {"error": {"param": param, "message": message, "code": "invalid_value"}},
    }


def test_preferred_model_is_used(path: str, simulator: Any) -> None:
    REQUESTS[path]()
    assert tried(simulator) == ["first-model"]


def test_refused_model_is_replaced_by_the_next_and_not_tried_again(path: str, simulator: Any) -> None:
    simulator.refused_models.update(MODELS[:2])
    REQUESTS[path]()
    assert tried(simulator) == MODELS
    REQUESTS[path]()
    assert tried(simulator) == ["third-model"]


def test_refusal_is_logged_once(path: str, simulator: Any, caplog: pytest.LogCaptureFixture) -> None:
    simulator.refused_models.update(MODELS)
    for _ in range(3):
        with pytest.raises(OpenAIRejected):
            REQUESTS[path]()
    logged = [each.args for each in caplog.records if "transcription model" in each.message]
    assert logged == [(model,) for model in MODELS]
    assert {each.levelname for each in caplog.records} == {"WARNING"}


def test_models_are_tried_again_after_all_were_refused(path: str, simulator: Any) -> None:
    simulator.refused_models.update(MODELS)
    with pytest.raises(OpenAIRejected):
        REQUESTS[path]()
    assert tried(simulator) == MODELS
    simulator.refused_models.discard("second-model")
    REQUESTS[path]()
    assert tried(simulator) == ["first-model", "second-model"]


@pytest.mark.parametrize(
    "refused",
    [
        refusal(f"{FIELD}.model"),
        refusal(FIELD),
        refusal(None, "The model 'first-model' does not exist."),
        refusal("first-model"),
        refusal(None, "You have no access to first-model.", 403),
        refusal("model", "The model first-model does not exist.", 404),
        refusal(
            "session.audio.input.turn_detection",
            "Turn detection is not supported for this transcription model.",
        ),
    ],
)
def test_error_that_names_the_model_or_the_transcription_is_a_refusal(
    path: str, simulator: Any, refused: dict[str, Any]
) -> None:
    simulator.faults.add(Fault(path, **refused))
    REQUESTS[path]()
    REQUESTS[path]()
    assert tried(simulator) == ["first-model", "second-model", "second-model"]


@pytest.mark.parametrize("param", [f"{FIELD}.language", f"{FIELD}.languages[1]"])
def test_refused_language_concerns_one_session_only(path: str, simulator: Any, param: str) -> None:
    simulator.faults.add(Fault(path, **refusal(param)))
    REQUESTS[path]()
    REQUESTS[path]()
    assert tried(simulator) == ["first-model", "second-model", "first-model"]


@pytest.mark.parametrize(
    ("other", "error"),
    [
        (refusal("session.audio.output.voice"), OpenAIRejected),
        (refusal("model", "The model 'm' does not exist."), OpenAIRejected),
        (refusal(None, "No first-model now.", 429), OpenAIUnavailable),
        (refusal(f"{FIELD}.model", status=500), OpenAIUnavailable),
    ],
)
def test_other_error_is_no_refusal(
    path: str, simulator: Any, other: dict[str, Any], error: type[Exception]
) -> None:
    simulator.faults.add(Fault(path, **other))
    with pytest.raises(error):
        REQUESTS[path]()
    assert tried(simulator) == ["first-model"]
    REQUESTS[path]()
    assert tried(simulator) == ["first-model"]
