"""Registration, login, refresh, logout and password reset over the real stand-in."""

import dataclasses
import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pytest
import requests
from django.conf import settings
from django.utils import timezone

from accounts.errors import SupabaseUnavailable
from accounts.integrations import supabase_auth
from accounts.models import Teacher, User, sessions
from linguaflex.local.supabase import passwords
from tests.conftest import client_of

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("clean_auth")]
BASE = "/accounts/"
NEW = {"email": "Ada@Example.com", "password": "correct horse", "name": "Ada"}


def register(anyone: Any, **changes: Any) -> dict[str, Any]:
    response = anyone.post(f"{BASE}register/", {**NEW, **changes})
    assert response.status_code == 201, response.content
    return response.json()


def login(anyone: Any, password: str = NEW["password"]) -> Any:
    return anyone.post(f"{BASE}login/", {"email": NEW["email"], "password": password})


def me(token: str) -> int:
    return int(client_of(token).get(f"{BASE}users/me/").status_code)


def outbox() -> list[dict[str, Any]]:
    return requests.get(f"{settings.SUPABASE_URL}/outbox.json", timeout=5).json()


def update_account(supabase: Any, token: str, **attributes: Any) -> None:
    """Changes an account the way supabase-js does."""
    headers = {"apikey": supabase.keys.publishable_key, "authorization": f"Bearer {token}"}
    answer = requests.put(f"{supabase.url}/auth/v1/user", json=attributes, headers=headers, timeout=5)
    assert answer.status_code == 200, answer.text


@pytest.fixture
def asking_for_confirmation(supabase: Any) -> Iterator[None]:
    """The stand-in as with LINGUAFLEX_CONFIRM_EMAIL=1."""
    state = supabase.app.state
    before = state.config
    state.config = dataclasses.replace(before, confirm_email=True)
    yield
    state.config = before


def test_registers_with_a_session_and_a_profile(anyone: Any) -> None:
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


def test_registers_a_teacher_with_a_teaching_profile(anyone: Any) -> None:
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
def test_wrong_registration_names_the_field(anyone: Any, changes: Any, field: str) -> None:
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
def test_short_password_is_called_weak(anyone: Any, path: str, field: str, body: Any) -> None:
    response = anyone.post(f"{BASE}{path}/", body)
    assert (response.status_code, response.json()["code"]) == (400, "weak_password")
    assert list(response.json()["errors"]) == [field]


def test_short_password_beside_other_mistakes_is_one_of_them(anyone: Any) -> None:
    response = anyone.post(f"{BASE}register/", {**NEW, "password": "short", "name": ""})
    assert (response.status_code, response.json()["code"]) == (400, "invalid")
    assert set(response.json()["errors"]) == {"password", "name"}


def test_known_address_is_refused_and_writes_nothing(anyone: Any) -> None:
    register(anyone)
    response = anyone.post(f"{BASE}register/", {**NEW, "name": "Mallory"})
    assert (response.status_code, response.json()["code"]) == (400, "user_already_exists")
    assert list(response.json()["errors"]) == ["email"]
    assert User.objects.get().name == "Ada"


@pytest.mark.usefixtures("asking_for_confirmation")
def test_confirmation_comes_first_where_it_is_asked_for(anyone: Any) -> None:
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


def test_login_gives_a_session_with_the_person(anyone: Any) -> None:
    register(anyone)
    answer = login(anyone).json()
    assert answer["user"]["name"] == "Ada"
    assert me(answer["access_token"]) == 200


@pytest.mark.parametrize("known", [True, False])
def test_wrong_login_does_not_tell_whether_the_address_is_known(anyone: Any, known: bool) -> None:
    if known:
        register(anyone)
    response = login(anyone, "wrong password")
    assert response.status_code == 400
    assert response.json() == {
        "detail": "Invalid login credentials",
        "code": "invalid_credentials",
    }


def test_longest_profile_in_any_script_can_sign_in(anyone: Any) -> None:
    profile = {"name": "名" * 150, "native_language": "語" * 50, "learning_languages": ["學" * 50] * 20}
    answer = register(anyone, **profile)
    assert {**answer["user"], **profile} == answer["user"]
    assert me(answer["session"]["access_token"]) == 200
    assert login(anyone).status_code == 200


def test_account_whose_token_is_too_large_is_told_so(anyone: Any, supabase: Any) -> None:
    token = register(anyone)["session"]["access_token"]
    update_account(supabase, token, data={"note": "x" * 7000})
    response = login(anyone)
    assert (response.status_code, response.json()["code"]) == (400, "token_too_large")
    assert "8 KB" in response.json()["detail"]


