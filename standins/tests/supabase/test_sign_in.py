"""Sign-up, sign-in, refresh and sign-out over HTTP."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import jwt
import pytest

from standins.supabase.hashing import SCRYPT, PasswordHasher
from standins.tests.fixtures.auth import HASHER, AuthApi, claims_of, refusal, serve

pytestmark = pytest.mark.usefixtures("no_accounts")


def test_sign_up_returns_a_session_with_the_claims_of_supabase(auth: AuthApi) -> None:
    session = auth.sign_up("Ana@Example.com", name="Ana")
    assert {"access_token", "token_type", "expires_in", "expires_at", "refresh_token", "user"} == set(session)
    user = session["user"]
    assert (user["email"], user["role"], user["aud"]) == ("ana@example.com", "authenticated", "authenticated")
    assert user["user_metadata"]["name"] == "Ana" and user["identities"][0]["provider"] == "email"
    assert None not in user.values()
    key = jwt.PyJWK(auth.call("GET", "/.well-known/jwks.json").json()["keys"][0])
    token = session["access_token"]
    claims = jwt.decode(token, key, audience="authenticated", issuer=f"{auth.url}/auth/v1")
    assert jwt.get_unverified_header(token) == {"alg": "ES256", "kid": key.key_id, "typ": "JWT"}
    session_id = str(auth.sql("select id from auth.sessions")[0][0])
    assert claims == {
        "iss": f"{auth.url}/auth/v1",
        "sub": user["id"],
        "aud": "authenticated",
        "exp": claims["iat"] + 3600,
        "iat": session["expires_at"] - 3600,
        "email": "ana@example.com",
        "phone": "",
        "app_metadata": {"provider": "email", "providers": ["email"]},
        "user_metadata": user["user_metadata"],
        "role": "authenticated",
        "aal": "aal1",
        "amr": [{"method": "password", "timestamp": claims["iat"]}],
        "session_id": session_id,
        "is_anonymous": False,
    }


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({"email": "b@example.com", "password": "short"}, 422, "weak_password"),
        ({"email": "b@example.com", "password": "é" * 37}, 400, "validation_failed"),
        ({"email": "b@example.com"}, 400, "validation_failed"),
        ({"email": "not an address", "password": "secret1"}, 400, "validation_failed"),
        ({"email": "x" * 250 + "@example.com", "password": "secret1"}, 400, "validation_failed"),
        ({"password": "secret1"}, 422, "anonymous_provider_disabled"),
        ({"email": "ANA@example.com", "password": "secret2"}, 422, "user_already_exists"),
    ],
)
def test_invalid_sign_ups_create_no_account(
    auth: AuthApi, body: dict[str, Any], status: int, code: str
) -> None:
    auth.sign_up()
    assert refusal(auth.call("POST", "/signup", body)) == (status, code)
    assert auth.sql("select count(*) from auth.users") == [(1,)]


def test_a_weak_password_is_refused_with_reasons(auth: AuthApi) -> None:
    answer = auth.call("POST", "/signup", {"email": "b@example.com", "password": "abc"})
    assert answer.json()["weak_password"] == {"reasons": ["length"]}


def test_a_known_address_looks_like_a_new_one_while_confirmation_is_on(
    confirming_auth: AuthApi, auth: AuthApi
) -> None:
    auth.sign_up()
    known = confirming_auth.sign_up("ana@example.com", name="Eve")
    new = confirming_auth.sign_up("new@example.com", name="Eve")
    assert known["identities"] == [] and known["role"] == ""
    assert set(known) == set(new) and known["user_metadata"]["name"] == "Eve"
    assert auth.sql("select count(*) from auth.users where id = %s", known["id"]) == [(0,)]
    assert [mail["recipient"] for mail in auth.mails()] == ["new@example.com"]


def test_a_second_sign_up_before_confirmation_mails_again_and_changes_nothing(
    confirming_auth: AuthApi,
) -> None:
    first = confirming_auth.sign_up("ana@example.com", name="Ana")
    second = confirming_auth.sign_up("ana@example.com", name="Eve")
    assert second["id"] == first["id"] and second["user_metadata"]["name"] == "Ana"
    assert len(confirming_auth.mails()) == 2


@pytest.mark.parametrize("fixture", ["auth", "confirming_auth"])
def test_concurrent_sign_ups_create_one_account(fixture: str, request: pytest.FixtureRequest) -> None:
    running: AuthApi = request.getfixturevalue(fixture)
    body = {"email": "ana@example.com", "password": "secret1"}
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: running.call("POST", "/signup", body), range(8)))
    statuses = sorted(answer.status_code for answer in answers)
    assert statuses == ([200] + [422] * 7 if fixture == "auth" else [200] * 8)
    assert running.sql("select count(*) from auth.users") == [(1,)]


def test_password_sign_in_refuses_wrong_unknown_unconfirmed_and_banned(
    auth: AuthApi, confirming_auth: AuthApi
) -> None:
    user_id = auth.sign_up()["user"]["id"]
    confirming_auth.sign_up("new@example.com")
    assert auth.sign_in().status_code == 200
    assert refusal(auth.sign_in(password="wrong")) == (400, "invalid_credentials")
    assert refusal(auth.sign_in(password="")) == (400, "invalid_credentials")
    assert refusal(auth.sign_in("nobody@example.com")) == (400, "invalid_credentials")
    assert refusal(auth.sign_in("new@example.com")) == (400, "email_not_confirmed")
    assert refusal(auth.sign_in("new@example.com", "wrong1")) == (400, "invalid_credentials")
    auth.admin("PUT", f"/admin/users/{user_id}", {"ban_duration": "24h"})
    assert refusal(auth.sign_in()) == (400, "user_banned")
    assert refusal(auth.sign_in(password="wrong")) == (400, "user_banned"), "asked before the password"


def test_sign_in_hashes_the_password_of_an_unknown_address(auth: AuthApi) -> None:
    hashed: list[str] = []
    hasher = PasswordHasher(lambda password: hashed.append(password) or "", HASHER.verify)
    with serve(auth.connect, auth.keys, password_hasher=hasher) as running:
        running.sign_in("nobody@example.com", "secret9")
    assert hashed == ["secret9"]


def test_sign_in_fails_if_the_password_is_changed_meanwhile(auth: AuthApi) -> None:
    auth.sign_up()

    def verify_and_change(password: str, stored: str) -> bool:
        auth.sql("update auth.users set encrypted_password = 'another'")
        return True

    hasher = PasswordHasher(HASHER.hash, verify_and_change)
    with serve(auth.connect, auth.keys, password_hasher=hasher) as running:
        assert refusal(running.sign_in()) == (400, "invalid_credentials")


def test_the_default_hasher_verifies_its_own_hashes() -> None:
    stored = SCRYPT.hash("secret1")
    assert SCRYPT.verify("secret1", stored) and not SCRYPT.verify("secret2", stored)
    assert SCRYPT.hash("secret1") != stored


def test_an_unknown_refresh_token_or_grant_type_is_refused(auth: AuthApi) -> None:
    assert refusal(auth.refresh("abcdefghijkl")) == (400, "refresh_token_not_found")
    assert refusal(auth.refresh("malformed")) == (400, "validation_failed")
    missing = auth.refresh("")
    assert missing.status_code == 400
    assert missing.json() == {"error": "invalid_request", "error_description": "refresh_token required"}
    other = auth.call("POST", "/token?grant_type=magic", {})
    assert (other.status_code, other.json()["error"]) == (400, "unsupported_grant_type")


def test_a_used_refresh_token_works_for_ten_seconds_and_as_parent_of_the_active_one(
    auth: AuthApi,
) -> None:
    first = auth.sign_up()["refresh_token"]
    second = auth.refresh(first).json()["refresh_token"]
    third = auth.refresh(second).json()["refresh_token"]
    assert len({first, second, third}) == 3
    assert auth.refresh(first).json()["refresh_token"] == third
    age = "update auth.refresh_tokens set updated_at = updated_at - interval '11 seconds'"
    auth.sql(age)
    assert auth.refresh(second).json()["refresh_token"] == third
    assert refusal(auth.refresh(first)) == (400, "refresh_token_already_used")
    assert auth.sql("select not_after <= now() from auth.sessions") == [(True,)]
    assert refusal(auth.refresh(third)) == (400, "session_expired")
    assert refusal(auth.refresh(second)) == (400, "session_expired")


def test_concurrent_refreshes_with_one_token_return_the_same_new_token(auth: AuthApi) -> None:
    token = auth.sign_up()["refresh_token"]
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(auth.refresh, [token] * 8))
    assert {answer.status_code for answer in answers} == {200}
    assert len({answer.json()["refresh_token"] for answer in answers}) == 1
    assert auth.sql("select count(*) from auth.refresh_tokens where not revoked") == [(1,)]


def test_refresh_keeps_the_session_and_refuses_banned_users_and_expired_sessions(
    auth: AuthApi,
) -> None:
    session = auth.sign_up()
    fresh = auth.refresh(session["refresh_token"]).json()
    old, new = claims_of(session), claims_of(fresh)
    assert (new["session_id"], new["amr"]) == (old["session_id"], old["amr"])
    auth.sql("update auth.sessions set not_after = now()")
    assert refusal(auth.refresh(fresh["refresh_token"])) == (400, "session_expired")
    auth.sql("update auth.users set banned_until = now() + interval '1 hour'")
    assert refusal(auth.refresh(fresh["refresh_token"])) == (400, "user_banned")


@pytest.mark.parametrize(
    ("scope", "alive"),
    [("local", [False, True, True]), ("others", [True, False, False]), ("global", [False] * 3)],
)
def test_sign_out_ends_the_sessions_of_its_scope(auth: AuthApi, scope: str, alive: list[bool]) -> None:
    auth.sign_up("bob@example.com")
    sessions = [auth.sign_up(), auth.sign_in().json(), auth.sign_in().json()]
    answer = auth.call("POST", f"/logout?scope={scope}", token=sessions[0]["access_token"])
    assert (answer.status_code, answer.content) == (204, b"")
    answers = [auth.call("GET", "/user", token=each["access_token"]) for each in sessions]
    assert [each.status_code == 200 for each in answers] == alive
    refreshes = [auth.refresh(each["refresh_token"]).status_code for each in sessions]
    assert [status == 200 for status in refreshes] == alive
    assert {refusal(each) for each in answers if each.status_code != 200} == {(403, "session_not_found")}
    assert auth.sign_in("bob@example.com").status_code == 200


def test_an_unknown_sign_out_scope_is_refused(auth: AuthApi) -> None:
    token = auth.sign_up()["access_token"]
    answer = auth.call("POST", "/logout?scope=all", token=token)
    assert refusal(answer) == (400, "validation_failed")
    assert auth.call("GET", "/user", token=token).status_code == 200
