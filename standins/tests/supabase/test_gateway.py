"""The gateway: API keys, CORS, error formats and hostile input."""

import logging
from typing import Any

import httpx
import pytest

from standins.tests.fixtures.auth import CLIENT, AuthApi, refusal

pytestmark = pytest.mark.usefixtures("no_accounts")

ROUTES = [
    ("POST", "/signup"),
    ("POST", "/token?grant_type=password"),
    ("POST", "/token?grant_type=refresh_token"),
    ("PUT", "/user"),
    ("POST", "/recover"),
    ("POST", "/resend"),
    ("POST", "/verify"),
    ("POST", "/logout"),
    ("POST", "/admin/users"),
    ("POST", "/token?grant_type=pkce"),
]
DEEP = b'{"email": ' + b"[" * 100_000 + b"]" * 100_000 + b"}"


def test_an_api_key_is_required_except_for_mailed_links_and_the_jwks(auth: AuthApi) -> None:
    missing = CLIENT.get(f"{auth.url}/auth/v1/settings")
    assert missing.status_code == 401
    assert missing.headers["sb-error-code"] == "UNAUTHORIZED_MISSING_API_KEY"
    assert missing.json() == {
        "message": "No API key found in request",
        "hint": "No `apikey` request header or url param was found.",
    }
    assert CLIENT.get(f"{auth.url}/auth/v1/.well-known/jwks.json").status_code == 200
    assert CLIENT.get(f"{auth.url}/auth/v1/verify?type=signup&token=x").status_code == 303
    key = auth.keys.publishable_key
    assert CLIENT.get(f"{auth.url}/auth/v1/settings?apikey={key}").status_code == 200
    assert auth.call("GET", "/settings", apikey="sb_publishable_other").status_code == 401


def test_an_api_key_in_authorization_must_equal_the_one_in_apikey(auth: AuthApi) -> None:
    answer = auth.call("GET", "/settings", token=auth.keys.secret_key)
    assert answer.status_code == 401
    assert auth.call("GET", "/settings", token=auth.keys.publishable_key).status_code == 200


def test_the_secret_key_is_refused_in_a_browser(auth: AuthApi) -> None:
    headers = {"apikey": auth.keys.secret_key, "user_agent": "Mozilla/5.0 (X11)"}
    assert auth.call("GET", "/settings", **headers).status_code == 401
    assert auth.call("GET", "/settings", user_agent="Mozilla/5.0 (X11)").status_code == 200


def test_cors_allows_every_origin(auth: AuthApi) -> None:
    sent = {"authorization", "apikey", "content-type", "x-client-info", "x-supabase-api-version"}
    headers = {
        "origin": "http://localhost:3000",
        "access-control-request-method": "POST",
        "access-control-request-headers": ",".join(sorted(sent)),
    }
    preflight = CLIENT.options(f"{auth.url}/auth/v1/token", headers=headers)
    assert preflight.status_code == 204
    assert preflight.headers["access-control-allow-origin"] == "*"
    allowed = preflight.headers["access-control-allow-headers"].split(", ")
    assert sent <= set(allowed) and "PUT" in preflight.headers["access-control-allow-methods"]
    for answer in (auth.call("GET", "/user"), CLIENT.get(f"{auth.url}/auth/v1/user")):
        assert answer.headers["access-control-allow-origin"] == "*"
        exposed = answer.headers["access-control-expose-headers"]
        assert set(exposed.split(", ")) == {"x-total-count", "link", "x-supabase-api-version"}


def test_tables_are_not_exposed(auth: AuthApi) -> None:
    headers = {"apikey": auth.keys.secret_key}
    answer = CLIENT.get(f"{auth.url}/rest/v1/accounts_user", headers=headers)
    assert refusal(answer) == (404, "PGRST205")
    assert set(answer.json()) == {"code", "details", "hint", "message"}


def test_errors_have_the_format_of_the_requested_version(auth: AuthApi) -> None:
    body = {"email": "a@example.com", "password": "wrong"}
    path, message = "/token?grant_type=password", "Invalid login credentials"
    new = auth.call("POST", path, body)
    assert new.json() == {"code": "invalid_credentials", "message": message}
    assert new.headers["x-supabase-api-version"] == "2024-01-01"
    for version in ("", "2023-12-31", "latest"):
        old = auth.call("POST", path, body, x_supabase_api_version=version)
        assert old.json() == {"code": 400, "error_code": "invalid_credentials", "msg": message}
        assert "x-supabase-api-version" not in old.headers
        assert old.headers["x-sb-error-code"] == "invalid_credentials"