def test_token_that_is_not_good_here_is_no_wrong_password(
    anyone: Any, settings: Any, caplog: pytest.LogCaptureFixture
) -> None:
    register(anyone)
    settings.SUPABASE_JWT_ISSUER = "https://auth.example.com/auth/v1"
    response = login(anyone)
    assert (response.status_code, response.json()["code"]) == (503, "supabase_unavailable")
    assert "InvalidIssuerError" in caplog.text


def test_deleted_person_signs_in_like_an_unknown_one(anyone: Any) -> None:
    register(anyone)
    User.objects.update(deleted_at=timezone.now())
    response = login(anyone)
    assert (response.status_code, response.json()["code"]) == (400, "invalid_credentials")


def test_refresh_rotates_and_a_reused_token_ends_it(anyone: Any, supabase: Any) -> None:
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


def test_unknown_refresh_token_is_refused(anyone: Any) -> None:
    response = anyone.post(f"{BASE}token/refresh/", {"refresh_token": "nonsense"})
    assert (response.status_code, response.json()["code"]) == (400, "refresh_token_not_found")


@pytest.mark.parametrize(("scope", "alive"), [("local", [2]), ("others", [1]), ("global", []), (None, [2])])
def test_logout_ends_what_its_scope_says(anyone: Any, scope: str | None, alive: list[int]) -> None:
    register(anyone)
    one, two = (login(anyone).json()["access_token"] for _ in range(2))
    body = {"scope": scope} if scope else {}
    assert client_of(one).post(f"{BASE}logout/", body).status_code == 204
    assert [number for number, token in ((1, one), (2, two)) if me(token) == 200] == alive


def test_logout_that_supabase_cannot_hear_is_no_success(anyone: Any, settings: Any) -> None:
    token = register(anyone)["session"]["access_token"]
    settings.SUPABASE_PUBLISHABLE_KEY = "sb_publishable_of_another_project"
    response = client_of(token).post(f"{BASE}logout/")
    assert (response.status_code, response.json()["code"]) == (503, "supabase_unavailable")
    assert me(token) == 200


def test_logout_with_an_unknown_scope_is_refused(anyone: Any) -> None:
    token = register(anyone)["session"]["access_token"]
    response = client_of(token).post(f"{BASE}logout/", {"scope": "everything"})
    assert (response.status_code, list(response.json()["errors"])) == (400, ["scope"])
    assert me(token) == 200


def recovery_mail(anyone: Any) -> dict[str, Any]:
    response = anyone.post(f"{BASE}password-reset/", {"email": NEW["email"]})
    assert (response.status_code, response.content) == (202, b"")
    return outbox()[0]


def test_reset_is_the_same_for_an_unknown_address(anyone: Any) -> None:
    before = outbox()
    recovered = anyone.post(f"{BASE}password-reset/", {"email": "nobody@example.com"})
    resent = anyone.post(f"{BASE}resend-verification/", {"email": "nobody@example.com"})
    assert [(r.status_code, r.content) for r in (recovered, resent)] == [(202, b"")] * 2
    assert outbox() == before


class Failing(BaseHTTPRequestHandler):
    """Answers every call with one failure; keeps the headers it was sent."""

    status: int
    body: bytes
    seen: list[Any]

    def do_POST(self) -> None:
        self.seen.append(self.headers)
        self.rfile.read(int(self.headers["content-length"]))
        self.send_response(self.status)
        self.send_header("x-supabase-api-version", "2024-01-01")
        self.send_header("content-length", str(len(self.body)))
        self.end_headers()
        self.wfile.write(self.body)

    def log_message(self, *args: Any) -> None:
        """Silence."""


@contextmanager
def failing_supabase(settings: Any, status: int, code: str) -> Iterator[list[Any]]:
    """A Supabase that answers everything with this failure; the headers of the calls it gets."""
    seen: list[Any] = []
    answer = {"status": status, "body": json.dumps({"code": code, "message": "No."}).encode(), "seen": seen}
    with HTTPServer(("127.0.0.1", 0), type("Handler", (Failing,), answer)) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        settings.SUPABASE_URL = f"http://127.0.0.1:{server.server_port}"
        yield seen
        server.shutdown()


@pytest.mark.parametrize("path", ["password-reset", "resend-verification"])
@pytest.mark.parametrize(
    ("status", "code", "answer"),
    [
        (429, "over_email_send_rate_limit", 202),
        (500, "unexpected_failure", 202),
        (400, "email_address_not_authorized", 202),
        (422, "hook_timeout", 202),
        (429, "over_request_rate_limit", 429),
        (400, "validation_failed", 400),
        (503, "unexpected_failure", 503),
        (401, "", 503),
    ],
)
def test_failure_of_a_known_address_looks_like_none(
    anyone: Any, settings: Any, path: str, status: int, code: str, answer: int
) -> None:
    with failing_supabase(settings, status, code):
        response = anyone.post(f"{BASE}{path}/", {"email": NEW["email"]})
    assert response.status_code == answer
    assert response.content == b"" or answer != 202


