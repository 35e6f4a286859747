"""Requests to Supabase Auth: the client's address, rate limits and outages."""

import os
from datetime import timedelta
from functools import lru_cache, partial
from typing import Any
from uuid import uuid4

import pytest

from accounts.errors import Unavailable
from accounts.integrations import supabase_auth, supabase_client
from tests.fixtures.accounts import BASE, NEW, failing_supabase, login, recovery_mail, register
from tests.fixtures.threads import at_once

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("clean_auth")]


def test_login_without_supabase_is_a_503(anyone: Any, settings: Any) -> None:
    settings.SUPABASE_URL = "http://127.0.0.1:1"
    response = login(anyone)
    assert (response.status_code, response.json()["code"]) == (503, "supabase_unavailable")
    assert int(response["Retry-After"]) > 0


REFUSED = (503, "supabase_rejected")
DOWN = (503, "supabase_unavailable")


@pytest.mark.parametrize(
    ("status", "code", "answer"),
    [
        (401, "", REFUSED),  # the gateway
        (403, "", REFUSED),
        (403, "not_admin", REFUSED),
        (401, "no_authorization", REFUSED),
        (401, "insufficient_aal", (400, "insufficient_aal")),
        (401, "email_not_confirmed", (400, "email_not_confirmed")),
        (403, "signup_disabled", (400, "signup_disabled")),
        (403, "mfa_verification_rejected", (400, "mfa_verification_rejected")),
        (403, "session_not_found", (401, "invalid_token")),
        (401, "bad_jwt", (401, "invalid_token")),
        (400, "session_not_found", (400, "session_not_found")),
        (402, "", DOWN),
        (404, "", DOWN),
        (405, "", DOWN),
        (500, "unexpected_failure", DOWN),
    ],
)
def test_code_of_supabase_decides_whether_a_refusal_is_an_outage(
    anyone: Any, settings: Any, status: int, code: str, answer: tuple[int, str]
) -> None:
    with failing_supabase(settings, status, code):
        response = login(anyone)
    assert (response.status_code, response.json()["code"]) == answer


@pytest.mark.parametrize(("proxies", "name"), [(0, "SUPABASE_PUBLISHABLE_KEY"), (1, "SUPABASE_SECRET_KEY")])
def test_refused_key_is_named_in_the_log_and_not_to_clients(
    anyone: Any, settings: Any, caplog: pytest.LogCaptureFixture, proxies: int, name: str
) -> None:
    settings.TRUSTED_PROXY_COUNT = proxies
    setattr(settings, name, "sb_of_another_project")
    body = {"email": NEW["email"], "password": "x"}
    response = anyone.post(f"{BASE}login/", body, HTTP_X_FORWARDED_FOR="203.0.113.9")
    assert (response.status_code, response.json()["code"]) == (503, "supabase_rejected")
    assert f"{name} is not accepted by" in caplog.text
    assert name not in response.content.decode() and "another_project" not in caplog.text


@pytest.mark.parametrize(("status", "code"), [(404, ""), (403, ""), (403, "not_admin")])
def test_deletion_and_ban_of_an_account_do_not_take_a_refusal_for_success(
    settings: Any, status: int, code: str
) -> None:
    with failing_supabase(settings, status, code):
        ban = partial(supabase_auth.ban_account, duration=timedelta(days=1))
        for change in (supabase_auth.delete_account, ban, supabase_auth.unban_account):
            with pytest.raises(Unavailable):
                change(user_id=uuid4())


def test_deletion_of_an_unknown_account_succeeds(supabase: Any) -> None:
    supabase_auth.delete_account(user_id=uuid4())


def test_threads_of_a_new_process_share_one_http_client(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "getpid", lambda: 0)
    before = supabase_client.http_of_process
    monkeypatch.setattr(supabase_client, "http_of_process", lru_cache(before.__wrapped__))
    clients = set(at_once(16, lambda _: supabase_client.http()))
    for client in clients:
        client.close()
    assert len(clients) == 1


