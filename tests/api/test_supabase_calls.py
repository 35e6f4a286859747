"""Requests to Supabase Auth: the client's address, rate limits and outages."""

from typing import Any

import pytest

from accounts.integrations import supabase_auth, supabase_client
from tests.fixtures.accounts import BASE, NEW, failing_supabase, login, recovery_mail, register

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("clean_auth")]


def test_login_without_supabase_is_a_503(anyone: Any, settings: Any) -> None:
    settings.SUPABASE_URL = "http://127.0.0.1:1"
    response = login(anyone)
    assert (response.status_code, response.json()["code"]) == (503, "supabase_unavailable")
    assert int(response["Retry-After"]) > 0


def test_throttled_login_has_retry_after(anyone: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    from rest_framework.throttling import ScopedRateThrottle

    monkeypatch.setattr(ScopedRateThrottle, "THROTTLE_RATES", {"login": "2/min"})
    statuses = [login(anyone).status_code for _ in range(2)]
    response = login(anyone)
    assert statuses == [400, 400]
    assert (response.status_code, response.json()["code"]) == (429, "throttled")
    assert 0 < int(response["Retry-After"]) <= 61


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


@pytest.mark.parametrize("hop", ["é", "localhost", "a b", "1.2.3", "1.2.3.4:80", "fe80::1%é", "\x00", ""])
def test_invalid_client_address_is_not_forwarded(anyone: Any, settings: Any, hop: str) -> None:
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
    assert seen == ["203.0.113.9", "203.0.113.9", None]  # the code, the password, the sign-out
