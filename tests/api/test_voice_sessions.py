"""Voice sessions: client secret, input, limits and failures."""

import json
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from django.conf import settings as configured

from accounts.integrations import openai
from accounts.models import VoiceConversation, VoiceSession
from accounts.views import voice_sessions as views
from standins.openai.faults import Fault
from tests.fixtures.people import VOICE, Person, client_of
from tests.fixtures.voice_sessions import SESSION, WISH, ask

ME = "/accounts/users/me/"
NOW = datetime.now(UTC)

pytestmark = pytest.mark.usefixtures("simulator")


@pytest.fixture
def now(monkeypatch: pytest.MonkeyPatch) -> SimpleNamespace:
    """Replaces the view's clock. Set ``at`` to change the time."""
    clock = SimpleNamespace(at=NOW, now=lambda: clock.at)
    monkeypatch.setattr(views, "timezone", clock)
    return clock


def save(person: Person, at: datetime, minutes: int | None) -> None:
    """Saves a conversation created ``at`` that lasted ``minutes``."""
    made = person.save_conversation(duration_minutes=minutes)
    VoiceConversation.objects.filter(pk=made["id"]).update(created_at=at)


def refusal(response: Any) -> tuple[int, str, str | None]:
    """The status, the code and the Retry-After header."""
    return response.status_code, response.json()["code"], response.headers.get("Retry-After")


# ----------------------------------------------------------------------------------- response


def test_secret_opens_the_returned_session(student: Person, simulator: Any) -> None:
    before = datetime.now(UTC)
    response = ask(student)
    answer = response.json()
    assert response.status_code == 200
    assert set(answer) == {"client_secret", "expires_at", "model", "session", "realtime_url"}
    assert simulator.secrets.session_of(answer["client_secret"]) == answer["session"]
    assert answer["expires_at"].endswith("Z")
    left = datetime.fromisoformat(answer["expires_at"]) - before
    assert timedelta(seconds=60) <= left <= timedelta(seconds=125)
    assert answer["model"] == configured.OPENAI_REALTIME_MODEL
    assert answer["realtime_url"] == f"{configured.OPENAI_BASE_URL}/realtime"


def test_session_has_the_configured_models_and_patient_turn_detection(student: Person) -> None:
    session = ask(student).json()["session"]
    session.pop("id"), session.pop("instructions"), session.pop("object")
    assert session == {
        "type": "realtime",
        "model": configured.OPENAI_REALTIME_MODEL,
        "output_modalities": ["audio"],
        "audio": {
            "input": {
                "transcription": {"model": configured.OPENAI_TRANSCRIPTION_MODELS[0], "language": "es"},
                "turn_detection": {"type": "semantic_vad", "eagerness": "low"},
            }
        },
    }


@pytest.mark.parametrize("language", ["Esperanto", "Cantonese", "xx", "日本", "Dothraki"])
def test_language_unknown_to_openai_is_not_sent(student: Person, language: str) -> None:
    session = ask(student, target_language=language).json()["session"]
    assert session["audio"]["input"]["transcription"] == {"model": configured.OPENAI_TRANSCRIPTION_MODELS[0]}


def test_response_has_no_api_key_and_request_no_user_id(student: Person, simulator: Any) -> None:
    response = ask(student)
    assert simulator.received[-1].request.headers["authorization"] == f"Bearer {configured.OPENAI_API_KEY}"
    assert configured.OPENAI_API_KEY not in f"{response.content!r} {response.headers}"
    identifier = simulator.received[-1].request.headers["openai-safety-identifier"]
    assert identifier == openai.safety_identifier(student.user.pk)
    assert str(student.user.pk) not in json.dumps(dict(simulator.received[-1].request.headers))


# -------------------------------------------------------------------------------------- input


@pytest.mark.parametrize(
    ("field", "given"),
    [
        ("topic", ""),
        ("topic", "x" * 201),
        ("topic", None),
        ("native_language", "x" * 51),
        ("target_language", " "),
        ("conversation_type", "chat"),
        ("conversation_type", ["lesson"]),
    ],
)
def test_field_has_the_rules_of_a_conversation(student: Person, field: str, given: Any) -> None:
    response = ask(student, **{field: given})
    conversation = student.client.post(VOICE, {**WISH, "transcription": "hola", field: given})
    assert response.status_code == 400
    assert response.json() == conversation.json()
    assert not VoiceSession.objects.exists()


@pytest.mark.parametrize("field", ["topic", "native_language", "target_language"])
def test_missing_required_field_is_an_error(student: Person, field: str) -> None:
    response = student.client.post(SESSION, {key: value for key, value in WISH.items() if key != field})
    assert (response.status_code, list(response.json()["errors"])) == (400, [field])


@pytest.mark.parametrize("level", ["", "b1", "D1", 1, ["A1"], True])
def test_error_for_an_unknown_level_lists_the_known_ones(student: Person, level: Any) -> None:
    response = ask(student, level=level)
    assert refusal(response)[:2] == (400, "invalid")
    assert "Levels: A1, A2, B1, B2, C1, C2." in response.json()["errors"]["level"][0]


def test_session_requires_a_token(student: Person) -> None:
    assert refusal(client_of().post(SESSION, WISH))[:2] == (401, "not_authenticated")
    assert not VoiceSession.objects.exists()
    assert ask(student).status_code == 200


# ----------------------------------------------------------------------------------- failures


def test_server_without_an_api_key_is_503(student: Person, settings: Any) -> None:
    settings.OPENAI_API_KEY = ""
    assert refusal(ask(student))[:2] == (503, "openai_not_configured")
    student.save_conversation(duration_minutes=configured.VOICE_MINUTES_PER_DAY)
    assert refusal(ask(student))[:2] == (503, "openai_not_configured"), "the limits are checked later"
    assert not VoiceSession.objects.exists()


