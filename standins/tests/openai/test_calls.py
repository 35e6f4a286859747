"""WebRTC calls of the simulator: offers, keys, sessions that OpenAI refuses, hang-ups."""

import json
import time
from typing import Any

import pytest
import requests

from standins.openai import server
from standins.openai.realtime_calls import FIXED_ANSWER
from standins.tests.fixtures.callers import SESSION, OpenCaller, post_offer
from standins.tests.fixtures.tutor import KEY, MODEL, PATIENCE, secret

OFFER = "v=0\r\n"


@pytest.fixture
def fixed(simulator: Any) -> Any:
    """The simulator's calls, which are answered without WebRTC."""
    simulator.calls.with_webrtc = False
    return simulator.calls


def hang_up(openai_url: str, call_id: str, key: dict[str, str] = KEY) -> requests.Response:
    address = f"{openai_url}/realtime/calls/{call_id}/hangup"
    return requests.post(address, headers=key, timeout=PATIENCE)


def post_sdp(openai_url: str, key: str, query: str = "", offer: str = OFFER) -> requests.Response:
    """A browser's request for a call: the offer alone."""
    headers = {"Authorization": f"Bearer {key}", "Content-Type": "application/sdp", "Origin": "http://a.test"}
    return requests.post(f"{openai_url}/realtime/calls{query}", offer, headers=headers, timeout=PATIENCE)


def error_of(answer: requests.Response) -> tuple[int, str, str | None]:
    error = answer.json()["error"]
    return answer.status_code, error["code"], error["param"]


# -------------------------------------------------------------------------------- over WebRTC


def test_data_channel_has_the_events_of_a_session(
    openai_url: str, simulator: Any, open_caller: OpenCaller
) -> None:
    caller = open_caller()
    caller.accept(post_offer(openai_url, caller.offer(), instructions="Speak Spanish.").text)
    created = caller.receive()
    assert (created["type"], created["session"]["instructions"]) == ("session.created", "Speak Spanish.")
    caller.send("response.create")
    kinds = [event["type"] for event in caller.until("output_audio_buffer.stopped")]
    assert kinds[0] == "response.created" and kinds[-2] == "response.done"
    assert kinds.index("response.content_part.added") + 1 == kinds.index("output_audio_buffer.started")
    (call,) = simulator.calls
    call.hear("Ayer fui al mercado.")
    heard = [event for event in caller.until("response.done") if event.get("transcript")]
    assert heard[-1]["transcript"].startswith("Simulated: You said “Ayer fui al mercado”.")
    caller.send("output_audio_buffer.clear")
    assert caller.until("error")[-1]["error"]["param"] == "type"


def test_hang_up_closes_the_data_channel(openai_url: str, simulator: Any, open_caller: OpenCaller) -> None:
    caller, other = open_caller(), open_caller()
    for each in (caller, other):
        each.accept(post_offer(openai_url, each.offer()).text)
        each.until("session.created")
    first = next(iter(simulator.calls))
    assert hang_up(openai_url, first.id).status_code == 200
    assert caller.ended.wait(PATIENCE)
    assert not other.ended.is_set()
    assert [each.id for each in simulator.calls.open()] != [first.id]


def test_call_ends_when_the_browser_closes_its_connection(
    openai_url: str, simulator: Any, open_caller: OpenCaller
) -> None:
    caller = open_caller()
    caller.accept(post_offer(openai_url, caller.offer()).text)
    caller.until("session.created")
    (call,) = simulator.calls.open()
    caller.close()
    for _ in range(PATIENCE * 100):
        if call.ended_at:
            break
        time.sleep(0.01)
    assert call.ended_at and call.hung_up_at is None
    assert error_of(hang_up(openai_url, call.id))[:2] == (404, "call_id_not_found")


