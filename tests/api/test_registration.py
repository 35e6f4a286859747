"""Registration, login, refresh and logout, against the Supabase stand-in."""

import dataclasses
from collections.abc import Iterator
from typing import Any

import pytest
import requests
from django.conf import settings
from django.utils import timezone

from accounts.models import Teacher, User
from tests.fixtures.accounts import BASE, NEW, failing_supabase, login, me, outbox, register, update_account
from tests.fixtures.people import client_of

SUSPENDED = "This account is suspended. Contact the people who run this service."
pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("clean_auth")]


@pytest.fixture
def confirmation_required(supabase: Any) -> Iterator[None]:
    """Configures the stand-in as LINGUAFLEX_CONFIRM_EMAIL=1 does."""
    state = supabase.app.state
    before = state.config
    state.config = dataclasses.replace(before, confirm_email=True)
    yield
    state.config = before


def test_registration_returns_a_session_and_the_profile(anyone: Any) -> None:
    answer = register(
        anyone,
        native_language="English",
        learning_languages=["Spanish", "Mandarin"],
        timezone="Asia/Tokyo",
    )
    assert set(answer) == {"user", "session"}
    assert answer["user"]["email"] == "ada@example.com"
    assert answer["user"]["role"] == "student"
    assert answer["user"]["learning_languages"] == ["Spanish", "Mandarin"]
    assert answer["user"]["timezone"] == "Asia/Tokyo"
    session = answer["session"]
    assert set(session) == {
        "access_token",
        "refresh_token",
        "token_type",
        "expires_in",
        "expires_at",
        "user",
    }
    assert (session["token_type"], session["expires_in"]) == ("bearer", 3600)
    assert me(session["access_token"]) == 200
    user = User.objects.get()
    assert (user.native_language_code, user.learning_language_codes) == ("en", ["es", "zh"])


def test_registration_as_teacher_creates_a_teaching_profile(anyone: Any) -> None:
    answer = register(anyone, role="teacher")
    assert answer["user"]["role"] == "teacher"
    assert answer["user"]["teacher"]["is_verified"] is False
    assert Teacher.objects.count() == 1


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"email": "nobody"}, "email"),
        ({"email": ""}, "email"),
        ({"password": "short"}, "password"),
        ({"password": "ü" * 37}, "password"),
        ({"name": "  "}, "name"),
        ({"role": "admin"}, "role"),
        ({"timezone": "Mars/Olympus"}, "timezone"),
        ({"learning_languages": "Spanish"}, "learning_languages"),
        ({"learning_languages": ["x" * 51]}, "learning_languages.0"),
        ({"native_language": "x" * 51}, "native_language"),
    ],
)
def test_invalid_registration_names_the_field(anyone: Any, changes: Any, field: str) -> None:
    response = anyone.post(f"{BASE}register/", {**NEW, **changes})
    assert response.status_code == 400
    assert list(response.json()["errors"]) == [field]
    assert not User.objects.exists()


@pytest.mark.parametrize(
    ("path", "field", "body"),
    [
        ("register", "password", {**NEW, "password": "short"}),
        ("password-reset/confirm", "new_password", {"token_hash": "x", "new_password": "short"}),
    ],
)
def test_short_password_has_the_code_weak_password(anyone: Any, path: str, field: str, body: Any) -> None:
    response = anyone.post(f"{BASE}{path}/", body)
    assert (response.status_code, response.json()["code"]) == (400, "weak_password")
    assert list(response.json()["errors"]) == [field]


def test_short_password_beside_another_error_has_the_code_invalid(anyone: Any) -> None:
    response = anyone.post(f"{BASE}register/", {**NEW, "password": "short", "name": ""})
    assert (response.status_code, response.json()["code"]) == (400, "invalid")
    assert set(response.json()["errors"]) == {"password", "name"}


