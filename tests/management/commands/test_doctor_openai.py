"""What the doctor finds about OpenAI, each fault beside sound settings."""

from datetime import UTC, datetime
from typing import Any

import pytest

from accounts.doctor import openai
from standins.openai.faults import Fault
from tests.fixtures.doctor import findings, sentences
from tests.fixtures.slow_servers import dripping_server

AT = datetime(2026, 12, 1, tzinfo=UTC)
MISSING_SCOPES = {"error": {"message": "Missing scopes: api.model.read.", "code": "missing_scope"}}
WRONG_KEY = {"error": {"message": "Incorrect API key provided.", "code": "invalid_api_key"}}

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("simulator")]


def found_at(at: datetime = AT) -> list[str]:
    return findings(openai.checks(at))


def test_sound_settings_have_no_findings() -> None:
    assert found_at() == []
    assert found_at(datetime(2027, 3, 1, tzinfo=UTC)) == [], "the list has models that are not shut down"


def test_without_a_key_and_with_the_simulator_nothing_is_checked(settings: Any) -> None:
    settings.OPENAI_SIMULATOR = True
    assert openai.checks(AT) == []
    settings.OPENAI_SIMULATOR, settings.OPENAI_API_KEY = False, ""
    assert openai.checks(AT) == []


def test_a_refused_key_is_found(settings: Any, simulator: Any) -> None:
    settings.OPENAI_API_KEY = "refused"
    assert found_at() == ["openai_key_refused"]
    assert "refused:" not in sentences(openai.checks(AT))
    settings.OPENAI_API_KEY = "sk-x"
    simulator.faults.add(Fault("/models", status=403, body=WRONG_KEY))
    assert found_at() == ["openai_key_refused"]


@pytest.mark.parametrize("status", [401, 403])
def test_a_key_that_may_not_list_models_is_a_warning(simulator: Any, status: int) -> None:
    simulator.faults.add(Fault("/models", status=status, body=MISSING_SCOPES))
    assert found_at() == ["openai_key_restricted"]


def test_an_address_without_a_list_of_models_is_found(settings: Any) -> None:
    settings.OPENAI_BASE_URL += "/v1"
    assert found_at() == ["openai_models_not_listed"]


@pytest.mark.parametrize("body", [b"<html>", [], {"data": [{"id": "x", "shutdown_date": "soon"}]}])
def test_an_answer_that_is_not_a_list_of_models_is_found(simulator: Any, body: Any) -> None:
    simulator.faults.add(Fault("/models", body=body))
    assert found_at() == ["openai_unreachable"]


def test_an_unreachable_address_is_found(settings: Any) -> None:
    settings.OPENAI_BASE_URL = "http://127.0.0.1:9/v1"
    assert found_at() == ["openai_unreachable"]


@pytest.mark.slow
def test_an_answer_that_never_ends_is_found(settings: Any) -> None:
    with dripping_server() as url:
        settings.OPENAI_BASE_URL = f"{url}/v1"
        assert found_at() == ["openai_unreachable"]


@pytest.mark.parametrize("name", ["OPENAI_REALTIME_MODEL", "OPENAI_FEEDBACK_MODEL"])
def test_a_model_that_openai_does_not_offer_is_found(settings: Any, name: str) -> None:
    setattr(settings, name, "gpt-0")
    assert f"OpenAI does not offer gpt-0, the model in {name}," in sentences(openai.checks(AT))


@pytest.mark.parametrize(
    ("at", "found"),
    [
        (AT, "openai_model_shutdown_announced"),
        (datetime(2027, 1, 20, tzinfo=UTC), "openai_model_shut_down"),
    ],
)
def test_a_shutdown_known_to_this_version_is_found(
    settings: Any, simulator: Any, at: datetime, found: str
) -> None:
    settings.OPENAI_REALTIME_MODEL = "gpt-realtime"
    simulator.models["gpt-realtime"] = "2027-01-20"
    assert findings(openai.checks(at)) == [found]


def test_a_shutdown_that_only_openai_knows_is_found(settings: Any, simulator: Any) -> None:
    simulator.models["gpt-6.1-terra"] = "2027-09-01"
    assert "shuts gpt-6.1-terra, the model in OPENAI_FEEDBACK_MODEL, down on 2027-09-01" in sentences(
        openai.checks(AT)
    )


def test_the_last_shutdown_of_a_list_counts(settings: Any, simulator: Any) -> None:
    settings.OPENAI_TRANSCRIPTION_MODELS = ["gpt-transcribe", "gpt-4o-transcribe"]
    assert found_at() == []
    simulator.models["gpt-transcribe"] = "2028-01-01"
    assert "shuts gpt-transcribe, the model in OPENAI_TRANSCRIPTION_MODEL, down on 2028-01-01" in sentences(
        openai.checks(AT)
    )
    simulator.models["whisper-1"] = None
    settings.OPENAI_TRANSCRIPTION_MODELS = ["whisper-1", "gpt-transcribe"]
    assert found_at() == ["openai_model_shutdown_announced"]
    settings.OPENAI_TRANSCRIPTION_MODELS = ["gpt-4o-transcribe"]
    assert found_at() == ["openai_model_shutdown_announced"]