def test_browser_calls_with_a_client_secret(openai_url: str, simulator: Any, open_caller: OpenCaller) -> None:
    caller = open_caller()
    answer = post_sdp(openai_url, secret(openai_url, instructions="Speak."), offer=caller.offer())
    assert (answer.status_code, answer.headers["content-type"]) == (201, "application/sdp")
    assert answer.headers["access-control-allow-origin"] == "*"
    caller.accept(answer.text)
    assert caller.receive()["session"]["instructions"] == "Speak."


def test_address_that_is_hidden_from_the_page_is_found(openai_url: str, open_caller: OpenCaller) -> None:
    caller = open_caller()
    lines = caller.offer().splitlines()
    hidden = [line.replace(line.split()[4], "0e5b.local") if "candidate:" in line else line for line in lines]
    assert hidden != lines
    caller.accept(post_offer(openai_url, "\r\n".join([*hidden, ""])).text)
    assert caller.receive()["type"] == "session.created"


@pytest.mark.parametrize("offer", ["", "v=0", "v=0\r\nm=audio\r\n", "v=0\r\n" * 1000, "hello"])
def test_offer_that_cannot_be_answered_is_refused(openai_url: str, simulator: Any, offer: str) -> None:
    assert error_of(post_offer(openai_url, offer))[:2] == (400, "invalid_offer")
    assert not len(simulator.calls)


def test_calls_end_with_the_server(open_caller: OpenCaller) -> None:
    served, listener = server.simulator(), server.bind(0)
    served.start(listener)
    caller = open_caller()
    caller.accept(post_offer(f"http://127.0.0.1:{listener.getsockname()[1]}/v1", caller.offer()).text)
    caller.until("session.created")
    served.stop()
    assert caller.ended.wait(PATIENCE)


# ------------------------------------------------------------------------------ without WebRTC


def test_call_is_registered_with_its_times(openai_url: str, fixed: Any) -> None:
    before = time.time()
    answer = post_offer(openai_url, OFFER, instructions="Speak.")
    assert (answer.status_code, answer.text) == (201, FIXED_ANSWER)
    (call,) = fixed
    assert answer.headers["location"] == f"/v1/realtime/calls/{call.id}"
    assert call.id.startswith("rtc_") and call.session == {**SESSION, "instructions": "Speak."}
    assert before <= call.opened_at <= time.time() and call.ended_at is None
    assert hang_up(openai_url, call.id).status_code == 200
    assert before <= call.hung_up_at <= call.ended_at <= time.time()
    assert not fixed.open() and len(fixed) == 1


def test_ended_or_unknown_call_cannot_be_hung_up(openai_url: str, fixed: Any) -> None:
    call_id = post_offer(openai_url, OFFER).headers["location"].rpartition("/")[2]
    assert hang_up(openai_url, call_id).status_code == 200
    for unknown in (call_id, "rtc_unknown"):
        assert error_of(hang_up(openai_url, unknown))[:2] == (404, "call_id_not_found")


def test_only_an_api_key_hangs_up(openai_url: str, fixed: Any) -> None:
    key = {"Authorization": f"Bearer {secret(openai_url)}"}
    call_id = post_offer(openai_url, OFFER).headers["location"].rpartition("/")[2]
    assert error_of(hang_up(openai_url, call_id, key))[:2] == (401, "invalid_api_key")
    assert len(fixed.open()) == 1


def test_unknown_key_cannot_call(openai_url: str, fixed: Any) -> None:
    assert error_of(post_sdp(openai_url, "ek_unknown"))[:2] == (401, "invalid_api_key")
    assert error_of(post_offer(openai_url, OFFER, {}))[:2] == (401, "invalid_api_key")
    assert not len(fixed)


def test_offer_alone_needs_a_model_in_the_query(openai_url: str, fixed: Any) -> None:
    assert error_of(post_sdp(openai_url, "sk-of-the-tests"))[:2] == (400, "missing_model")
    assert post_sdp(openai_url, "sk-of-the-tests", f"?model={MODEL}").status_code == 201
    assert [call.session["model"] for call in fixed] == [MODEL]