def test_registered_address_is_refused_and_changes_nothing(anyone: Any) -> None:
    register(anyone)
    response = anyone.post(f"{BASE}register/", {**NEW, "name": "Mallory"})
    assert (response.status_code, response.json()["code"]) == (400, "user_already_exists")
    assert list(response.json()["errors"]) == ["email"]
    assert User.objects.get().name == "Ada"


@pytest.mark.usefixtures("confirmation_required")
def test_login_requires_a_confirmed_address_if_the_project_does(anyone: Any) -> None:
    assert register(anyone) == {"user": None, "session": None}
    assert not User.objects.exists()
    response = login(anyone)
    assert (response.status_code, response.json()["code"]) == (400, "email_not_confirmed")

    before = len(outbox())
    response = anyone.post(f"{BASE}resend-verification/", {"email": NEW["email"]})
    assert response.status_code == 202
    mail = outbox()[0]
    assert (mail["recipient"], len(outbox())) == ("ada@example.com", before + 1)
    requests.get(mail["link"], timeout=5, allow_redirects=False)
    assert login(anyone).status_code == 200
    assert User.objects.get().name == "Ada"

    again = anyone.post(f"{BASE}register/", {**NEW, "name": "Mallory"})
    assert (again.status_code, again.json()) == (201, {"user": None, "session": None})
    assert User.objects.get().name == "Ada"


def test_login_returns_a_session_with_the_user(anyone: Any) -> None:
    register(anyone)
    answer = login(anyone).json()
    assert answer["user"]["name"] == "Ada"
    assert me(answer["access_token"]) == 200


def test_tokens_are_not_stored_by_caches(anyone: Any) -> None:
    registered = anyone.post(f"{BASE}register/", NEW)
    refresh = {"refresh_token": registered.json()["session"]["refresh_token"]}
    answers = [registered, login(anyone), anyone.post(f"{BASE}token/refresh/", refresh)]
    assert [answer["Cache-Control"] for answer in answers] == ["no-store"] * 3


@pytest.mark.parametrize("known", [True, False])
def test_wrong_password_and_unknown_address_have_the_same_answer(anyone: Any, known: bool) -> None:
    if known:
        register(anyone)
    response = login(anyone, "wrong password")
    assert response.status_code == 400
    assert response.json() == {
        "detail": "Invalid login credentials",
        "code": "invalid_credentials",
    }


@pytest.mark.parametrize("password", [NEW["password"], "wrong password"])
def test_login_of_a_banned_user_has_one_answer_without_reason_or_end(
    anyone: Any, supabase: Any, password: str
) -> None:
    register(anyone)
    with supabase.connect() as database, database.cursor() as cursor:
        cursor.execute("update auth.users set banned_until = now() + interval '3 days'")
    response = login(anyone, password)
    assert response.status_code == 400
    assert response.json() == {"detail": SUSPENDED, "code": "user_banned"}


def test_user_with_the_longest_profile_in_any_script_can_log_in(anyone: Any) -> None:
    profile = {"name": "名" * 150, "native_language": "語" * 50, "learning_languages": ["學" * 50] * 20}
    answer = register(anyone, **profile)
    assert {**answer["user"], **profile} == answer["user"]
    assert me(answer["session"]["access_token"]) == 200
    assert login(anyone).status_code == 200


def test_login_names_a_token_that_is_too_large(anyone: Any, supabase: Any) -> None:
    token = register(anyone)["session"]["access_token"]
    update_account(supabase, token, data={"note": "x" * 7000})
    response = login(anyone)
    assert (response.status_code, response.json()["code"]) == (400, "token_too_large")
    assert "8 KB" in response.json()["detail"]


def test_login_with_a_token_of_another_issuer_is_a_503(
    anyone: Any, settings: Any, caplog: pytest.LogCaptureFixture
) -> None:
    register(anyone)
    settings.SUPABASE_JWT_ISSUER = "https://auth.example.com/auth/v1"
    response = login(anyone)
    assert (response.status_code, response.json()["code"]) == (503, "supabase_unavailable")
    assert "InvalidIssuerError" in caplog.text