def test_throttled_login_has_retry_after(anyone: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    from rest_framework.throttling import ScopedRateThrottle

    monkeypatch.setattr(ScopedRateThrottle, "THROTTLE_RATES", {"login": "2/min"})
    statuses = [login(anyone).status_code for _ in range(2)]
    response = login(anyone)
    assert statuses == [400, 400]
    assert (response.status_code, response.json()["code"]) == (429, "throttled")
    assert 0 < int(response["Retry-After"]) <= 60


def test_client_address_is_taken_from_a_trusted_proxy_only(
    anyone: Any, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[str | None] = []
    monkeypatch.setattr(supabase_auth, "sign_in", lambda **named: seen.append(named["client_ip"]) or 1 / 0)
    forwarded = {"HTTP_X_FORWARDED_FOR": "6.6.6.6, 203.0.113.9"}
    for count in (0, 1, 2, 3):
        settings.TRUSTED_PROXY_COUNT = count
        anyone.post(f"{BASE}login/", {"email": NEW["email"], "password": "x"}, **forwarded)
    assert seen == [None, "203.0.113.9", "6.6.6.6", None]


@pytest.mark.parametrize("hop", ["é", "localhost", "a b", "1.2.3", "1.2.3.4:x", "fe80::1%é", "\x00", ""])
def test_invalid_client_address_is_not_forwarded(anyone: Any, settings: Any, hop: str) -> None:
    settings.TRUSTED_PROXY_COUNT = 1
    body = {"email": NEW["email"], "password": "x"}
    with failing_supabase(settings, 400, "invalid_credentials") as seen:
        response = anyone.post(f"{BASE}login/", body, HTTP_X_FORWARDED_FOR=hop)
    assert (response.status_code, response.json()["code"]) == (400, "invalid_credentials")
    assert ["Sb-Forwarded-For" in headers for headers in seen] == [False]


def test_client_address_is_forwarded_without_its_port(anyone: Any, settings: Any) -> None:
    settings.TRUSTED_PROXY_COUNT = 1
    body = {"email": NEW["email"], "password": "x"}
    with failing_supabase(settings, 400, "invalid_credentials") as seen:
        anyone.post(f"{BASE}login/", body, HTTP_X_FORWARDED_FOR="[::ffff:203.0.113.9]:4711")
    assert [headers["Sb-Forwarded-For"] for headers in seen] == ["203.0.113.9"]


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
def test_client_address_is_forwarded_with_every_public_request(
    anyone: Any, settings: Any, path: str, body: Any
) -> None:
    settings.TRUSTED_PROXY_COUNT = 1
    with failing_supabase(settings, 400, "validation_failed") as seen:
        anyone.post(f"{BASE}{path}/", body, HTTP_X_FORWARDED_FOR="203.0.113.9")
    assert [headers["Sb-Forwarded-For"] for headers in seen] == ["203.0.113.9"]
    assert [headers["apikey"] for headers in seen] == [settings.SUPABASE_SECRET_KEY]


def test_client_address_is_forwarded_with_a_new_password(
    anyone: Any, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    register(anyone)
    body = {"token_hash": recovery_mail(anyone)["token_hash"], "new_password": "an even better horse"}
    settings.TRUSTED_PROXY_COUNT = 1
    client, seen = supabase_client.for_one_call, []

    def observed(**named: Any) -> Any:
        seen.append(named.get("client_ip"))
        return client(**named)

    monkeypatch.setattr(supabase_client, "for_one_call", observed)
    forwarded = {"HTTP_X_FORWARDED_FOR": "203.0.113.9"}
    assert anyone.post(f"{BASE}password-reset/confirm/", body, **forwarded).status_code == 204
    assert seen == ["203.0.113.9"] * 3 + [None]  # the code, the second factor, the password, the sign-out