def test_other_body_is_refused(openai_url: str, fixed: Any) -> None:
    address = f"{openai_url}/realtime/calls"
    wrong_kind = requests.post(address, "{}", headers={**KEY, "Content-Type": "text/plain"}, timeout=PATIENCE)
    assert error_of(wrong_kind)[:2] == (400, "unsupported_content_type")
    parts = {"sdp": (None, OFFER), "session": (None, "{")}
    broken = requests.post(address, files=parts, headers=KEY, timeout=PATIENCE)
    assert error_of(broken)[:2] == (400, "invalid_json")
    assert error_of(post_offer(openai_url, OFFER, loud=True))[:2] == (400, "unknown_parameter")
    assert error_of(post_offer(openai_url, OFFER, tools=5))[:2] == (400, "invalid_type")
    assert not len(fixed)


# ------------------------------------------------------------------- sessions that OpenAI refuses


def transcribed(**transcription: Any) -> dict[str, Any]:
    return {"audio": {"input": {"transcription": transcription}}}


def heard(model: str, turn_detection: Any) -> dict[str, Any]:
    return {"audio": {"input": {"transcription": {"model": model}, "turn_detection": turn_detection}}}


VAD = {"type": "semantic_vad"}
FIELD = "session.audio.input"
REFUSED = [
    (transcribed(model="gpt-transcribe", language="es", languages=["es"]), f"{FIELD}.transcription.language"),
    (transcribed(model="gpt-4o-transcribe", languages=["es"]), f"{FIELD}.transcription.languages"),
    (transcribed(model="gpt-9-transcribe"), f"{FIELD}.transcription.model"),
    (heard("gpt-realtime-whisper", VAD), f"{FIELD}.turn_detection"),
    ({"audio": {"output": {"voice": "darth"}}}, "session.audio.output.voice"),
    ({"audio": {"output": {"speed": 1.6}}}, "session.audio.output.speed"),
    ({"audio": {"output": {"speed": 0.2}}}, "session.audio.output.speed"),
    ({"max_output_tokens": 0}, "session.max_output_tokens"),
    ({"max_output_tokens": 4097}, "session.max_output_tokens"),
    (
        {"truncation": {"type": "retention_ratio", "retention_ratio": 1.1}},
        "session.truncation.retention_ratio",
    ),
]
ACCEPTED = [
    transcribed(model="gpt-transcribe", languages=["es", "en"]),
    transcribed(model="gpt-4o-transcribe", language="es"),
    heard("gpt-realtime-whisper", None),
    heard("gpt-live-transcribe", VAD),
    {"audio": {"output": {"voice": "cedar", "speed": 1.5}}, "max_output_tokens": 4096},
    {"truncation": "disabled", "audio": {}, "max_output_tokens": "inf"},
]


@pytest.mark.parametrize(("session", "param"), REFUSED)
def test_session_that_openai_refuses_is_refused(
    openai_url: str, simulator: Any, fixed: Any, session: dict[str, Any], param: str
) -> None:
    simulator.refused_models.add("gpt-9-transcribe")
    answers = [post_offer(openai_url, OFFER, **session), post_secret(openai_url, session)]
    assert [error_of(answer) for answer in answers] == [(400, "invalid_value", param)] * 2
    assert not len(fixed)


@pytest.mark.parametrize("session", ACCEPTED)
def test_session_that_openai_accepts_is_accepted(
    openai_url: str, fixed: Any, session: dict[str, Any]
) -> None:
    assert post_offer(openai_url, OFFER, **session).status_code == 201
    assert post_secret(openai_url, session).status_code == 200


def test_refused_model_is_named(openai_url: str, simulator: Any, fixed: Any) -> None:
    simulator.refused_models.add("gpt-9-transcribe")
    error = post_offer(openai_url, OFFER, **transcribed(model="gpt-9-transcribe")).json()["error"]
    assert "gpt-9-transcribe" in error["message"]


def post_secret(openai_url: str, session: dict[str, Any]) -> requests.Response:
    body = json.dumps({"session": SESSION | session})
    return requests.post(f"{openai_url}/realtime/client_secrets", body, headers=KEY, timeout=PATIENCE)
