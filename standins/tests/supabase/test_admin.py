"""The admin API of the stand-in."""

from typing import Any
from uuid import uuid4

import pytest
from django.contrib.auth.hashers import make_password

from standins.tests.fixtures.auth import AuthApi, refusal

pytestmark = pytest.mark.usefixtures("no_accounts")

NOBODY = "00000000-0000-4000-8000-000000000000"
ANA = {"email": "ana@example.com", "password": "secret1", "email_confirm": True}
ROUTES = [
    ("POST", "/admin/users", ANA),
    ("GET", "/admin/users", None),
    ("GET", f"/admin/users/{NOBODY}", None),
    ("PUT", f"/admin/users/{NOBODY}", {}),
    ("DELETE", f"/admin/users/{NOBODY}", {}),
    ("POST", "/invite", {"email": "ana@example.com"}),
    ("POST", "/admin/generate_link", {"type": "magiclink", "email": "ana@example.com"}),
]


@pytest.mark.parametrize(("method", "path", "body"), ROUTES)
def test_only_the_secret_key_may(auth: AuthApi, method: str, path: str, body: Any) -> None:
    token = auth.sign_up("user@example.com")["access_token"]
    assert refusal(auth.call(method, path, body)) == (403, "not_admin")
    assert refusal(auth.call(method, path, body, token=token)) == (403, "not_admin")
    # With the secret key as apikey, a user's own token still decides.
    own = auth.call(method, path, body, token=token, apikey=auth.keys.secret_key)
    assert refusal(own) == (403, "not_admin")
    minted = auth.keys.sign({"role": "service_role", "exp": 2**33})
    assert auth.call(method, path, body, token=minted).status_code in (200, 404)


def test_an_account_is_made_with_everything_given(auth: AuthApi) -> None:
    user_id = str(uuid4())
    given = {"id": user_id, "user_metadata": {"name": "Ana"}, "app_metadata": {"plan": "pro"}}
    user = auth.admin("POST", "/admin/users", ANA | given | {"ban_duration": "1h30m"}).json()
    assert (user["id"], user["email"]) == (user_id, "ana@example.com")
    assert user["user_metadata"]["name"] == "Ana"
    assert user["app_metadata"] == {"provider": "email", "providers": ["email"], "plan": "pro"}
    assert user["banned_until"] > user["created_at"] and user["email_confirmed_at"]
    auth.admin("PUT", f"/admin/users/{user_id}", {"ban_duration": "none"})
    assert auth.sign_in().status_code == 200


def test_an_account_waits_for_confirmation_unless_told_otherwise(auth: AuthApi) -> None:
    auth.admin("POST", "/admin/users", {"email": "ana@example.com", "password": "secret1"})
    assert refusal(auth.sign_in()) == (400, "email_not_confirmed")


def test_a_password_hash_of_django_is_taken(auth: AuthApi) -> None:
    body = {"email": "ana@example.com", "email_confirm": True}
    auth.admin("POST", "/admin/users", body | {"password_hash": make_password("secret1")})
    assert auth.sign_in().status_code == 200


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({"email": "Bob@example.com"}, 422, "email_exists"),
        ({"password": "abc"}, 422, "weak_password"),
        ({"password": "x" * 73}, 400, "validation_failed"),
        ({"email": ""}, 400, "validation_failed"),
        ({"email": "nonsense"}, 400, "validation_failed"),
        ({"id": "1"}, 404, "validation_failed"),
        ({"ban_duration": "a day"}, 400, "validation_failed"),
        ({"ban_duration": "9999999999h"}, 400, "validation_failed"),
        ({"ban_duration": "24"}, 400, "validation_failed"),
        ({"password_hash": "x"}, 400, "validation_failed"),
        ({"password": "", "password_hash": "x"}, 400, "validation_failed"),
        ({"phone": "1"}, 422, "phone_provider_disabled"),
        ({"role": "x" * 300}, 400, "validation_failed"),
        ({"user_metadata": []}, 400, "bad_json"),
    ],
)
def test_creation_refuses(auth: AuthApi, body: dict[str, Any], status: int, code: str) -> None:
    auth.sign_up("bob@example.com")
    assert refusal(auth.admin("POST", "/admin/users", ANA | body)) == (status, code)
    assert auth.sql("select count(*) from auth.users") == [(1,)]