def test_login_of_a_deleted_user_answers_as_for_an_unknown_address(anyone: Any) -> None:
    register(anyone)
    User.objects.update(deleted_at=timezone.now())
    response = login(anyone)
    assert (response.status_code, response.json()["code"]) == (400, "invalid_credentials")


def test_refresh_rotates_the_token_and_reuse_ends_the_session(anyone: Any, supabase: Any) -> None:
    first = register(anyone)["session"]
    second = anyone.post(f"{BASE}token/refresh/", {"refresh_token": first["refresh_token"]})
    assert second.status_code == 200
    second = second.json()
    assert second["refresh_token"] != first["refresh_token"]
    assert second["user"]["name"] == "Ada"
    third = anyone.post(f"{BASE}token/refresh/", {"refresh_token": second["refresh_token"]})
    assert third.status_code == 200
    with supabase.connect() as database, database.cursor() as cursor:
        cursor.execute("update auth.refresh_tokens set updated_at = now() - interval '1 hour'")
    reused = anyone.post(f"{BASE}token/refresh/", {"refresh_token": first["refresh_token"]})
    assert (reused.status_code, reused.json()["code"]) == (400, "refresh_token_already_used")
    latest = {"refresh_token": third.json()["refresh_token"]}
    assert anyone.post(f"{BASE}token/refresh/", latest).status_code == 400


@pytest.mark.parametrize("token", ["abcdefghijkl", "nonsense", "a.b.c", "é" * 12, "x" * 4096])
def test_unknown_and_malformed_refresh_tokens_have_the_same_answer(anyone: Any, token: str) -> None:
    response = anyone.post(f"{BASE}token/refresh/", {"refresh_token": token})
    assert response.status_code == 400
    assert response.json() == {
        "detail": "This session cannot be refreshed. Sign in again.",
        "code": "refresh_token_not_found",
    }


@pytest.mark.parametrize("code", ["validation_failed", "bad_json", ""])
def test_malformed_refresh_token_has_our_code_whatever_supabase_calls_it(
    anyone: Any, settings: Any, code: str
) -> None:
    with failing_supabase(settings, 400, code):
        response = anyone.post(f"{BASE}token/refresh/", {"refresh_token": "nonsense"})
    assert (response.status_code, response.json()["code"]) == (400, "refresh_token_not_found")


@pytest.mark.parametrize(("scope", "alive"), [("local", [2]), ("others", [1]), ("global", []), (None, [2])])
def test_logout_ends_the_sessions_of_its_scope(anyone: Any, scope: str | None, alive: list[int]) -> None:
    register(anyone)
    one, two = (login(anyone).json()["access_token"] for _ in range(2))
    body = {"scope": scope} if scope else {}
    assert client_of(one).post(f"{BASE}logout/", body).status_code == 204
    assert [number for number, token in ((1, one), (2, two)) if me(token) == 200] == alive


def test_logout_fails_if_supabase_refuses_our_key(anyone: Any, settings: Any) -> None:
    token = register(anyone)["session"]["access_token"]
    settings.SUPABASE_PUBLISHABLE_KEY = "sb_publishable_of_another_project"
    response = client_of(token).post(f"{BASE}logout/")
    assert (response.status_code, response.json()["code"]) == (503, "supabase_rejected")
    assert me(token) == 200


def test_logout_with_an_unknown_scope_is_refused(anyone: Any) -> None:
    token = register(anyone)["session"]["access_token"]
    response = client_of(token).post(f"{BASE}logout/", {"scope": "everything"})
    assert (response.status_code, list(response.json()["errors"])) == (400, ["scope"])
    assert me(token) == 200


def test_supabase_config_needs_no_token(anyone: Any) -> None:
    answer = anyone.get(f"{BASE}supabase/config/").json()
    assert answer == {
        "url": settings.SUPABASE_URL,
        "publishable_key": settings.SUPABASE_PUBLISHABLE_KEY,
    }
