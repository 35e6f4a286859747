"""Login to the admin on its login page, with accounts of the Supabase stand-in."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from django.conf import settings
from django.db import connection
from django.test import Client

from accounts.integrations import supabase_auth
from accounts.models import User
from accounts.models.bans import FOREVER
from accounts.rest.throttles import ScopedThrottle
from standins.tests.fixtures.auth import AuthApi, auth
from tests.fixtures.accounts import enroll, totp_code, wrong_totp_code
from tests.fixtures.staff import PASSWORD, enter, signed_in
from tests.fixtures.throttles import pass_seconds

__all__ = ["auth"]
pytestmark = pytest.mark.django_db(transaction=True)

REFUSAL = "These are not the e-mail address and password of a member of staff."


def refusals(response: Any) -> list[str]:
    """The sentences on the login page. Asserts that nobody is logged in."""
    assert "_auth_user_id" not in response.wsgi_request.session
    return list(response.context["form"].non_field_errors())


def is_logged_in(client: Client) -> bool:
    """Whether the admin shows its first page, and not the login page."""
    return bool(client.get("/admin/").status_code == 200)


@pytest.fixture
def member(make_staff: Callable[..., User]) -> User:
    """A member of staff."""
    return make_staff("Sam", "view_gig")


def test_staff_log_in_and_out(member: User, auth: AuthApi) -> None:
    client = signed_in(member)
    assert is_logged_in(client)
    assert client.session.get_expiry_age() <= 12 * 3600
    assert auth.sql("select count(*) from auth.sessions") == [(0,)]  # the Supabase session has ended
    client.post("/admin/logout/")
    assert not is_logged_in(client)


def test_wrong_password_and_other_users_get_the_same_refusal(
    member: User, make_account: Callable[..., User]
) -> None:
    learner = make_account("Ana")
    banned = make_account("Bea", is_staff=True, banned_until=FOREVER)
    assert refusals(enter(Client(), member.email, "wrong horse")) == [REFUSAL]
    for person in (learner, banned):
        assert refusals(enter(Client(), person.email)) == [REFUSAL]
        assert refusals(enter(Client(), person.email, "wrong horse")) == [REFUSAL]
    assert refusals(enter(Client(), "nobody@example.com")) == [REFUSAL]


def test_user_is_found_by_the_account_id_and_not_by_the_address(
    member: User, make_account: Callable[..., User]
) -> None:
    impostor = make_account("Eve")
    User.objects.filter(pk=impostor.pk).update(email=member.email)
    User.objects.filter(pk=member.pk).update(email="moved@example.com")
    [address] = [a for a in _addresses() if a.startswith("eve")]
    assert refusals(enter(Client(), address)) == [REFUSAL]


def _addresses() -> list[str]:
    """The addresses of all Supabase accounts."""
    with connection.cursor() as cursor:
        cursor.execute("select email from auth.users")
        return [row[0] for row in cursor.fetchall()]


def test_account_without_a_user_is_refused_and_creates_none(clean_auth: None, supabase: Any) -> None:
    supabase_auth.create_account(email="new@example.com", password=PASSWORD, name="")
    assert refusals(enter(Client(), "new@example.com")) == [REFUSAL]
    assert not User.objects.exists()


@pytest.mark.parametrize(
    "change",
    [{"is_staff": False}, {"banned_until": FOREVER}, {"deleted_at": datetime(2026, 1, 1, tzinfo=UTC)}],
)
def test_former_staff_lose_access_at_the_next_request(member: User, change: dict[str, Any]) -> None:
    client = signed_in(member)
    assert is_logged_in(client)
    User.objects.filter(pk=member.pk).update(**change)
    assert not is_logged_in(client)


def test_ban_in_supabase_alone_ends_access(member: User, auth: AuthApi) -> None:
    client = signed_in(member)
    auth.admin("PUT", f"/admin/users/{member.pk}", {"ban_duration": "1h"})
    assert not is_logged_in(client)
    assert refusals(enter(Client(), member.email)) == [REFUSAL]


def test_login_without_supabase_is_a_503_with_a_sentence(
    member: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(settings, "SUPABASE_URL", "http://127.0.0.1:9")
    response = enter(Client(raise_request_exception=False), member.email)
    assert (response.status_code, response["Retry-After"]) == (503, "5")
    assert refusals(response) == ["The account service cannot be reached. Try again shortly."]


def test_logins_to_admin_and_api_share_one_throttle(
    member: User, anyone: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ScopedThrottle, "THROTTLE_RATES", {"login": "3/min"})
    anyone.post("/accounts/login/", {"email": member.email, "password": "wrong horse"})
    assert [enter(Client(), member.email, "wrong horse").status_code for _ in range(3)] == [200, 200, 429]
    response = enter(Client(), member.email)
    assert response.status_code == 429 and 0 < int(response["Retry-After"]) <= 61
    assert refusals(response) == ["Too many sign-ins. Wait a minute and try again."]


def test_client_address_is_taken_from_a_trusted_proxy_only(
    member: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[str | None] = []
    sign_in = supabase_auth.sign_in

    def noted(**fields: Any) -> Any:
        seen.append(fields["client_ip"])
        return sign_in(**fields)

    monkeypatch.setattr(supabase_auth, "sign_in", noted)
    for count in (0, 1):
        monkeypatch.setattr(settings, "TRUSTED_PROXY_COUNT", count)
        client = Client(headers={"X-Forwarded-For": "203.0.113.9"})
        assert enter(client, member.email).status_code == 302
    assert seen == [None, "203.0.113.9"]


# ------------------------------------------------------------------------------ second factor


def test_login_requires_the_code_of_a_second_factor(member: User, auth: AuthApi) -> None:
    secret = enroll(auth, member.email, PASSWORD)
    response = enter(Client(), member.email)
    assert refusals(response) == ["Enter the code of your authenticator app."]
    assert 'name="code"' in response.content.decode()
    right, wrong = totp_code(secret), wrong_totp_code(secret)
    response = enter(Client(), member.email, code=wrong)
    assert refusals(response) == ["Invalid TOTP code entered"]
    assert 'name="code"' in response.content.decode()
    client = Client()
    assert enter(client, member.email, code=right).status_code == 302
    assert is_logged_in(client)
    # Only the session that enrolled the factor is left.
    assert auth.sql("select count(*) from auth.sessions") == [(1,)]


def test_login_without_a_second_factor_shows_no_field_for_a_code(member: User) -> None:
    response = enter(Client(), member.email, "wrong horse")
    assert 'name="code"' not in response.content.decode()
    assert is_logged_in(signed_in(member))


def test_unverified_factor_is_ignored(member: User, auth: AuthApi) -> None:
    token = auth.sign_in(member.email, PASSWORD).json()["access_token"]
    assert auth.call("POST", "/factors", {"factor_type": "totp"}, token=token).status_code == 200
    assert is_logged_in(signed_in(member))


def test_learner_with_a_second_factor_is_refused_without_a_code(
    make_account: Callable[..., User], auth: AuthApi
) -> None:
    learner = make_account("Ana")
    enroll(auth, learner.email, PASSWORD)
    assert refusals(enter(Client(), learner.email)) == [REFUSAL]


def test_account_with_another_kind_of_factor_is_refused(member: User, auth: AuthApi) -> None:
    enroll(auth, member.email, PASSWORD)
    auth.sql("update auth.mfa_factors set factor_type = 'webauthn'")
    [sentence] = refusals(enter(Client(), member.email, code="123456"))
    assert "Add an authenticator app" in sentence


def test_guesses_at_a_second_factor_delay_the_next_one(member: User, auth: AuthApi) -> None:
    secret = enroll(auth, member.email, PASSWORD)
    for _ in range(5):
        enter(Client(), member.email, code=wrong_totp_code(secret))
    response = enter(Client(), member.email, code=totp_code(secret))
    assert (response.status_code, response["Retry-After"]) == (429, "1")
    pass_seconds(1)
    assert enter(Client(), member.email, code=totp_code(secret)).status_code == 302


def test_guesses_at_a_password_delay_the_next_one_to_admin_and_api(member: User, anyone: Any) -> None:
    body = {"email": member.email, "password": "wrong horse"}
    assert anyone.post("/accounts/login/", body).status_code == 400
    for _ in range(4):
        assert refusals(enter(Client(), member.email, "wrong horse")) == [REFUSAL]
    response = enter(Client(), member.email)
    assert (response.status_code, response["Retry-After"]) == (429, "1")
    assert refusals(response) == ["Too many wrong attempts for this account. Wait 1 s and try again."]
    assert anyone.post("/accounts/login/", body).status_code == 429
    pass_seconds(1)
    assert enter(Client(), member.email).status_code == 302
