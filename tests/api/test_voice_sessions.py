"""Voice sessions: client secret, input, limits and failures."""

import json
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from django.conf import settings as configured

from accounts.integrations import openai
from accounts.models import VoiceSession
from accounts.views import voice_sessions as views
from standins.openai.faults import Fault
from tests.fixtures.people import VOICE, Person, client_of
from tests.fixtures.voice_sessions import SESSION, WISH, ask, refusal

ME = "/accounts/users/me/"
NOW = datetime.now(UTC)

pytestmark = pytest.mark.usefixtures("simulator")


@pytest.fixture
def now(monkeypatch: pytest.MonkeyPatch) -> SimpleNamespace:
    """Replaces the view's clock. Set ``at`` to change the time."""
    clock = SimpleNamespace(at=NOW, now=lambda: clock.at)
    monkeypatch.setattr(views, "timezone", clock)
    return clock


# ----------------------------------------------------------------------------------- response


def test_a_session_reserves_minutes_and_names_its_urls(student: Person, now: SimpleNamespace) -> None:
    response = ask(student)
    answer = response.json()
    assert response.status_code == 200
    assert set(answer) == {"id", "call_url", "events_url", "model", "ends_at", "max_minutes", "session"}
    assert answer["max_minutes"] == configured.VOICE_MINUTES_PER_SESSION == 30
    assert datetime.fromisoformat(answer["ends_at"]) == NOW + timedelta(minutes=30)
    assert answer["model"] == configured.OPENAI_REALTIME_MODEL
    for name in ("call", "events"):
        assert answer[f"{name}_url"] == f"http://testserver{SESSION}{answer['id']}/{name}/"
    found = student.client.get(f"{SESSION}{answer['id']}/").json()
    assert found == {
        "id": answer["id"],
        "state": "open",
        "ends_at": answer["ends_at"],
        "turns": [],
        "conversation": None,
    }


def test_a_secret_is_given_out_only_if_the_server_allows_it(
    student: Person, simulator: Any, settings: Any
) -> None:
    refused = ask(student, transport="secret")
    assert refusal(refused)[:2] == (400, "transport_not_allowed")
    assert list(refused.json()["errors"]) == ["transport"]
    assert not VoiceSession.objects.exists()
    settings.VOICE_CLIENT_SECRETS = True
    before = datetime.now(UTC)
    answer = ask(student, transport="secret").json()
    assert simulator.secrets.session_of(answer["client_secret"]) == answer["session"]
    left = datetime.fromisoformat(answer["expires_at"]) - before
    assert timedelta(seconds=60) <= left <= timedelta(seconds=125)
    assert answer["realtime_url"] == f"{configured.OPENAI_BASE_URL}/realtime"
    assert VoiceSession.objects.get().charged_minutes == 30, "nobody can end its calls"
    assert "client_secret" not in ask(student).json()


def test_the_learner_chooses_voice_speed_and_pause(student: Person) -> None:
    session = ask(student, voice="cedar", speed=1.2, pause="short", level="A1").json()["session"]
    assert session["audio"]["output"] == {"voice": "cedar", "speed": 1.2}
    assert session["audio"]["input"]["turn_detection"]["eagerness"] == "high"
    assert session["audio"]["input"]["transcription"]["languages"] == ["es", "en"]
    session = ask(student, voice=None, speed=None, pause=None, level="A1").json()["session"]
    assert session["audio"]["output"] == {"voice": "marin", "speed": 0.85}


@pytest.mark.parametrize(
    ("field", "given"),
    [
        ("voice", "alice"),
        ("speed", 0.2),
        ("speed", 1.6),
        ("speed", "fast"),
        ("speed", "nan"),
        ("speed", True),
        ("pause", "none"),
        ("transport", "x"),
    ],
)
def test_error_for_a_choice_that_openai_would_refuse(student: Person, field: str, given: Any) -> None:
    response = ask(student, **{field: given})
    assert (response.status_code, list(response.json()["errors"])) == (400, [field])
    assert not VoiceSession.objects.exists()


def test_response_has_no_api_key_and_request_no_user_id(
    student: Person, simulator: Any, settings: Any
) -> None:
    settings.VOICE_CLIENT_SECRETS = True
    response = ask(student, transport="secret")
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
    settings.VOICE_SESSIONS_PER_HOUR, settings.VOICE_CLIENT_SECRETS = 1, True
    simulator.faults.add(*faults)
    assert refusal(ask(student, transport="secret")) == (503, code, wait)
    assert ask(student).status_code == 200
    assert refusal(ask(student))[:2] == (429, "voice_sessions_exhausted")


