"""PKCE: the code of a mailed link works once, with the verifier of the client that requested the mail."""

import base64
import hashlib
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import httpx
import pytest

from standins.tests.fixtures.auth import CLIENT, SITE_URL, AuthApi, claims_of, refusal

pytestmark = pytest.mark.usefixtures("no_accounts")

ANA = "ana@example.com"
VERIFIER = "v" * 56
S256 = base64.urlsafe_b64encode(hashlib.sha256(VERIFIER.encode()).digest()).rstrip(b"=").decode()
CHALLENGES = {"s256": S256, "plain": VERIFIER}


@pytest.fixture(params=CHALLENGES)
def challenge(request: pytest.FixtureRequest) -> dict[str, str]:
    """The fields of a request, for each method."""
    return {"code_challenge": CHALLENGES[request.param], "code_challenge_method": request.param}


def ask(auth: AuthApi, path: str, **body: Any) -> httpx.Response:
    return auth.call("POST", path, {"email": ANA, **body})


def query_of(answer: httpx.Response) -> dict[str, str]:
    assert answer.status_code == 303
    parts = urlsplit(answer.headers["location"])
    assert (f"{parts.scheme}://{parts.netloc}", parts.fragment) == (SITE_URL, "")
    return dict(parse_qsl(parts.query))


def code_of(auth: AuthApi, mail: int = 0) -> str:
    """The code in the redirect of a mailed link."""
    query = query_of(CLIENT.get(auth.mails()[mail]["link"]))
    assert set(query) == {"code"}
    return query["code"]


def redeem(auth: AuthApi, code: str, verifier: str = VERIFIER) -> httpx.Response:
    body = {"auth_code": code, "code_verifier": verifier}
    return auth.call("POST", "/token?grant_type=pkce", body)


def methods(answer: httpx.Response) -> list[str]:
    return [entry["method"] for entry in claims_of(answer.json())["amr"]]


def test_a_recovery_ends_in_a_session(auth: AuthApi, challenge: dict[str, str]) -> None:
    auth.sign_up()
    assert ask(auth, "/recover", **challenge).json() == {}
    assert auth.mails()[0]["token_hash"].startswith("pkce_")
    answer = redeem(auth, code_of(auth))
    assert (answer.json()["user"]["email"], methods(answer)) == (ANA, ["recovery"])
    assert auth.call("GET", "/user", token=answer.json()["access_token"]).status_code == 200


@pytest.mark.parametrize(
    ("path", "body", "method"),
    [
        ("/signup", {"password": "secret1"}, "email/signup"),
        ("/resend", {"type": "signup"}, "email/signup"),
    ],
)
def test_a_sign_up_ends_in_a_session(
    confirming_auth: AuthApi, challenge: dict[str, str], path: str, body: dict[str, str], method: str
) -> None:
    if path == "/resend":
        confirming_auth.sign_up()
    assert ask(confirming_auth, path, **body, **challenge).status_code == 200
    answer = redeem(confirming_auth, code_of(confirming_auth))
    assert answer.json()["user"]["email_confirmed_at"] and methods(answer) == [method]


def test_an_email_change_ends_in_a_session(confirming_auth: AuthApi, challenge: dict[str, str]) -> None:
    confirming_auth.sign_up()
    body = {"type": "signup", "token_hash": confirming_auth.mails()[0]["token_hash"]}
    token = confirming_auth.call("POST", "/verify", body).json()["access_token"]
    confirming_auth.call("PUT", "/user", {"email": "new@example.com", **challenge}, token=token)
    first = query_of(CLIENT.get(confirming_auth.mails()[1]["link"]))
    assert "confirm link sent to the other email" in first["message"]
    answer = redeem(confirming_auth, code_of(confirming_auth))
    assert (answer.json()["user"]["email"], methods(answer)) == ("new@example.com", ["email_change"])


def test_a_code_can_be_used_once_with_its_verifier(auth: AuthApi, challenge: dict[str, str]) -> None:
    auth.sign_up()
    ask(auth, "/recover", **challenge)
    code = code_of(auth)
    wrong = redeem(auth, code, "w" * 56)
    assert refusal(wrong) == (400, "bad_code_verifier")
    assert refusal(redeem(auth, code, "é" * 56)) == (400, "bad_code_verifier")
    assert redeem(auth, code).status_code == 200
    assert refusal(redeem(auth, code)) == (404, "flow_state_not_found")


