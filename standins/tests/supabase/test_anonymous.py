"""Accounts without an address, and how they get one."""

from typing import Any

import jwt
import pytest

from standins.tests.fixtures.auth import AuthApi, refusal

pytestmark = pytest.mark.usefixtures("no_accounts")

ANA = {"email": "ana@example.com", "password": "secret1"}


def begin(auth: AuthApi, **data: Any) -> dict[str, Any]:
    answer = auth.call("POST", "/signup", {"data": data})
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


def claims(session: dict[str, Any]) -> dict[str, Any]:
    return dict(jwt.decode(session["access_token"], options={"verify_signature": False}))


def test_an_anonymous_session_says_so(auth: AuthApi) -> None:
    session = begin(auth, theme="dark")
    user = session["user"]
    assert user["is_anonymous"] is True and user["user_metadata"] == {"theme": "dark"}
    assert (user["email"], user["identities"], user["app_metadata"]) == ("", [], {})
    token = claims(session)
    assert (token["is_anonymous"], token["role"], token["aud"]) == (True, "authenticated", "authenticated")
    assert [entry["method"] for entry in token["amr"]] == ["anonymous"]
    assert auth.call("GET", "/user", token=session["access_token"]).json()["id"] == user["id"]
    assert claims(auth.refresh(session["refresh_token"]).json())["is_anonymous"] is True
    assert auth.call("GET", "/settings").json()["external"]["anonymous_users"] is True


def test_each_is_somebody_else(auth: AuthApi) -> None:
    assert begin(auth)["user"]["id"] != begin(auth)["user"]["id"]
    assert refusal(auth.sign_in("", "")) == (400, "validation_failed")


def test_an_address_makes_it_an_ordinary_account(auth: AuthApi) -> None:
    session = begin(auth, theme="dark")
    user = auth.call("PUT", "/user", ANA, token=session["access_token"]).json()
    assert (user["id"], user["is_anonymous"]) == (session["user"]["id"], False)
    assert user["app_metadata"] == {"provider": "email", "providers": ["email"]}
    assert user["identities"][0]["email"] == ANA["email"] and user["email_confirmed_at"]
    assert claims(auth.refresh(session["refresh_token"]).json())["is_anonymous"] is False
    again = auth.sign_in().json()["user"]
    assert (again["id"], again["user_metadata"]["theme"]) == (user["id"], "dark")


def test_an_address_may_have_to_be_confirmed_first(confirming_auth: AuthApi) -> None:
    session = begin(confirming_auth)
    waiting = confirming_auth.call("PUT", "/user", ANA, token=session["access_token"]).json()
    assert (waiting["is_anonymous"], waiting["new_email"]) == (True, ANA["email"])
    (mail,) = confirming_auth.mails()
    body = {"type": "email_change", "token_hash": mail["token_hash"]}
    user = confirming_auth.call("POST", "/verify", body).json()["user"]
    assert (user["id"], user["is_anonymous"], user["email"]) == (waiting["id"], False, ANA["email"])
    assert confirming_auth.sign_in().status_code == 200


def test_a_password_needs_an_address(auth: AuthApi) -> None:
    token = begin(auth)["access_token"]
    answer = auth.call("PUT", "/user", {"password": "secret1"}, token=token)
    assert refusal(answer) == (422, "validation_failed")
    auth.sign_up("bob@example.com")
    taken = auth.call("PUT", "/user", {"email": "bob@example.com"}, token=token)
    assert refusal(taken) == (422, "email_exists")


def test_an_admin_sees_and_removes_it(auth: AuthApi) -> None:
    user = begin(auth)["user"]
    (listed,) = auth.admin("GET", "/admin/users").json()["users"]
    assert (listed["id"], listed["is_anonymous"]) == (user["id"], True)
    assert auth.admin("DELETE", f"/admin/users/{user['id']}", {}).json() == {}
