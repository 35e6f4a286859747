"""Endpoints of the signed-in account: checks of the access token, changes of the account."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import jwt
import pytest

from standins.supabase import keys
from standins.tests.fixtures.auth import AuthApi, claims_of, refusal

pytestmark = pytest.mark.usefixtures("no_accounts")


@pytest.mark.parametrize("header", ["Basic abc", "Bearer", "Token x", "abc"])
def test_a_malformed_authorization_header_is_401(auth: AuthApi, header: str) -> None:
    answer = auth.call("GET", "/user", authorization=header)
    assert refusal(answer) == (401, "no_authorization")


def test_an_api_key_alone_has_no_user(auth: AuthApi) -> None:
    for token in ("", auth.keys.publishable_key):
        answer = auth.call("GET", "/user", token=token)
        assert refusal(answer) == (403, "bad_jwt")
        assert answer.json()["message"] == "invalid JWT: missing sub claim"


@pytest.mark.parametrize(
    ("changes", "status", "code"),
    [
        ({"sub": None}, 403, "bad_jwt"),
        ({"sub": "1"}, 400, "bad_jwt"),
        ({"sub": str(uuid4())}, 403, "user_not_found"),
        ({"session_id": str(uuid4())}, 403, "session_not_found"),
        ({"session_id": "1"}, 403, "bad_jwt"),
        ({"exp": 1}, 403, "bad_jwt"),
        ({"exp": None}, 403, "bad_jwt"),
        ({"aud": "anon"}, 400, "validation_failed"),
        ({"session_id": None}, 200, ""),
    ],
)
def test_claims_are_checked_with_the_errors_of_supabase(
    auth: AuthApi, changes: dict[str, Any], status: int, code: str
) -> None:
    claims = claims_of(auth.sign_up()) | changes
    token = auth.keys.sign({name: value for name, value in claims.items() if value is not None})
    answer = auth.call("GET", "/user", token=token)
    assert (answer.status_code, answer.json().get("code", "")) == (status, code)


def test_a_token_of_another_key_or_algorithm_is_refused(auth: AuthApi) -> None:
    claims = claims_of(auth.sign_up())
    tokens = [
        keys.generate().sign(claims),
        jwt.encode(claims, None, algorithm="none"),
        jwt.encode(claims, "x" * 32, algorithm="HS256", headers={"kid": auth.keys.kid}),
        "a.b.c",
    ]
    for token in tokens:
        assert refusal(auth.call("GET", "/user", token=token)) == (403, "bad_jwt")


def test_a_banned_user_is_refused_at_once(auth: AuthApi) -> None:
    session = auth.sign_up()
    auth.sql("update auth.users set banned_until = now() + interval '1 hour'")
    answer = auth.call("GET", "/user", token=session["access_token"])
    assert refusal(answer) == (403, "user_banned")


def test_app_metadata_cannot_be_changed(auth: AuthApi) -> None:
    token = auth.sign_up()["access_token"]
    answer = auth.call("PUT", "/user", {"app_metadata": {"role": "admin"}}, token=token)
    assert refusal(answer) == (403, "not_admin")


def test_metadata_is_merged_and_null_removes_a_key(auth: AuthApi) -> None:
    token = auth.sign_up(name="Ana", city="Faro")["access_token"]
    body = {"data": {"city": None, "age": 7, "deep": {"a": [None]}}}
    metadata = auth.call("PUT", "/user", body, token=token).json()["user_metadata"]
    assert "city" not in metadata
    assert (metadata["name"], metadata["age"], metadata["deep"]) == ("Ana", 7, {"a": [None]})
    assert auth.call("GET", "/user", token=token).json()["user_metadata"] == metadata


def test_a_new_password_ends_other_sessions_and_pending_codes(auth: AuthApi) -> None:
    token = auth.sign_up()["access_token"]
    other = auth.sign_in().json()
    auth.call("POST", "/recover", {"email": "ana@example.com"})
    answer = auth.call("PUT", "/user", {"password": "secret2"}, token=token)
    assert answer.status_code == 200
    assert auth.call("GET", "/user", token=token).status_code == 200
    ended = auth.call("GET", "/user", token=other["access_token"])
    assert refusal(ended) == (403, "session_not_found")
    assert auth.refresh(other["refresh_token"]).status_code == 400
    code = auth.mails()[0]["code"]
    body = {"type": "recovery", "email": "ana@example.com", "token": code}
    assert refusal(auth.call("POST", "/verify", body)) == (403, "otp_expired")
    assert auth.sign_in().status_code == 400
    assert auth.sign_in(password="secret2").status_code == 200


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({"password": "secret1"}, 422, "same_password"),
        ({"password": "abc"}, 422, "weak_password"),
        ({"password": "x" * 73}, 400, "validation_failed"),
        ({"email": "bob@example.com"}, 422, "email_exists"),
        ({"email": "nonsense"}, 400, "validation_failed"),
    ],
)
def test_a_refused_change_leaves_the_account_unchanged(
    auth: AuthApi, body: dict[str, Any], status: int, code: str
) -> None:
    auth.sign_up("bob@example.com")
    token = auth.sign_up()["access_token"]
    body = {"data": {"seen": True}} | body
    assert refusal(auth.call("PUT", "/user", body, token=token)) == (status, code)
    assert "seen" not in auth.call("GET", "/user", token=token).json()["user_metadata"]
    assert auth.sign_in().status_code == 200


@pytest.mark.parametrize("opened", ["ana@example.com", "new@example.com"])
def test_without_confirmation_a_new_address_is_set_by_the_first_of_two_links(
    auth: AuthApi, opened: str
) -> None:
    token = auth.sign_up()["access_token"]
    user = auth.call("PUT", "/user", {"email": "NEW@example.com"}, token=token).json()
    assert (user["email"], user["new_email"]) == ("ana@example.com", "new@example.com")
    mails = {mail["recipient"]: mail["token_hash"] for mail in auth.mails()}
    assert set(mails) == {"ana@example.com", "new@example.com"}
    body = {"type": "email_change", "token_hash": mails.pop(opened)}
    changed = auth.call("POST", "/verify", body).json()["user"]
    assert changed["email"] == changed["identities"][0]["email"] == "new@example.com"
    assert "new_email" not in changed
    assert auth.sign_in("new@example.com").status_code == 200
    assert auth.sign_in("ana@example.com").status_code == 400
    [other] = mails.values()
    body = {"type": "email_change", "token_hash": other}
    assert refusal(auth.call("POST", "/verify", body)) == (403, "otp_expired")


def test_with_confirmation_both_addresses_must_confirm(confirming_auth: AuthApi) -> None:
    running = confirming_auth
    running.admin(
        "POST", "/admin/users", {"email": "ana@example.com", "password": "secret1", "email_confirm": True}
    )
    token = running.sign_in().json()["access_token"]
    user = running.call("PUT", "/user", {"email": "new@example.com"}, token=token).json()
    assert (user["email"], user["new_email"]) == ("ana@example.com", "new@example.com")
    mails = {mail["recipient"]: mail for mail in running.mails()}
    assert set(mails) == {"ana@example.com", "new@example.com"}
    code = mails["ana@example.com"]["code"]
    body = {"type": "email_change", "email": "ana@example.com", "token": code}
    first = running.call("POST", "/verify", body)
    assert first.status_code == 200 and first.json()["code"] == "200"
    assert running.sign_in("new@example.com").status_code == 400
    token_hash = mails["new@example.com"]["token_hash"]
    second = running.call("POST", "/verify", {"type": "email_change", "token_hash": token_hash})
    assert second.json()["user"]["email"] == "new@example.com"
    assert "new_email" not in second.json()["user"]
    assert running.sign_in("new@example.com").status_code == 200


def test_an_address_in_use_is_refused_before_a_mail_is_sent(confirming_auth: AuthApi) -> None:
    running = confirming_auth
    for email in ("ana@example.com", "bob@example.com"):
        account = {"email": email, "password": "secret1", "email_confirm": True}
        running.admin("POST", "/admin/users", account)
    token = running.sign_in().json()["access_token"]
    answer = running.call("PUT", "/user", {"email": "bob@example.com"}, token=token)
    assert refusal(answer) == (422, "email_exists")
    assert running.mails() == []


def test_a_confirmed_change_fails_if_the_address_is_in_use_by_then(
    confirming_auth: AuthApi,
) -> None:
    running = confirming_auth
    running.admin(
        "POST", "/admin/users", {"email": "ana@example.com", "password": "secret1", "email_confirm": True}
    )
    token = running.sign_in().json()["access_token"]
    running.call("PUT", "/user", {"email": "new@example.com"}, token=token)
    hashes = [mail["token_hash"] for mail in running.mails()]
    running.sign_up("new@example.com")
    answers = [
        running.call("POST", "/verify", {"type": "email_change", "token_hash": each}) for each in hashes
    ]
    assert answers[0].status_code == 200
    assert refusal(answers[1]) == (422, "email_exists")


def test_access_tokens_expire_after_their_lifetime(auth: AuthApi) -> None:
    claims = claims_of(auth.sign_up())
    lifetime = datetime.fromtimestamp(claims["exp"], UTC) - datetime.now(UTC)
    assert timedelta(minutes=59) < lifetime <= timedelta(hours=1)
