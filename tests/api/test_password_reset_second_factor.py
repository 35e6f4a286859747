"""Reset of the password of an account with an authenticator app, against the Supabase stand-in."""

from typing import Any

import jwt
import pytest
from django.conf import settings

from standins.tests.fixtures.auth import AuthApi, auth
from tests.fixtures.accounts import (
    BASE,
    NEW,
    enroll,
    login,
    me,
    outbox,
    recovery_mail,
    register,
    totp_code,
    wrong_totp_code,
)
from tests.fixtures.throttles import pass_seconds

__all__ = ["auth"]
pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("clean_auth")]

BETTER = "an even better horse"


@pytest.fixture
def secret(anyone: Any, auth: AuthApi) -> str:
    """The secret of the authenticator app of a registered account."""
    register(anyone)
    return enroll(auth, NEW["email"], NEW["password"])


def confirm(anyone: Any, **body: str) -> Any:
    return anyone.post(f"{BASE}password-reset/confirm/", {"new_password": BETTER, **body})


def proof_of(mail: dict[str, str], kind: str) -> dict[str, str]:
    """A mailed code or link as fields of the request."""
    otp = {"email": NEW["email"], "otp": mail["code"]}
    return otp if kind == "otp" else {"token_hash": mail["token_hash"]}


@pytest.mark.slow
@pytest.mark.parametrize(
    ("kind", "first"),
    [("otp", "no code"), *(("token_hash", first) for first in ("no code", "blank", "wrong", "malformed"))],
)
def test_missing_or_wrong_code_returns_a_session_to_repeat_in(
    anyone: Any, secret: str, kind: str, first: str
) -> None:
    codes = {"blank": "", "wrong": wrong_totp_code(secret), "malformed": "12345é"}
    guess = {"totp_code": codes[first]} if first in codes else {}
    response = confirm(anyone, **proof_of(recovery_mail(anyone), kind), **guess)
    assert (response.status_code, response.json()["code"]) == (403, "mfa_required")
    assert response["Cache-Control"] == "no-store"
    assert login(anyone).status_code == 200, "the old password is unchanged"
    token = response.json()["access_token"]
    again = confirm(anyone, access_token=token, totp_code=wrong_totp_code(secret))
    assert (again.status_code, again.json()["code"], again.json()["access_token"]) == (
        403,
        "mfa_required",
        token,
    )
    assert again["Cache-Control"] == "no-store"
    right = totp_code(secret)
    assert confirm(anyone, access_token=token, totp_code=f"{right[:3]} {right[3:]}").status_code == 204
    assert login(anyone).status_code == 400
    assert login(anyone, BETTER).status_code == 200


@pytest.mark.parametrize("kind", ["token_hash", "otp"])
def test_right_code_with_the_mailed_proof_sets_the_password_and_ends_every_session(
    anyone: Any, secret: str, auth: AuthApi, kind: str
) -> None:
    old = login(anyone).json()["access_token"]
    proof = proof_of(recovery_mail(anyone), kind)
    assert confirm(anyone, **proof, totp_code=totp_code(secret)).status_code == 204
    assert me(old) == 401
    assert auth.sql("select count(*) from auth.sessions") == [(0,)]
    assert login(anyone, BETTER).status_code == 200


def test_session_that_has_the_second_factor_needs_no_code(anyone: Any, secret: str, auth: AuthApi) -> None:
    link = {"type": "recovery", "token_hash": recovery_mail(anyone)["token_hash"]}
    token = auth.call("POST", "/verify", link).json()["access_token"]
    [(factor,)] = auth.sql("select id::text from auth.mfa_factors")
    challenge = auth.call("POST", f"/factors/{factor}/challenge", {}, token=token).json()["id"]
    proof = {"challenge_id": challenge, "code": totp_code(secret)}
    token = auth.call("POST", f"/factors/{factor}/verify", proof, token=token).json()["access_token"]
    assert confirm(anyone, access_token=token).status_code == 204
    assert login(anyone, BETTER).status_code == 200


def test_code_of_the_app_is_ignored_for_an_account_without_one(anyone: Any) -> None:
    register(anyone)
    token_hash = recovery_mail(anyone)["token_hash"]
    assert confirm(anyone, token_hash=token_hash, totp_code="123456").status_code == 204


def test_used_mail_tells_nothing_about_a_second_factor(anyone: Any, secret: str) -> None:
    response = confirm(anyone, email=NEW["email"], otp="000000", totp_code=totp_code(secret))
    assert (response.status_code, response.json()["code"]) == (400, "otp_expired")
    assert "access_token" not in response.json()
    anyone.post(f"{BASE}password-reset/", {"email": NEW["email"]})
    assert outbox()[0]["recipient"] == NEW["email"].lower()


def test_session_is_ended_if_the_new_password_is_refused(anyone: Any, secret: str, auth: AuthApi) -> None:
    body = {"token_hash": recovery_mail(anyone)["token_hash"], "totp_code": totp_code(secret)}
    response = confirm(anyone, **body, new_password=NEW["password"])
    assert (response.status_code, response.json()["code"]) == (400, "same_password")
    assert auth.sql("select count(*) from auth.sessions where aal = 'aal2'") == [(1,)]  # the one of enroll


def test_guesses_delay_the_next_one(anyone: Any, secret: str) -> None:
    token = confirm(anyone, token_hash=recovery_mail(anyone)["token_hash"]).json()["access_token"]
    wrong = {"access_token": token, "totp_code": wrong_totp_code(secret)}
    assert [confirm(anyone, **wrong).status_code for _ in range(5)] == [403] * 5
    response = confirm(anyone, access_token=token, totp_code=totp_code(secret))
    assert (response.status_code, response.json()["code"]) == (429, "throttled")
    assert response["Retry-After"] == "1"
    mailed = confirm(anyone, token_hash=recovery_mail(anyone)["token_hash"], totp_code=totp_code(secret))
    assert (mailed.status_code, mailed.json()["code"]) == (403, "mfa_required")
    kept = mailed.json()["access_token"]
    assert me(kept) == 200, "the session is kept for a later attempt"
    pass_seconds(1)
    assert confirm(anyone, access_token=kept, totp_code=totp_code(secret)).status_code == 204


def test_account_with_another_kind_of_factor_is_refused(anyone: Any, secret: str, auth: AuthApi) -> None:
    auth.sql("update auth.mfa_factors set factor_type = 'webauthn'")
    response = confirm(anyone, token_hash=recovery_mail(anyone)["token_hash"], totp_code="123456")
    assert (response.status_code, response.json()["code"]) == (400, "mfa_factor_unsupported")


def test_session_older_than_an_hour_is_refused(anyone: Any, secret: str) -> None:
    token = confirm(anyone, token_hash=recovery_mail(anyone)["token_hash"]).json()["access_token"]
    claims = jwt.decode(token, options={"verify_signature": False})
    old = [{"method": "otp", "timestamp": claims["iat"] - 3601}]
    aged = settings.SUPABASE_KEYS.sign({**claims, "amr": old})
    response = confirm(anyone, access_token=aged, totp_code=totp_code(secret))
    assert (response.status_code, response.json()["code"]) == (403, "recovery_required")