def test_pages_cover_everybody_once(auth: AuthApi) -> None:
    for number in range(5):
        auth.admin("POST", "/admin/users", ANA | {"email": f"u{number}@example.com"})
    pages = [auth.admin("GET", f"/admin/users?page={page}&per_page=2") for page in (1, 2, 3)]
    emails = [user["email"] for page in pages for user in page.json()["users"]]
    assert emails == [f"u{number}@example.com" for number in (4, 3, 2, 1, 0)]
    assert pages[0].json()["aud"] == "authenticated"
    assert [page.headers["x-total-count"] for page in pages] == ["5"] * 3
    assert pages[0].headers["link"] == (
        '</admin/users?page=2&per_page=2>; rel="next", </admin/users?page=3&per_page=2>; rel="last"'
    )
    assert pages[2].headers["link"] == '</admin/users?page=3&per_page=2>; rel="last"'
    assert len(auth.admin("GET", "/admin/users?page=&per_page=").json()["users"]) == 5
    assert auth.admin("GET", "/admin/users?page=9").json()["users"] == []


@pytest.mark.parametrize("query", ["page=0", "page=-1", "page=x", "per_page=0", "page=" + "9" * 5000])
def test_a_bad_page_is_refused(auth: AuthApi, query: str) -> None:
    assert refusal(auth.admin("GET", f"/admin/users?{query}")) == (400, "validation_failed")


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE"])
def test_an_unknown_account_is_404(auth: AuthApi, method: str) -> None:
    body = None if method == "GET" else {}
    unknown = auth.admin(method, f"/admin/users/{NOBODY}", body)
    assert refusal(unknown) == (404, "user_not_found")
    malformed = auth.admin(method, "/admin/users/%00", body)
    assert refusal(malformed) == (404, "validation_failed")


def test_an_update_merges_metadata_and_changes_address_and_role(auth: AuthApi) -> None:
    path = f"/admin/users/{auth.sign_up(name='Ana', city='Faro')['user']['id']}"
    body = {
        "email": "New@example.com",
        "role": "teacher",
        "user_metadata": {"city": None, "age": 7},
        "app_metadata": {"plan": "pro"},
    }
    user = auth.admin("PUT", path, body).json()
    assert (user["email"], user["role"]) == ("new@example.com", "teacher")
    assert user["user_metadata"]["name"] == "Ana" and "city" not in user["user_metadata"]
    assert user["app_metadata"]["plan"] == "pro"
    assert user == auth.admin("GET", path).json()
    auth.sign_up("bob@example.com")
    taken = auth.admin("PUT", path, {"email": "bob@example.com"})
    assert refusal(taken) == (422, "email_exists")


def test_a_password_set_by_an_admin_ends_every_session(auth: AuthApi) -> None:
    session = auth.sign_up()
    auth.admin("PUT", f"/admin/users/{session['user']['id']}", {"password": "secret2"})
    gone = auth.call("GET", "/user", token=session["access_token"])
    assert refusal(gone) == (403, "session_not_found")
    assert auth.sign_in(password="secret2").status_code == 200


def test_a_deleted_account_is_gone_at_once(auth: AuthApi) -> None:
    session = auth.sign_up()
    assert auth.admin("DELETE", f"/admin/users/{session['user']['id']}", {}).json() == {}
    gone = auth.call("GET", "/user", token=session["access_token"])
    assert refusal(gone) == (403, "user_not_found")
    assert auth.refresh(session["refresh_token"]).status_code == 400
    assert auth.sign_in().status_code == 400


def test_a_soft_deletion_keeps_the_id_and_frees_the_address(auth: AuthApi) -> None:
    session = auth.sign_up(name="Ana")
    path = f"/admin/users/{session['user']['id']}"
    auth.admin("DELETE", path, {"should_soft_delete": True})
    user = auth.admin("GET", path).json()
    assert user["deleted_at"] and user["user_metadata"] == {} and user["identities"] == []
    assert "ana" not in user["email"]
    assert auth.call("GET", "/user", token=session["access_token"]).status_code == 403
    assert auth.sign_in().status_code == 400
    assert auth.sign_up()["user"]["id"] != user["id"]


def test_an_invited_person_signs_in_by_the_mail(auth: AuthApi) -> None:
    invited = auth.admin("POST", "/invite", {"email": "ana@example.com", "data": {"name": "Ana"}})
    assert invited.json()["invited_at"]
    body = {"type": "invite", "token_hash": auth.mails()[0]["token_hash"]}
    user = auth.call("POST", "/verify", body).json()["user"]
    assert user["id"] == invited.json()["id"] and user["user_metadata"]["name"] == "Ana"
    again = auth.admin("POST", "/invite", {"email": "ana@example.com"})
    assert refusal(again) == (422, "email_exists")