@pytest.mark.parametrize(
    ("faults", "code", "wait"),
    [
        ([Fault("/client_secrets", 500, {})], "openai_unavailable", "5"),
        ([Fault("/client_secrets", 429, {}, retry_after=1)], "openai_unavailable", "1"),
        ([Fault("/client_secrets", 401, {})], "openai_rejected", "3600"),
        ([Fault("/client_secrets", 200, {"value": None})], "openai_unavailable", "5"),
    ],
)
def test_session_without_a_secret_does_not_count(
    student: Person, simulator: Any, settings: Any, faults: list[Fault], code: str, wait: str
) -> None:
    settings.VOICE_SESSIONS_PER_HOUR = 1
    simulator.faults.add(*faults)
    assert refusal(ask(student)) == (503, code, wait)
    assert ask(student).status_code == 200
    assert refusal(ask(student))[:2] == (429, "voice_sessions_exhausted")


def test_unreachable_openai_is_503(student: Person, settings: Any) -> None:
    settings.OPENAI_BASE_URL = "http://127.0.0.1:1/v1"
    assert refusal(ask(student))[:2] == (503, "openai_unavailable")
    assert not VoiceSession.objects.exists()


# ------------------------------------------------------------------------------------- limits


def test_sessions_per_hour_are_limited(
    student: Person, stranger: Person, settings: Any, now: SimpleNamespace
) -> None:
    settings.VOICE_SESSIONS_PER_HOUR = 2
    for minutes in (0, 20):
        now.at = NOW + timedelta(minutes=minutes)
        assert ask(student).status_code == 200
    now.at = NOW + timedelta(minutes=59, milliseconds=300)
    refused = ask(student)
    assert refusal(refused) == (429, "voice_sessions_exhausted", "60")
    assert "2 voice sessions" in refused.json()["detail"]
    assert ask(stranger).status_code == 200, "each user has a limit"
    now.at += timedelta(seconds=59)
    assert refusal(ask(student)) == (429, "voice_sessions_exhausted", "1")
    now.at += timedelta(milliseconds=700)
    assert ask(student).status_code == 200
    assert refusal(ask(student)) == (429, "voice_sessions_exhausted", "1200")


def test_lowered_limit_requires_several_sessions_to_expire(
    student: Person, settings: Any, now: SimpleNamespace
) -> None:
    for minutes in (0, 10, 20):
        now.at = NOW + timedelta(minutes=minutes)
        assert ask(student).status_code == 200
    settings.VOICE_SESSIONS_PER_HOUR = 1
    assert refusal(ask(student))[2] == "3600"
    settings.VOICE_SESSIONS_PER_HOUR = 2
    assert refusal(ask(student))[2] == "3000"


def test_minutes_per_day_are_limited(
    student: Person, stranger: Person, settings: Any, now: SimpleNamespace
) -> None:
    settings.VOICE_MINUTES_PER_DAY = 30
    save(student, NOW - timedelta(hours=24), 500)
    save(student, NOW - timedelta(hours=23), 10)
    save(student, NOW - timedelta(hours=22), None)
    save(student, NOW - timedelta(hours=10), 19)
    save(stranger, NOW, 1440)
    assert ask(student).status_code == 200, "29 minutes are below 30"
    save(student, NOW - timedelta(hours=1), 1)
    refused = ask(student)
    assert refusal(refused) == (429, "voice_minutes_exhausted", "3600")
    assert "30 minutes" in refused.json()["detail"]
    save(student, NOW - timedelta(hours=1), 10)
    assert refusal(ask(student)) == (429, "voice_minutes_exhausted", str(14 * 3600)), "two must expire"
    now.at = NOW + timedelta(hours=14)
    assert ask(student).status_code == 200


def test_longer_wait_is_returned_if_both_limits_are_reached(
    student: Person, settings: Any, now: SimpleNamespace
) -> None:
    settings.VOICE_SESSIONS_PER_HOUR = settings.VOICE_MINUTES_PER_DAY = 1
    assert ask(student).status_code == 200
    save(student, NOW - timedelta(hours=24) + timedelta(minutes=30), 5)
    assert refusal(ask(student)) == (429, "voice_sessions_exhausted", "3600")
    save(student, NOW, 5)
    assert refusal(ask(student)) == (429, "voice_minutes_exhausted", "86400")


def test_sessions_of_a_day_ago_are_deleted(student: Person, stranger: Person, now: SimpleNamespace) -> None:
    for person, age in ((student, 24), (student, 23), (stranger, 30)):
        VoiceSession.objects.create(user=person.user, created_at=NOW - timedelta(hours=age))
    assert ask(student).status_code == 200
    ages = [NOW - begun for begun in VoiceSession.objects.for_user(student.user).instants()]
    assert ages == [timedelta(hours=23), timedelta(0)]
    assert VoiceSession.objects.for_user(stranger.user).count() == 1


# -------------------------------------------------------------------------- export and deletion


def test_export_has_the_users_sessions(student: Person, stranger: Person, now: SimpleNamespace) -> None:
    assert (ask(student).status_code, ask(stranger).status_code) == (200, 200)
    exported = student.client.get(f"{ME}export/").json()["voice_sessions"]
    assert exported == [{"created_at": NOW.isoformat().replace("+00:00", "Z")}]


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("clean_auth")
def test_sessions_are_deleted_with_the_account(student: Person, stranger: Person) -> None:
    assert (ask(student).status_code, ask(stranger).status_code) == (200, 200)
    assert student.client.delete(ME, {"confirm": student.user.email}).status_code == 204
    assert VoiceSession.objects.get().user == stranger.user
