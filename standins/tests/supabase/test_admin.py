"""The admin API of the stand-in."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from standins.tests.fixtures.auth import AuthApi, refusal

pytestmark = pytest.mark.usefixtures("no_accounts")

NOBODY = "00000000-0000-4000-8000-000000000000"
ANA = {"email": "ana@example.com", "password": "secret1", "email_confirm": True}
ROUTES = [
    ("POST", "/admin/users", ANA),
    ("GET", f"/admin/users/{NOBODY}", None),
    ("PUT", f"/admin/users/{NOBODY}", {}),
    ("DELETE", f"/admin/users/{NOBODY}", {}),
]


@pytest.mark.parametrize(("method", "path", "body"), ROUTES)
def test_the_admin_api_needs_the_secret_key(auth: AuthApi, method: str, path: str, body: Any) -> None:
    token = auth.sign_up("user@example.com")["access_token"]
    assert refusal(auth.call(method, path, body)) == (403, "not_admin")
    assert refusal(auth.call(method, path, body, token=token)) == (403, "not_admin")
    # An access token takes precedence over the secret key in apikey.
    own = auth.call(method, path, body, token=token, apikey=auth.keys.secret_key)
    assert refusal(own) == (403, "not_admin")
    minted = auth.keys.sign({"role": "service_role", "exp": 2**33})
    assert auth.call(method, path, body, token=minted).status_code in (200, 404)


def test_a_created_account_is_returned_and_can_sign_in(auth: AuthApi) -> None:
    user = auth.admin("POST", "/admin/users", ANA | {"user_metadata": {"name": "Ana"}}).json()
    assert user["email"] == "ana@example.com" and user["email_confirmed_at"]
    assert user["user_metadata"]["name"] == "Ana"
    assert user["app_metadata"] == {"provider": "email", "providers": ["email"]}
    assert auth.admin("GET", f"/admin/users/{user['id']}").json() == user
    assert auth.sign_in().json()["user"]["id"] == user["id"]


def test_a_ban_ends_after_its_duration_or_by_none(auth: AuthApi) -> None:
    path = f"/admin/users/{auth.sign_up()['user']['id']}"
    for duration, seconds in (("1h30m", 5400), ("90s", 90), ("24h", 24 * 3600)):
        user = auth.admin("PUT", path, {"ban_duration": duration}).json()
        ends = [datetime.fromisoformat(user[name]) for name in ("banned_until", "updated_at")]
        assert ends[0] - ends[1] == timedelta(seconds=seconds)
    assert user["banned_until"] > user["updated_at"]
    assert refusal(auth.sign_in()) == (400, "user_banned")
    assert "banned_until" not in auth.admin("PUT", path, {"ban_duration": "none"}).json()
    assert auth.sign_in().status_code == 200


@pytest.mark.parametrize("duration", ["a day", "9999999999h", "24", "-1h", "1h 30m", "1d"])
def test_a_malformed_ban_duration_is_refused(auth: AuthApi, duration: str) -> None:
    path = f"/admin/users/{auth.sign_up()['user']['id']}"
    refused = auth.admin("PUT", path, {"ban_duration": duration})
    assert refusal(refused) == (400, "validation_failed")
    assert auth.sign_in().status_code == 200


def test_an_address_is_set_and_confirmed_without_a_mail(auth: AuthApi) -> None:
    auth.admin("POST", "/admin/users", ANA | {"email_confirm": False})
    [(user_id,)] = auth.sql("select id::text from auth.users")
    new = {"email": "Ana.New@example.com", "email_confirm": True}
    user = auth.admin("PUT", f"/admin/users/{user_id}", new).json()
    assert user["email"] == "ana.new@example.com" and user["email_confirmed_at"]
    assert auth.sign_in().status_code == 400
    assert auth.sign_in("ana.new@example.com").json()["user"]["id"] == user_id


def test_an_address_of_another_account_is_a_500(auth: AuthApi) -> None:
    user_id = auth.sign_up()["user"]["id"]
    auth.admin("POST", "/admin/users", ANA | {"email": "bob@example.com"})
    taken = auth.admin("PUT", f"/admin/users/{user_id}", {"email": "Bob@example.com"})
    assert refusal(taken) == (500, "unexpected_failure")
    assert auth.sign_in().status_code == 200


def test_a_created_account_may_have_a_short_password(auth: AuthApi) -> None:
    assert auth.admin("POST", "/admin/users", ANA | {"password": "a"}).status_code == 200
    assert auth.sign_in(password="a").status_code == 200


def test_a_created_account_is_unconfirmed_by_default(auth: AuthApi) -> None:
    auth.admin("POST", "/admin/users", {"email": "ana@example.com", "password": "secret1"})
    assert refusal(auth.sign_in()) == (400, "email_not_confirmed")


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({"email": "Bob@example.com"}, 422, "email_exists"),
        ({"password": "x" * 73}, 400, "validation_failed"),
        ({"email": ""}, 400, "validation_failed"),
        ({"email": "nonsense"}, 400, "validation_failed"),
        ({"user_metadata": []}, 400, "bad_json"),
    ],
)
def test_invalid_input_creates_no_account(
    auth: AuthApi, body: dict[str, Any], status: int, code: str
) -> None:
    auth.sign_up("bob@example.com")
    assert refusal(auth.admin("POST", "/admin/users", ANA | body)) == (status, code)
    assert auth.sql("select count(*) from auth.users") == [(1,)]


@pytest.mark.parametrize("method", ["PUT", "DELETE"])
def test_an_unknown_account_is_404(auth: AuthApi, method: str) -> None:
    unknown = auth.admin(method, f"/admin/users/{NOBODY}", {})
    assert refusal(unknown) == (404, "user_not_found")
    malformed = auth.admin(method, "/admin/users/%00", {})
    assert refusal(malformed) == (404, "validation_failed")


def test_a_deleted_account_loses_its_sessions_at_once(auth: AuthApi) -> None:
    session = auth.sign_up()
    assert auth.admin("DELETE", f"/admin/users/{session['user']['id']}", {}).json() == {}
    deleted = auth.call("GET", "/user", token=session["access_token"])
    assert refusal(deleted) == (403, "user_not_found")
    assert auth.refresh(session["refresh_token"]).status_code == 400
    assert auth.sign_in().status_code == 400