def test_unknown_routes_and_methods_are_answered_with_json(auth: AuthApi) -> None:
    assert refusal(auth.call("GET", "/nothing")) == (404, "not_found")
    assert refusal(auth.call("DELETE", "/user")) == (405, "method_not_allowed")


def test_jwks_health_and_settings_need_no_access_token(auth: AuthApi, confirming_auth: AuthApi) -> None:
    jwks = auth.call("GET", "/.well-known/jwks.json")
    assert jwks.headers["cache-control"] == "public, max-age=600"
    (key,) = jwks.json()["keys"]
    assert "d" not in key and (key["kid"], key["alg"]) == (auth.keys.kid, "ES256")
    assert auth.call("GET", "/health").json()["name"] == "GoTrue"
    assert auth.call("GET", "/settings").json()["mailer_autoconfirm"] is True
    assert confirming_auth.call("GET", "/settings").json()["mailer_autoconfirm"] is False


def raw(auth: AuthApi, method: str, path: str, content: bytes, token: str) -> httpx.Response:
    admin = path.startswith("/admin")
    key = auth.keys.secret_key if admin else auth.keys.publishable_key
    headers = {"apikey": key, "authorization": f"Bearer {key if admin else token}"}
    url = f"{auth.url}/auth/v1{path}"
    return CLIENT.request(method, url, content=content, headers=headers)


@pytest.mark.parametrize(("method", "path"), ROUTES)
def test_invalid_json_is_answered_with_400(auth: AuthApi, method: str, path: str) -> None:
    token = auth.sign_up()["access_token"]
    valid = b'"email": "eve@example.com", "password": "secret1"'
    bodies = [
        *(b"\xff", b"[]", b"1", b'"a"', b"null", b"{", b'{"a": NaN}', b'{"a": 1e400}', DEEP),
        b'{"email": "a\\u0000@example.com"}',
        b'{"\\ud800": 1}',
        b'{"data": {"x": ["\\udfff"]}}',
        b"{" + valid + b', "data": {"x": "\\u0000"}}',
        b'{"a": ' + b"9" * 5000 + b"}",
        b'{"data": ' + b'{"a":' * 70 + b"1" + b"}" * 71,
    ]
    for body in bodies:
        answer = raw(auth, method, path, body, token)
        assert answer.status_code == 400, (body[:50], answer.text)
        assert answer.json()["error_code"] == "bad_json"


@pytest.mark.parametrize(("method", "path"), ROUTES)
def test_values_of_a_wrong_type_are_never_answered_with_500(auth: AuthApi, method: str, path: str) -> None:
    token = auth.sign_up()["access_token"]
    names = ("email", "password", "data", "refresh_token", "token", "token_hash", "type", "id")
    values: tuple[Any, ...] = (True, [1], {"a": 1}, "x" * 10_000, -(10**30), 1e308)
    for name in names:
        for value in values:
            body = {"email": "eve@example.com", "password": "secret1", name: value}
            content = httpx.Request("POST", "http://x", json=body).content
            answer = raw(auth, method, path, content, token)
            assert answer.status_code < 500, (body, answer.text)


def test_hostile_queries_and_paths_are_never_answered_with_500(auth: AuthApi) -> None:
    for value in ("%00", "%ff", "%ed%a0%80", "%0d%0a", "a" * 5000):
        verify = f"{auth.url}/auth/v1/verify?type=signup&token={value}&redirect_to={value}"
        assert CLIENT.get(verify).status_code == 303
        for path in (f"/recover?redirect_to={value}", f"/logout?scope={value}"):
            answer = auth.call("POST", path, {"email": "ana@example.com"})
            assert answer.status_code < 500
        assert auth.admin("DELETE", f"/admin/users/{value}").status_code == 404


def test_a_body_beyond_one_megabyte_is_refused(auth: AuthApi) -> None:
    body = {"email": "eve@example.com", "password": "secret1", "data": {"x": "a" * 1024 * 1024}}
    answer = auth.call("POST", "/signup", body)
    assert refusal(answer) == (413, "request_entity_too_large")
    body["data"] = {"x": "a" * 1000 * 1000}
    assert auth.call("POST", "/signup", body).status_code == 200


def test_logs_contain_no_secret(auth: AuthApi, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG, "standins")
    session = auth.sign_up()
    auth.call("POST", "/recover", {"email": "ana@example.com"})
    mail = auth.mails()[0]
    CLIENT.get(mail["link"])
    log = "\n".join(record.getMessage() for record in caplog.records if "standins" in record.name)
    assert "POST /auth/v1/recover 200" in log
    for secret in ("secret1", mail["code"], mail["token_hash"], session["refresh_token"]):
        assert secret not in log
    assert session["access_token"] not in log and "ana@" not in log