def test_unreachable_openai_is_503(student: Person, settings: Any) -> None:
    settings.OPENAI_BASE_URL, settings.VOICE_CLIENT_SECRETS = "http://127.0.0.1:1/v1", True
    assert refusal(ask(student, transport="secret"))[:2] == (503, "openai_unavailable")
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


def used(person: Person, at: datetime, minutes: int, **fields: Any) -> None:
    """Stores a session begun ``at`` that was charged ``minutes``."""
    VoiceSession.objects.create(user=person.user, created_at=at, charged_minutes=minutes, **fields)


def test_minutes_per_day_are_limited(
    student: Person, stranger: Person, settings: Any, now: SimpleNamespace
) -> None:
    settings.VOICE_MINUTES_PER_DAY = 30
    used(student, NOW - timedelta(hours=24), 500)
    used(student, NOW - timedelta(hours=23), 10)
    used(student, NOW - timedelta(hours=10), 19)
    used(stranger, NOW, 1440)
    assert ask(student).json()["max_minutes"] == 1, "one of 30 minutes is left"
    refused = ask(student)
    assert refusal(refused) == (429, "voice_minutes_exhausted", "3600")
    assert "30 minutes" in refused.json()["detail"]
    used(student, NOW - timedelta(hours=1), 10)
    assert refusal(ask(student)) == (429, "voice_minutes_exhausted", str(14 * 3600)), "two must expire"
    now.at = NOW + timedelta(hours=14)
    assert ask(student).status_code == 200


def test_conversations_that_clients_save_use_no_minutes(student: Person, settings: Any) -> None:
    settings.VOICE_MINUTES_PER_DAY = 30
    student.save_conversation(duration_minutes=1440)
    assert ask(student).json()["max_minutes"] == 30


def test_a_session_that_was_never_called_gives_way_to_a_new_one(
    student: Person, settings: Any, now: SimpleNamespace
) -> None:
    settings.VOICE_MINUTES_PER_DAY = 40
    first, second = ask(student).json(), ask(student).json()
    assert (first["max_minutes"], second["max_minutes"]) == (30, 10)
    now.at = NOW + timedelta(seconds=119)
    assert refusal(ask(student))[:2] == (429, "voice_minutes_exhausted")
    now.at = NOW + timedelta(seconds=120)
    assert [ask(student).json()["max_minutes"] for _ in range(2)] == [30, 10]
    states = [student.client.get(f"{SESSION}{each['id']}/").json()["state"] for each in (first, second)]
    assert states == ["ended", "ended"]


def test_longer_wait_is_returned_if_both_limits_are_reached(
    student: Person, settings: Any, now: SimpleNamespace
) -> None:
    settings.VOICE_SESSIONS_PER_HOUR, settings.VOICE_MINUTES_PER_DAY = 1, 5
    used(student, NOW - timedelta(hours=24) + timedelta(minutes=30), 5)
    used(student, NOW, 0)
    assert refusal(ask(student)) == (429, "voice_sessions_exhausted", "3600")
    used(student, NOW, 5)
    assert refusal(ask(student)) == (429, "voice_minutes_exhausted", "86400")


def test_old_sessions_are_deleted(student: Person, stranger: Person, now: SimpleNamespace) -> None:
    for person, age in ((student, 400), (student, 399), (stranger, 500)):
        used(person, NOW - timedelta(days=age), 5)
    assert ask(student).status_code == 200
    ages = [NOW - begun for begun in VoiceSession.objects.for_user(student.user).instants()]
    assert ages == [timedelta(days=399), timedelta(0)]
    assert VoiceSession.objects.for_user(stranger.user).count() == 1


# -------------------------------------------------------------------------- export and deletion


def test_export_has_the_users_sessions(student: Person, stranger: Person, now: SimpleNamespace) -> None:
    assert (ask(student).status_code, ask(stranger).status_code) == (200, 200)
    (exported,) = student.client.get(f"{ME}export/").json()["voice_sessions"]
    assert exported["created_at"] == NOW.isoformat().replace("+00:00", "Z")
    assert (exported["state"], exported["topic"], exported["events"]) == ("open", "At the market", [])


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("clean_auth")
def test_sessions_are_deleted_with_the_account(student: Person, stranger: Person) -> None:
    assert (ask(student).status_code, ask(stranger).status_code) == (200, 200)
    assert student.client.delete(ME, {"confirm": student.user.email}).status_code == 204
    assert VoiceSession.objects.get().user == stranger.user
