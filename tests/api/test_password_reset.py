"""Reset of a forgotten password, against the Supabase stand-in."""

from typing import Any

import jwt
import pytest
import requests
from django.conf import settings

from accounts.errors import SupabaseUnavailable
from accounts.integrations import supabase_auth
from accounts.models import auth_sessions
from standins.supabase.auth import passwords
from tests.fixtures.accounts import BASE, NEW, failing_supabase, login, me, outbox, recovery_mail, register
from tests.fixtures.tokens import issued_earlier

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("clean_auth")]


def test_request_for_an_unknown_address_has_the_same_answer_and_sends_no_mail(anyone: Any) -> None:
    before = outbox()
    recovered = anyone.post(f"{BASE}password-reset/", {"email": "nobody@example.com"})
    resent = anyone.post(f"{BASE}resend-verification/", {"email": "nobody@example.com"})
    assert [(r.status_code, r.content) for r in (recovered, resent)] == [(202, b"")] * 2
    assert outbox() == before


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
def test_error_that_reveals_a_registered_address_is_hidden(
    anyone: Any, settings: Any, path: str, status: int, code: str, answer: int
) -> None:
    with failing_supabase(settings, status, code):
        response = anyone.post(f"{BASE}{path}/", {"email": NEW["email"]})
    assert response.status_code == answer
    assert response.content == b"" or answer != 202


@pytest.mark.parametrize("proof", ["token_hash", "otp", "access_token"])
def test_password_is_reset_with_each_kind_of_proof(anyone: Any, proof: str) -> None:
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
def test_reset_by_code_revokes_every_token_if_the_sessions_are_unreadable(
    anyone: Any, monkeypatch: pytest.MonkeyPatch, proof: str
) -> None:
    monkeypatch.setattr(auth_sessions, "auth_is_readable", lambda database: False)
    old = issued_earlier(register(anyone)["session"]["access_token"])
    mail = recovery_mail(anyone)
    given = {"email": NEW["email"], "otp": mail["code"]} if proof == "otp" else {proof: mail[proof]}
    body = {"new_password": "an even better horse", **given}
    assert me(old) == 200
    assert anyone.post(f"{BASE}password-reset/confirm/", body).status_code == 204
    assert me(old) == 401


@pytest.mark.parametrize(
    ("password", "code"), [(NEW["password"], "same_password"), ("qwerty", "weak_password")]
)
def test_refused_password_names_the_field_and_leaves_no_session(
    anyone: Any, supabase: Any, monkeypatch: pytest.MonkeyPatch, password: str, code: str
) -> None:
    token = register(anyone)["session"]["access_token"]
    monkeypatch.setattr(passwords, "MIN_CHARACTERS", 8)  # a project may require more than we do
    body = {"token_hash": recovery_mail(anyone)["token_hash"], "new_password": password}
    response = anyone.post(f"{BASE}password-reset/confirm/", body)
    answer = response.json()
    assert (response.status_code, answer["code"], list(answer["errors"])) == (400, code, ["new_password"])
    assert "new mail" in answer["detail"]
    with supabase.connect() as database, database.cursor() as cursor:
        cursor.execute("select count(*) from auth.sessions")
        assert cursor.fetchone() == (1,)
    assert me(token) == 200, "neither the password nor the sessions have changed"


def test_recovery_session_may_try_another_password_after_a_refusal(anyone: Any) -> None:
    register(anyone)
    link = {"type": "recovery", "token_hash": recovery_mail(anyone)["token_hash"]}
    verified = requests.post(f"{settings.SUPABASE_URL}/auth/v1/verify", json=link, timeout=5).json()
    body = {"access_token": verified["access_token"], "new_password": NEW["password"]}
    answer = anyone.post(f"{BASE}password-reset/confirm/", body).json()
    assert (answer["code"], list(answer["errors"])) == ("same_password", ["new_password"])
    assert "new mail" not in answer["detail"]
    body["new_password"] = "an even better horse"
    assert anyone.post(f"{BASE}password-reset/confirm/", body).status_code == 204


def test_password_is_set_even_if_the_sessions_cannot_be_ended(
    anyone: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    register(anyone)
    body = {"token_hash": recovery_mail(anyone)["token_hash"], "new_password": "an even better horse"}

    def fail(**named: Any) -> None:
        raise SupabaseUnavailable

    monkeypatch.setattr(supabase_auth, "sign_out", fail)
    assert anyone.post(f"{BASE}password-reset/confirm/", body).status_code == 204
    assert login(anyone, "an even better horse").status_code == 200


def test_session_of_an_ordinary_login_cannot_reset_the_password(anyone: Any) -> None:
    token = register(anyone)["session"]["access_token"]
    body = {"new_password": "stolen horse", "access_token": token}
    response = anyone.post(f"{BASE}password-reset/confirm/", body)
    assert (response.status_code, response.json()["code"]) == (403, "recovery_required")
    assert login(anyone).status_code == 200


@pytest.mark.parametrize("amr", [["otp"], [{"method": "recovery", "timestamp": "?"}], ["password"], None])
@pytest.mark.parametrize(("minutes", "fresh"), [(59, True), (61, False)])
def test_recovery_without_a_usable_time_is_as_old_as_its_session(
    anyone: Any, supabase: Any, amr: Any, minutes: int, fresh: bool
) -> None:
    register(anyone)
    link = {"type": "recovery", "token_hash": recovery_mail(anyone)["token_hash"]}
    verified = requests.post(f"{settings.SUPABASE_URL}/auth/v1/verify", json=link, timeout=5).json()
    claims = jwt.decode(verified["access_token"], options={"verify_signature": False})
    with supabase.connect() as database, database.cursor() as cursor:
        cursor.execute(f"update auth.sessions set created_at = now() - interval '{minutes} minutes'")
    body = {"access_token": supabase.keys.sign({**claims, "amr": amr}), "new_password": "better horse"}
    status = anyone.post(f"{BASE}password-reset/confirm/", body).status_code
    assert status == (204 if fresh and amr not in (["password"], None) else 403)


def test_recovery_of_the_future_cannot_reset_the_password(anyone: Any, supabase: Any) -> None:
    register(anyone)
    link = {"type": "recovery", "token_hash": recovery_mail(anyone)["token_hash"]}
    verified = requests.post(f"{settings.SUPABASE_URL}/auth/v1/verify", json=link, timeout=5).json()
    claims = jwt.decode(verified["access_token"], options={"verify_signature": False})

    def reset(recovered_at: int) -> Any:
        amr = [{"method": "recovery", "timestamp": recovered_at}]
        token = supabase.keys.sign({**claims, "amr": amr})
        body = {"access_token": token, "new_password": "better horse"}
        return anyone.post(f"{BASE}password-reset/confirm/", body)

    response = reset(claims["iat"] + 3600)
    assert (response.status_code, response.json()["code"]) == (403, "recovery_required")
    assert reset(claims["iat"]).status_code == 204


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