@pytest.mark.parametrize("proof", ["token_hash", "otp", "access_token"])
def test_password_is_reset_with_each_proof(anyone: Any, proof: str) -> None:
    old = register(anyone)["session"]["access_token"]
    mail = recovery_mail(anyone)
    verify = f"{settings.SUPABASE_URL}/auth/v1/verify"
    if proof == "token_hash":
        body = {"token_hash": mail["token_hash"]}
    elif proof == "otp":
        body = {"email": NEW["email"], "otp": mail["code"]}
    else:
        answer = requests.post(verify, json={"type": "recovery", "token_hash": mail["token_hash"]}, timeout=5)
        body = {"access_token": answer.json()["access_token"]}
    body["new_password"] = "an even better horse"
    assert anyone.post(f"{BASE}password-reset/confirm/", body).status_code == 204
    assert me(old) == 401
    assert login(anyone).status_code == 400
    assert login(anyone, "an even better horse").status_code == 200
    if proof != "access_token":
        again = anyone.post(f"{BASE}password-reset/confirm/", body)
        assert (again.status_code, again.json()["code"]) == (400, "otp_expired")


@pytest.mark.parametrize("proof", ["token_hash", "otp"])
def test_reset_by_code_ends_every_session_where_supabases_own_are_unreadable(
    anyone: Any, monkeypatch: pytest.MonkeyPatch, proof: str
) -> None:
    monkeypatch.setattr(sessions, "auth_is_readable", lambda database: False)
    old = register(anyone)["session"]["access_token"]
    time.sleep(1)  # a token's moment of issue is known to the second
    mail = recovery_mail(anyone)
    given = {"email": NEW["email"], "otp": mail["code"]} if proof == "otp" else {proof: mail[proof]}
    body = {"new_password": "an even better horse", **given}
    assert me(old) == 200
    assert anyone.post(f"{BASE}password-reset/confirm/", body).status_code == 204
    assert me(old) == 401


@pytest.mark.parametrize(
    ("password", "code"), [(NEW["password"], "same_password"), ("qwerty", "weak_password")]
)
def test_refused_new_password_is_named_and_leaves_no_session(
    anyone: Any, supabase: Any, monkeypatch: pytest.MonkeyPatch, password: str, code: str
) -> None:
    token = register(anyone)["session"]["access_token"]
    monkeypatch.setattr(passwords, "MIN_CHARACTERS", 8)  # a project may ask for more than we do
    body = {"token_hash": recovery_mail(anyone)["token_hash"], "new_password": password}
    response = anyone.post(f"{BASE}password-reset/confirm/", body)
    answer = response.json()
    assert (response.status_code, answer["code"], list(answer["errors"])) == (400, code, ["new_password"])
    assert "new mail" in answer["detail"]
    with supabase.connect() as database, database.cursor() as cursor:
        cursor.execute("select count(*) from auth.sessions")
        assert cursor.fetchone() == (1,)
    assert me(token) == 200, "the password is the old one, and so are the sessions"


def test_recovery_session_may_try_another_password(anyone: Any) -> None:
    register(anyone)
    link = {"type": "recovery", "token_hash": recovery_mail(anyone)["token_hash"]}
    verified = requests.post(f"{settings.SUPABASE_URL}/auth/v1/verify", json=link, timeout=5).json()
    body = {"access_token": verified["access_token"], "new_password": NEW["password"]}
    answer = anyone.post(f"{BASE}password-reset/confirm/", body).json()
    assert (answer["code"], list(answer["errors"])) == ("same_password", ["new_password"])
    assert "new mail" not in answer["detail"]
    body["new_password"] = "an even better horse"
    assert anyone.post(f"{BASE}password-reset/confirm/", body).status_code == 204


