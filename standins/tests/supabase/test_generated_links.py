"""Links for an admin to send."""

from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest

from standins.tests.fixtures.auth import CLIENT, SITE_URL, AuthApi, refusal

pytestmark = pytest.mark.usefixtures("no_accounts")

ANA = "ana@example.com"
NEW = "new@example.com"


def generate(auth: AuthApi, type: str, email: str = ANA, **body: Any) -> dict[str, Any]:
    answer = auth.admin("POST", "/admin/generate_link", {"type": type, "email": email, **body})
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


def session_behind(link: str) -> dict[str, str]:
    """What opening the link leads back with."""
    location = CLIENT.get(link).headers["location"]
    return dict(parse_qsl(urlsplit(location).fragment))


@pytest.mark.parametrize("type", ["signup", "invite", "magiclink"])
def test_a_link_makes_and_confirms_an_account(auth: AuthApi, type: str) -> None:
    link = generate(auth, type, password="secret1", data={"name": "Ana"})
    assert link["verification_type"] == ("signup" if type == "magiclink" else type)
    assert link["redirect_to"] == SITE_URL and link["user_metadata"]["name"] == "Ana"
    token = session_behind(link["action_link"])["access_token"]
    user = auth.call("GET", "/user", token=token).json()
    assert user["id"] == link["id"] and user["email_confirmed_at"]
    assert auth.sign_in().status_code == 200
    assert auth.mails() == []


@pytest.mark.parametrize("type", ["recovery", "magiclink"])
@pytest.mark.parametrize("proof", ["action_link", "hashed_token", "email_otp"])
def test_a_link_signs_a_person_in(auth: AuthApi, type: str, proof: str) -> None:
    user_id = auth.sign_up()["user"]["id"]
    link = generate(auth, type)
    assert (link["id"], link["verification_type"]) == (user_id, type)
    if proof == "action_link":
        assert session_behind(link["action_link"])["access_token"]
        return
    body = {"email": ANA, "token": link["email_otp"]} if proof == "email_otp" else {"token_hash": link[proof]}
    assert auth.call("POST", "/verify", {"type": type, **body}).json()["user"]["id"] == user_id


def test_two_links_change_an_address(auth: AuthApi) -> None:
    user_id = auth.sign_up()["user"]["id"]
    current = generate(auth, "email_change_current", new_email=NEW)
    new = generate(auth, "email_change_new", new_email=NEW)
    assert (current["verification_type"], new["verification_type"]) == (
        "email_change_current",
        "email_change_new",
    )
    assert "other email" in session_behind(current["action_link"])["message"]
    token = session_behind(new["action_link"])["access_token"]
    user = auth.call("GET", "/user", token=token).json()
    assert (user["id"], user["email"]) == (user_id, NEW)


def test_a_link_leads_to_an_allowed_address(confirming_auth: AuthApi) -> None:
    for target, expected in ((f"{SITE_URL}/in", f"{SITE_URL}/in"), ("https://evil.example.org/", SITE_URL)):
        path = f"/admin/generate_link?redirect_to={target}"
        answer = confirming_auth.admin("POST", path, {"type": "magiclink", "email": ANA})
        assert answer.json()["redirect_to"] == expected


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({"type": "recovery", "email": "nobody@example.com"}, 404, "user_not_found"),
        ({"type": "email_change_new", "email": "nobody@example.com"}, 404, "user_not_found"),
        ({"type": "email_change_new"}, 400, "validation_failed"),
        ({"type": "email_change_new", "new_email": ANA}, 422, "email_exists"),
        ({"type": "signup", "password": "secret1"}, 422, "email_exists"),
        ({"type": "signup", "email": "new@example.com"}, 400, "validation_failed"),
        ({"type": "signup", "email": "new@example.com", "password": "abc"}, 422, "weak_password"),
        ({"type": "invite"}, 422, "email_exists"),
        ({"type": "sms"}, 400, "validation_failed"),
        ({}, 400, "validation_failed"),
        ({"type": "recovery", "email": "nonsense"}, 400, "validation_failed"),
    ],
)
def test_a_link_is_refused(auth: AuthApi, body: dict[str, str], status: int, code: str) -> None:
    auth.sign_up()
    answer = auth.admin("POST", "/admin/generate_link", {"email": ANA, **body})
    assert refusal(answer) == (status, code)
