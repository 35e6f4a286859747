"""Mailed codes and links: request, use, redirect, outbox."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qsl, urlencode

import httpx
import pytest

from standins.supabase.auth import calls
from standins.tests.fixtures.auth import CLIENT, SITE_URL, AuthApi, refusal, serve

pytestmark = pytest.mark.usefixtures("no_accounts")

ANA = "ana@example.com"
EXPIRED = (403, "otp_expired")


def verify(auth: AuthApi, **body: Any) -> httpx.Response:
    return auth.call("POST", "/verify", body)


def recovery_mail(auth: AuthApi) -> dict[str, str]:
    auth.sign_up()
    assert auth.call("POST", "/recover", {"email": ANA}).json() == {}
    return auth.mails()[0]


def fragment_of(answer: httpx.Response) -> tuple[str, dict[str, str]]:
    assert answer.status_code == 303
    target, _, fragment = answer.headers["location"].partition("#")
    return target, dict(parse_qsl(fragment, keep_blank_values=True))


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/recover", {}),
        ("/resend", {"type": "signup"}),
    ],
)
def test_known_and_unknown_addresses_get_the_same_response(
    auth: AuthApi, path: str, body: dict[str, Any]
) -> None:
    auth.sign_up()
    known = auth.call("POST", path, body | {"email": ANA})
    unknown = auth.call("POST", path, body | {"email": "nobody@example.com"})
    assert (known.status_code, known.content) == (unknown.status_code, unknown.content) == (200, b"{}")


def test_a_sign_up_is_confirmed_by_its_code(confirming_auth: AuthApi) -> None:
    user = confirming_auth.sign_up(name="Ana")
    assert "email_confirmed_at" not in user and "access_token" not in user
    assert user["confirmation_sent_at"]
    code = confirming_auth.mails()[0]["code"]
    answer = verify(confirming_auth, type="signup", email=ANA.upper(), token=code, options={})
    found = answer.json()["user"]
    assert found["id"] == user["id"] and found["email_confirmed_at"] and found["confirmed_at"]
    assert found["user_metadata"]["email_verified"] is True
    assert found["identities"][0]["identity_data"]["email_verified"] is True
    assert confirming_auth.sign_in().status_code == 200


@pytest.mark.parametrize("type", ["signup", "email"])
def test_a_resent_code_replaces_the_first(confirming_auth: AuthApi, type: str) -> None:
    confirming_auth.sign_up()
    confirming_auth.call("POST", "/resend", {"type": "signup", "email": ANA})
    new, old = (mail["code"] for mail in confirming_auth.mails())
    if old != new:
        assert refusal(verify(confirming_auth, type=type, email=ANA, token=old)) == EXPIRED
    assert verify(confirming_auth, type=type, email=ANA, token=new).status_code == 200


def test_a_confirmed_sign_up_ends_other_codes(confirming_auth: AuthApi) -> None:
    confirming_auth.sign_up()
    confirming_auth.call("POST", "/recover", {"email": ANA})
    recovery, sign_up = confirming_auth.mails()
    assert verify(confirming_auth, type="signup", token_hash=sign_up["token_hash"]).status_code == 200
    assert refusal(verify(confirming_auth, type="recovery", token_hash=recovery["token_hash"])) == EXPIRED


def test_a_recovery_code_can_be_used_once(auth: AuthApi) -> None:
    mail = recovery_mail(auth)
    answer = verify(auth, type="recovery", email=ANA, token=mail["code"])
    assert answer.json()["user"]["email"] == ANA
    assert refusal(verify(auth, type="recovery", email=ANA, token=mail["code"])) == EXPIRED
    assert refusal(verify(auth, type="recovery", token_hash=mail["token_hash"])) == EXPIRED


def test_a_token_hash_can_be_used_once_and_only_for_its_type(auth: AuthApi) -> None:
    token_hash = recovery_mail(auth)["token_hash"]
    assert refusal(verify(auth, type="signup", token_hash=token_hash)) == EXPIRED
    assert verify(auth, type="recovery", token_hash=token_hash).status_code == 200
    assert refusal(verify(auth, type="recovery", token_hash=token_hash)) == EXPIRED


def test_one_of_several_concurrent_uses_of_a_code_succeeds(auth: AuthApi) -> None:
    code = recovery_mail(auth)["code"]
    with ThreadPoolExecutor(6) as pool:
        tries = [pool.submit(verify, auth, type="recovery", email=ANA, token=code) for _ in range(6)]
    assert sorted(each.result().status_code for each in tries) == [200] + [403] * 5


def test_a_code_expires_after_an_hour(auth: AuthApi) -> None:
    mail = recovery_mail(auth)
    auth.sql("update auth.one_time_tokens set created_at = created_at - interval '61 minutes'")
    assert refusal(verify(auth, type="recovery", email=ANA, token=mail["code"])) == EXPIRED


def test_a_code_is_valid_for_59_minutes(auth: AuthApi) -> None:
    mail = recovery_mail(auth)
    auth.sql("update auth.one_time_tokens set created_at = created_at - interval '59 minutes'")
    assert verify(auth, type="recovery", email=ANA, token=mail["code"]).status_code == 200


def test_too_many_wrong_hashes_are_answered_with_429(auth: AuthApi, monkeypatch: pytest.MonkeyPatch) -> None:
    token_hash = recovery_mail(auth)["token_hash"]
    monkeypatch.setattr(calls, "MAX_WRONG_GUESSES", 2)
    with serve(auth.connect, auth.keys) as running:
        for _ in range(2):
            assert refusal(verify(running, type="recovery", token_hash="wrong")) == EXPIRED
        answer = verify(running, type="recovery", token_hash=token_hash)
        assert refusal(answer) == (429, "over_request_rate_limit")
        monkeypatch.setattr(calls, "GUESS_WINDOW", timedelta(0))
        assert verify(running, type="recovery", token_hash=token_hash).status_code == 200


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"type": "recovery"},
        {"type": "sms", "phone": "1", "token": "1"},
        {"type": "reauthentication", "email": ANA, "token": "1"},
        {"type": "recovery", "token": "123456"},
        {"type": "recovery", "email": ANA, "token_hash": "abc"},
        {"type": "recovery", "token": "1", "token_hash": "abc"},
    ],
)
def test_an_incomplete_verification_is_refused(auth: AuthApi, body: dict[str, Any]) -> None:
    assert refusal(verify(auth, **body)) == (400, "validation_failed")


def test_a_link_redirects_with_a_session_in_the_fragment(auth: AuthApi) -> None:
    link = recovery_mail(auth)["link"]
    assert link.startswith(f"{auth.url}/auth/v1/verify?token=")
    assert CLIENT.head(link).status_code == 303, "HEAD does not redeem the link"
    target, fragment = fragment_of(CLIENT.get(link))
    assert target == SITE_URL
    assert set(fragment) == {
        *("access_token", "expires_at", "expires_in", "refresh_token", "token_type", "type", "sb")
    }
    assert (fragment["token_type"], fragment["type"]) == ("bearer", "recovery")
    assert auth.call("GET", "/user", token=fragment["access_token"]).status_code == 200
    assert auth.refresh(fragment["refresh_token"]).status_code == 200
    target, fragment = fragment_of(CLIENT.get(link))
    assert target == SITE_URL
    assert fragment == {
        "error": "access_denied",
        "error_code": "otp_expired",
        "error_description": "Email link is invalid or has expired",
    }


@pytest.mark.parametrize(
    ("redirect_to", "allowed"),
    [
        (f"{SITE_URL}/reset?a=b%20c", True),
        ("http://127.0.0.1:9999/elsewhere", True),
        ("https://app.example.com/reset", False),
        ("myapp://callback/a/b.c", False),
        ("http://localhost:5173/a/b?c", True),
        ("http://localhost:5173@evil/", False),
        ("https://app.example.com/a/b", False),
        ("https://evil.example.com/reset", False),
        ("https://app.example.com.evil.org/", False),
        ("http://127.0.0.1:3000@evil.org/", False),
        ("http://evil.org\\@127.0.0.1/", False),
        ("javascript://127.0.0.1/%0aalert(1)", False),
        ("//evil.org", False),
        ("http://[", False),
        ("http://127.0.0.1/\r\nSet-Cookie: a=b", False),
        ("", False),
    ],
)
def test_links_redirect_to_allowed_addresses_only(
    confirming_auth: AuthApi, redirect_to: str, allowed: bool
) -> None:
    query = urlencode({"redirect_to": redirect_to})
    body = {"email": ANA, "password": "secret1"}
    confirming_auth.call("POST", f"/signup?{query}", body)
    mail = confirming_auth.mails()[0]
    expected = redirect_to if allowed else SITE_URL
    assert dict(parse_qsl(mail["link"].partition("?")[2]))["redirect_to"] == expected
    # The redirect of a forged link is checked too.
    forged = urlencode({"token": "wrong", "type": "signup", "redirect_to": redirect_to})
    answer = CLIENT.get(f"{confirming_auth.url}/auth/v1/verify?{forged}")
    assert fragment_of(answer)[0] == expected
    assert fragment_of(CLIENT.get(mail["link"]))[0] == expected


def test_a_banned_account_cannot_use_its_code(auth: AuthApi) -> None:
    mail = recovery_mail(auth)
    auth.sql("update auth.users set banned_until = now() + interval '1 hour'")
    answer = verify(auth, type="recovery", email=ANA, token=mail["code"])
    assert refusal(answer) == (403, "user_banned")


def test_the_outbox_page_escapes_its_content(auth: AuthApi) -> None:
    auth.sign_up("o'hara&co@example.com")
    auth.call("POST", "/recover", {"email": "o'hara&co@example.com"})
    page = CLIENT.get(f"{auth.url}/outbox")
    assert auth.mails()[0]["code"] in page.text
    assert "o&#x27;hara&amp;co@example.com" in page.text and "o'hara" not in page.text
    assert "default-src 'none'" in page.headers["content-security-policy"]


@pytest.mark.parametrize("path", ["/outbox", "/outbox.json"])
def test_the_outbox_refuses_other_host_names_and_sends_no_cors_headers(auth: AuthApi, path: str) -> None:
    url = f"{auth.url}{path}"
    foreign = ("evil.example.com", "localhost.evil.org", "127.0.0.1.evil.org:80", "x@localhost")
    for host in foreign:
        assert CLIENT.get(url, headers={"host": host}).status_code == 403
    for host in ("localhost:54321", "127.0.0.1", "[::1]:54321"):
        answer = CLIENT.get(url, headers={"host": host, "origin": "http://localhost:3000"})
        assert answer.status_code == 200
        assert not [name for name in answer.headers if name.startswith("access-control")]


def test_mails_are_printed_after_the_commit(auth: AuthApi, capsys: pytest.CaptureFixture[str]) -> None:
    with serve(auth.connect, auth.keys, print_mails=True) as printing:
        mail = recovery_mail(printing)
    printed = capsys.readouterr().out
    assert mail["code"] in printed and mail["link"] in printed and ANA in printed