def test_password_is_set_though_the_session_cannot_be_ended(
    anyone: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    register(anyone)
    body = {"token_hash": recovery_mail(anyone)["token_hash"], "new_password": "an even better horse"}

    def fail(**named: Any) -> None:
        raise SupabaseUnavailable

    monkeypatch.setattr(supabase_auth, "sign_out", fail)
    assert anyone.post(f"{BASE}password-reset/confirm/", body).status_code == 204
    assert login(anyone, "an even better horse").status_code == 200


def test_ordinary_session_resets_no_password(anyone: Any) -> None:
    token = register(anyone)["session"]["access_token"]
    body = {"new_password": "stolen horse", "access_token": token}
    response = anyone.post(f"{BASE}password-reset/confirm/", body)
    assert (response.status_code, response.json()["code"]) == (403, "recovery_required")
    assert login(anyone).status_code == 200


@pytest.mark.parametrize(
    "proof",
    [
        {},
        {"email": "a@example.com"},
        {"otp": "123456"},
        {"token_hash": "x", "access_token": "y"},
    ],
)
def test_reset_without_exactly_one_proof_is_refused(anyone: Any, proof: Any) -> None:
    body = {"new_password": "better horse", **proof}
    response = anyone.post(f"{BASE}password-reset/confirm/", body)
    assert response.status_code == 400
    assert "token_hash" in response.json()["detail"]


def test_reset_with_a_forged_token_is_401(anyone: Any) -> None:
    body = {"new_password": "better horse", "access_token": "abc"}
    response = anyone.post(f"{BASE}password-reset/confirm/", body)
    assert (response.status_code, response.json()["code"]) == (401, "invalid_token")


def test_supabase_down_is_503(anyone: Any, settings: Any) -> None:
    settings.SUPABASE_URL = "http://127.0.0.1:1"
    response = login(anyone)
    assert (response.status_code, response.json()["code"]) == (503, "supabase_unavailable")
    assert int(response["Retry-After"]) > 0


def test_throttled_login_says_when_to_come_back(anyone: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    from rest_framework.throttling import ScopedRateThrottle

    monkeypatch.setattr(ScopedRateThrottle, "THROTTLE_RATES", {"login": "2/min"})
    statuses = [login(anyone).status_code for _ in range(2)]
    response = login(anyone)
    assert statuses == [400, 400]
    assert (response.status_code, response.json()["code"]) == (429, "throttled")
    assert 0 < int(response["Retry-After"]) <= 61


def test_caller_address_reaches_supabase_from_a_trusted_proxy_alone(
    anyone: Any, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[str | None] = []
    monkeypatch.setattr(supabase_auth, "sign_in", lambda **named: seen.append(named["client_ip"]) or 1 / 0)
    forwarded = {"HTTP_X_FORWARDED_FOR": "6.6.6.6, 203.0.113.9"}
    for count in (0, 1, 2, 3):
        settings.TRUSTED_PROXY_COUNT = count
        anyone.post(f"{BASE}login/", {"email": NEW["email"], "password": "x"}, **forwarded)
    assert seen == [None, "203.0.113.9", "6.6.6.6", None]


@pytest.mark.parametrize("hop", ["é", "localhost", "a b", "1.2.3", "1.2.3.4:80", "fe80::1%é", "\x00", ""])
def test_hop_that_is_no_address_goes_no_further(anyone: Any, settings: Any, hop: str) -> None:
    settings.TRUSTED_PROXY_COUNT = 1
    body = {"email": NEW["email"], "password": "x"}
    with failing_supabase(settings, 400, "invalid_credentials") as seen:
        response = anyone.post(f"{BASE}login/", body, HTTP_X_FORWARDED_FOR=hop)
    assert (response.status_code, response.json()["code"]) == (400, "invalid_credentials")
    assert ["Sb-Forwarded-For" in headers for headers in seen] == [False]


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("register", NEW),
        ("login", {"email": NEW["email"], "password": "x"}),
        ("token/refresh", {"refresh_token": "x"}),
        ("password-reset", {"email": NEW["email"]}),
        ("password-reset/confirm", {"token_hash": "x", "new_password": "better horse"}),
        ("resend-verification", {"email": NEW["email"]}),
    ],
)
def test_caller_address_goes_with_every_open_call(anyone: Any, settings: Any, path: str, body: Any) -> None:
    settings.TRUSTED_PROXY_COUNT = 1
    with failing_supabase(settings, 400, "validation_failed") as seen:
        anyone.post(f"{BASE}{path}/", body, HTTP_X_FORWARDED_FOR="203.0.113.9")
    assert [headers["Sb-Forwarded-For"] for headers in seen] == ["203.0.113.9"]
    assert [headers["apikey"] for headers in seen] == [settings.SUPABASE_SECRET_KEY]


def test_caller_address_goes_with_the_new_password_too(
    anyone: Any, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    register(anyone)
    body = {"token_hash": recovery_mail(anyone)["token_hash"], "new_password": "an even better horse"}
    settings.TRUSTED_PROXY_COUNT = 1
    client, seen = supabase_auth._client, []

    def observed(**named: Any) -> Any:
        seen.append(named.get("client_ip"))
        return client(**named)

    monkeypatch.setattr(supabase_auth, "_client", observed)
    forwarded = {"HTTP_X_FORWARDED_FOR": "203.0.113.9"}
    assert anyone.post(f"{BASE}password-reset/confirm/", body, **forwarded).status_code == 204
    assert seen == ["203.0.113.9", "203.0.113.9", None]  # the code, the password, the sign-out


def test_config_is_open_and_public(anyone: Any) -> None:
    answer = anyone.get(f"{BASE}supabase/config/").json()
    assert answer == {
        "url": settings.SUPABASE_URL,
        "publishable_key": settings.SUPABASE_PUBLISHABLE_KEY,
    }
