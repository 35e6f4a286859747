"""A voice session: its secret, its limits and its failures."""

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
    """The clock of the view; ``at`` sets it."""
    clock = SimpleNamespace(at=NOW, now=lambda: clock.at)
    monkeypatch.setattr(views, "timezone", clock)
    return clock


def save(person: Person, at: datetime, minutes: int | None) -> None:
    """Saves a conversation of an instant that lasted ``minutes``."""
    made = person.save_conversation(duration_minutes=minutes)
    VoiceConversation.objects.filter(pk=made["id"]).update(created_at=at)


def refusal(response: Any) -> tuple[int, str, str | None]:
    """Status, code and Retry-After."""
    return response.status_code, response.json()["code"], response.headers.get("Retry-After")


# ------------------------------------------------------------------------------------- answer


def test_answer_begins_the_session_at_openai(student: Person, simulator: Any) -> None:
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


def test_session_hears_a_learner_who_pauses(student: Person) -> None:
    session = ask(student).json()["session"]
    session.pop("id"), session.pop("instructions"), session.pop("object")
    assert session == {
        "type": "realtime",
        "model": configured.OPENAI_REALTIME_MODEL,
        "output_modalities": ["audio"],
        "audio": {
            "input": {
                "transcription": {"model": configured.OPENAI_TRANSCRIPTION_MODEL, "language": "es"},
                "turn_detection": {"type": "semantic_vad", "eagerness": "low"},
            }
        },
    }


@pytest.mark.parametrize("language", ["Esperanto", "Cantonese", "xx", "日本", "Dothraki"])
def test_language_that_openai_does_not_take_is_left_to_it(student: Person, language: str) -> None:
    session = ask(student, target_language=language).json()["session"]
    assert session["audio"]["input"]["transcription"] == {"model": configured.OPENAI_TRANSCRIPTION_MODEL}


def test_api_key_stays_here_and_the_person_is_not_named(student: Person, simulator: Any) -> None:
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
def test_fields_have_the_rules_of_a_conversation(student: Person, field: str, given: Any) -> None:
    response = ask(student, **{field: given})
    conversation = student.client.post(VOICE, {**WISH, "transcription": "hola", field: given})
    assert response.status_code == 400
    assert response.json() == conversation.json()
    assert not VoiceSession.objects.exists()


@pytest.mark.parametrize("field", ["topic", "native_language", "target_language"])
def test_required_field_is_asked_for(student: Person, field: str) -> None:
    response = student.client.post(SESSION, {key: value for key, value in WISH.items() if key != field})
    assert (response.status_code, list(response.json()["errors"])) == (400, [field])


@pytest.mark.parametrize("level", ["", "b1", "D1", 1, ["A1"], True])
def test_unknown_level_names_the_known_ones(student: Person, level: Any) -> None:
    response = ask(student, level=level)
    assert refusal(response)[:2] == (400, "invalid")
    assert "Levels: A1, A2, B1, B2, C1, C2." in response.json()["errors"]["level"][0]


def test_nobody_begins_without_a_token(student: Person) -> None:
    assert refusal(client_of().post(SESSION, WISH))[:2] == (401, "not_authenticated")
    assert not VoiceSession.objects.exists()
    assert ask(student).status_code == 200


# ----------------------------------------------------------------------------------- failures


def test_server_without_a_key_says_so(student: Person, settings: Any) -> None:
    settings.OPENAI_API_KEY = ""
    assert refusal(ask(student))[:2] == (503, "openai_not_configured")
    student.save_conversation(duration_minutes=configured.VOICE_MINUTES_PER_DAY)
    assert refusal(ask(student))[:2] == (503, "openai_not_configured"), "whatever the limits say"
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
def test_attempt_without_a_secret_does_not_count(
    student: Person, simulator: Any, settings: Any, faults: list[Fault], code: str, wait: str
) -> None:
    settings.VOICE_SESSIONS_PER_HOUR = 1
    simulator.faults.add(*faults)
    assert refusal(ask(student)) == (503, code, wait)
    assert ask(student).status_code == 200
    assert refusal(ask(student))[:2] == (429, "voice_sessions_exhausted")


def test_openai_out_of_reach_is_a_503(student: Person, settings: Any) -> None:
    settings.OPENAI_BASE_URL = "http://127.0.0.1:1/v1"
    assert refusal(ask(student))[:2] == (503, "openai_unavailable")
    assert not VoiceSession.objects.exists()


# ------------------------------------------------------------------------------------- limits


def test_sessions_of_an_hour_are_counted(
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
    assert ask(stranger).status_code == 200, "each has an own limit"
    now.at += timedelta(seconds=59)
    assert refusal(ask(student)) == (429, "voice_sessions_exhausted", "1")
    now.at += timedelta(milliseconds=700)
    assert ask(student).status_code == 200
    assert refusal(ask(student)) == (429, "voice_sessions_exhausted", "1200")


def test_lowered_limit_waits_until_enough_have_left(
    student: Person, settings: Any, now: SimpleNamespace
) -> None:
    for minutes in (0, 10, 20):
        now.at = NOW + timedelta(minutes=minutes)
        assert ask(student).status_code == 200
    settings.VOICE_SESSIONS_PER_HOUR = 1
    assert refusal(ask(student))[2] == "3600"
    settings.VOICE_SESSIONS_PER_HOUR = 2
    assert refusal(ask(student))[2] == "3000"


def test_minutes_of_a_day_are_counted(
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
    assert refusal(ask(student)) == (429, "voice_minutes_exhausted", str(14 * 3600)), "one is not enough"
    now.at = NOW + timedelta(hours=14)
    assert ask(student).status_code == 200


def test_longer_wait_is_told_where_both_limits_are_met(
    student: Person, settings: Any, now: SimpleNamespace
) -> None:
    settings.VOICE_SESSIONS_PER_HOUR = settings.VOICE_MINUTES_PER_DAY = 1
    assert ask(student).status_code == 200
    save(student, NOW - timedelta(hours=24) + timedelta(minutes=30), 5)
    assert refusal(ask(student)) == (429, "voice_sessions_exhausted", "3600")
    save(student, NOW, 5)
    assert refusal(ask(student)) == (429, "voice_minutes_exhausted", "86400")


def test_rows_of_yesterday_go(student: Person, stranger: Person, now: SimpleNamespace) -> None:
    for person, age in ((student, 24), (student, 23), (stranger, 30)):
        VoiceSession.objects.create(user=person.user, created_at=NOW - timedelta(hours=age))
    assert ask(student).status_code == 200
    ages = [NOW - begun for begun in VoiceSession.objects.for_user(student.user).instants()]
    assert ages == [timedelta(hours=23), timedelta(0)]
    assert VoiceSession.objects.for_user(stranger.user).count() == 1


# ------------------------------------------------------------------------------- one's own data


def test_export_holds_own_sessions(student: Person, stranger: Person, now: SimpleNamespace) -> None:
    assert (ask(student).status_code, ask(stranger).status_code) == (200, 200)
    exported = student.client.get(f"{ME}export/").json()["voice_sessions"]
    assert exported == [{"created_at": NOW.isoformat().replace("+00:00", "Z")}]


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("clean_auth")
def test_sessions_go_with_the_account(student: Person, stranger: Person) -> None:
    assert (ask(student).status_code, ask(stranger).status_code) == (200, 200)
    assert student.client.delete(ME, {"confirm": student.user.email}).status_code == 204
    assert VoiceSession.objects.get().user == stranger.user