def test_a_code_expires_five_minutes_after_the_link_is_opened(
    auth: AuthApi, challenge: dict[str, str]
) -> None:
    auth.sign_up()
    ask(auth, "/recover", **challenge)
    age = "update auth.flow_state set {0} = {0} - interval '{1} minutes'"
    auth.sql(age.format("created_at", 55))
    code = code_of(auth)
    auth.sql(age.format("auth_code_issued_at", 4))
    auth.sql(age.format("auth_code_issued_at", 2))
    assert refusal(redeem(auth, code)) == (422, "flow_state_expired")
    ask(auth, "/recover", **challenge)
    code = code_of(auth)
    auth.sql(age.format("auth_code_issued_at", 4))
    assert redeem(auth, code).status_code == 200


def test_a_code_is_invalid_before_the_link_is_opened(auth: AuthApi, challenge: dict[str, str]) -> None:
    auth.sign_up()
    ask(auth, "/recover", **challenge)
    ((code,),) = auth.sql("select auth_code from auth.flow_state")
    assert refusal(redeem(auth, code)) == (404, "flow_state_not_found")


def test_a_later_request_replaces_the_challenge(auth: AuthApi, challenge: dict[str, str]) -> None:
    auth.sign_up()
    ask(auth, "/recover", **challenge)
    ask(auth, "/recover", code_challenge="o" * 43, code_challenge_method="plain")
    code = code_of(auth)
    assert refusal(redeem(auth, code)) == (400, "bad_code_verifier")
    assert redeem(auth, code, "o" * 43).status_code == 200
    assert auth.sql("select count(*) from auth.flow_state") == [(0,)]


def test_the_mailed_code_and_hash_work_as_without_pkce(auth: AuthApi, challenge: dict[str, str]) -> None:
    auth.sign_up()
    for proof in ("code", "token_hash"):
        ask(auth, "/recover", **challenge)
        mail = auth.mails()[0]
        body = (
            {"email": ANA, "token": mail["code"]} if proof == "code" else {"token_hash": mail["token_hash"]}
        )
        assert auth.call("POST", "/verify", {"type": "recovery", **body}).status_code == 200


def test_a_used_link_redirects_with_the_error_in_the_query(auth: AuthApi, challenge: dict[str, str]) -> None:
    auth.sign_up()
    ask(auth, "/recover", **challenge)
    code_of(auth)
    query = query_of(CLIENT.get(auth.mails()[0]["link"]))
    assert (query["error"], query["error_code"]) == ("access_denied", "otp_expired")


def test_a_redirect_keeps_the_query_of_its_target(auth: AuthApi, challenge: dict[str, str]) -> None:
    auth.sign_up()
    ask(auth, f"/recover?redirect_to={SITE_URL}/reset%3Fa=b", **challenge)
    location = CLIENT.get(auth.mails()[0]["link"]).headers["location"]
    assert location.startswith(f"{SITE_URL}/reset?a=b&code=")


def test_a_banned_or_deleted_account_gets_no_session(auth: AuthApi, challenge: dict[str, str]) -> None:
    auth.sign_up()
    ask(auth, "/recover", **challenge)
    code = code_of(auth)
    auth.sql("update auth.users set banned_until = now() + interval '1 hour'")
    assert refusal(redeem(auth, code)) == (400, "user_banned")
    auth.sql("delete from auth.users")
    assert refusal(redeem(auth, code)) == (404, "user_not_found")


@pytest.mark.parametrize("email", [ANA, "nobody@example.com"])
@pytest.mark.parametrize("path", ["/recover", "/resend", "/signup"])
@pytest.mark.parametrize(
    "challenge",
    [
        {"code_challenge": S256},
        {"code_challenge_method": "s256"},
        {"code_challenge": S256, "code_challenge_method": "s512"},
        {"code_challenge": "a" * 42, "code_challenge_method": "plain"},
        {"code_challenge": "a" * 129, "code_challenge_method": "plain"},
        {"code_challenge": "a" * 42 + "/", "code_challenge_method": "plain"},
    ],
)
def test_an_invalid_challenge_is_refused_for_known_and_unknown_addresses(
    auth: AuthApi, email: str, path: str, challenge: dict[str, str]
) -> None:
    auth.sign_up()
    body = {"type": "signup", "password": "secret1", "email": email, **challenge}
    assert refusal(auth.call("POST", path, body)) == (400, "validation_failed")


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({}, 400, "validation_failed"),
        ({"auth_code": "a"}, 400, "validation_failed"),
        ({"code_verifier": VERIFIER}, 400, "validation_failed"),
        ({"auth_code": "a", "code_verifier": VERIFIER}, 404, "flow_state_not_found"),
        ({"auth_code": [1], "code_verifier": VERIFIER}, 400, "bad_json"),
    ],
)
def test_invalid_exchanges_of_a_code_are_refused(
    auth: AuthApi, body: dict[str, Any], status: int, code: str
) -> None:
    assert refusal(auth.call("POST", "/token?grant_type=pkce", body)) == (status, code)
