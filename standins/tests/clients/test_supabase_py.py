"""The unmodified supabase-py against the stand-in."""

import logging
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import httpx
import pytest
from supabase import Client, create_client
from supabase.lib.client_options import SyncClientOptions
from supabase_auth.errors import AuthApiError, AuthWeakPasswordError

from standins.tests.fixtures.auth import CLIENT, AuthApi

pytestmark = pytest.mark.usefixtures("no_accounts")

ANA = "ana@example.com"
CREDENTIALS = {"email": ANA, "password": "secret1"}
MakeClient = Callable[..., Client]


@pytest.fixture
def make_client(auth: AuthApi) -> Iterator[MakeClient]:
    """Clients that start no timers and send over one connection pool."""
    pool = httpx.Client(timeout=20)

    def make(
        key: str = auth.keys.publishable_key, url: str = auth.url, flow_type: Any = "implicit"
    ) -> Client:
        options = SyncClientOptions(
            auto_refresh_token=False, persist_session=True, flow_type=flow_type, httpx_client=pool
        )
        return create_client(url, key, options=options)

    yield make
    pool.close()


@pytest.fixture
def client(make_client: MakeClient) -> Client:
    return make_client()


@pytest.fixture
def admin(make_client: MakeClient, auth: AuthApi) -> Client:
    return make_client(auth.keys.secret_key)


def sign_up(client: Client) -> str:
    """Creates an account and returns its id."""
    user = client.auth.sign_up(CREDENTIALS | {"options": {"data": {"name": "Ana"}}}).user
    assert user is not None
    return user.id


def test_an_account_keeps_its_id_from_sign_up_to_sign_out(client: Client) -> None:
    user_id = sign_up(client)
    assert client.auth.sign_in_with_password(CREDENTIALS).user.id == user_id
    assert client.auth.get_user().user.id == user_id
    updated = client.auth.update_user({"data": {"city": "Faro"}}).user
    assert (updated.id, updated.user_metadata["city"]) == (user_id, "Faro")
    assert updated.user_metadata["name"] == "Ana" and updated.identities[0].user_id == user_id
    before = client.auth.get_session()
    refreshed = client.auth.refresh_session()
    assert refreshed.user.id == user_id
    assert refreshed.session.refresh_token != before.refresh_token
    client.auth.sign_out()
    assert client.auth.get_session() is None


def test_errors_carry_the_codes_of_supabase(
    client: Client, admin: Client, make_client: MakeClient, confirming_auth: AuthApi
) -> None:
    user_id = sign_up(client)
    wrong = CREDENTIALS | {"password": "wrong12"}
    new = {"email": "new@example.com", "password": "secret1"}
    confirming = make_client(url=confirming_auth.url)
    assert confirming.auth.sign_up(new).session is None
    with pytest.raises(AuthApiError, match="Invalid login credentials"):
        client.auth.sign_in_with_password(wrong)
    admin.auth.admin.update_user_by_id(user_id, {"ban_duration": "24h"})
    cases = [
        (lambda: client.auth.sign_in_with_password(wrong), "user_banned", 400),
        (lambda: client.auth.sign_up(CREDENTIALS), "user_already_exists", 422),
        (lambda: confirming.auth.sign_in_with_password(new), "email_not_confirmed", 400),
        (lambda: client.auth.sign_in_with_password(CREDENTIALS), "user_banned", 400),
        (lambda: client.auth.admin.delete_user(user_id), "not_admin", 403),
    ]
    for act, code, status in cases:
        with pytest.raises(AuthApiError) as refused:
            act()
        assert (refused.value.code, refused.value.status) == (code, status)


def test_a_weak_password_is_refused_with_reasons(client: Client) -> None:
    with pytest.raises(AuthWeakPasswordError) as refused:
        client.auth.sign_up(CREDENTIALS | {"password": "abc"})
    assert refused.value.reasons == ["length"]


def test_with_confirmation_an_address_in_use_gets_the_response_of_a_new_one(
    client: Client, make_client: MakeClient, confirming_auth: AuthApi
) -> None:
    user_id = sign_up(client)
    answer = make_client(url=confirming_auth.url).auth.sign_up(CREDENTIALS)
    assert answer.session is None and answer.user.identities == [] and answer.user.id != user_id


def test_an_admin_creates_bans_and_deletes_an_account(client: Client, admin: Client) -> None:
    users = admin.auth.admin
    user = users.create_user(CREDENTIALS | {"email_confirm": True}).user
    assert user.email == ANA
    assert users.update_user_by_id(user.id, {"ban_duration": "24h"}).user.banned_until
    with pytest.raises(AuthApiError):
        client.auth.sign_in_with_password(CREDENTIALS)
    assert users.update_user_by_id(user.id, {"ban_duration": "none"}).user.banned_until is None
    assert client.auth.sign_in_with_password(CREDENTIALS).user.id == user.id
    users.delete_user(user.id)
    with pytest.raises(AuthApiError) as refused:
        users.update_user_by_id(user.id, {"ban_duration": "none"})
    assert (refused.value.code, refused.value.status) == ("user_not_found", 404)


def test_refresh_tokens_rotate(client: Client, auth: AuthApi) -> None:
    sign_up(client)
    first = client.auth.get_session().refresh_token
    second = client.auth.refresh_session(first).session.refresh_token
    third = client.auth.refresh_session(second).session.refresh_token
    assert client.auth.refresh_session(first).session.refresh_token == third
    auth.sql("update auth.refresh_tokens set updated_at = updated_at - interval '11 seconds'")
    assert client.auth.refresh_session(second).session.refresh_token == third
    for token, code in ((first, "refresh_token_already_used"), (third, "session_expired")):
        with pytest.raises(AuthApiError) as refused:
            client.auth.refresh_session(token)
        assert refused.value.code == code


@pytest.mark.parametrize(
    ("scope", "alive"),
    [("local", [False, True, True]), ("others", [True, False, False]), ("global", [False] * 3)],
)
def test_sign_out_has_three_scopes(
    make_client: MakeClient, client: Client, scope: str, alive: list[bool]
) -> None:
    sign_up(client)
    clients = [make_client() for _ in range(3)]
    sessions = [each.auth.sign_in_with_password(CREDENTIALS).session for each in clients]
    clients[0].auth.sign_out({"scope": scope})
    for session, expected in zip(sessions, alive, strict=True):
        if expected:
            assert client.auth.get_user(session.access_token).user.email == ANA
        else:
            with pytest.raises(AuthApiError) as refused:
                client.auth.get_user(session.access_token)
            assert refused.value.code == "session_not_found"


def test_an_admin_ends_sessions_by_an_access_token(client: Client, admin: Client) -> None:
    sign_up(client)
    token = client.auth.get_session().access_token
    admin.auth.admin.sign_out(token, "global")
    with pytest.raises(AuthApiError):
        client.auth.get_user(token)


@pytest.mark.parametrize("means", ["code", "hash"])
def test_a_password_is_reset_by_mail(
    client: Client, make_client: MakeClient, auth: AuthApi, means: str
) -> None:
    sign_up(client)
    first_token = client.auth.get_session().access_token
    other = make_client()
    other.auth.reset_password_for_email(ANA)
    other.auth.reset_password_for_email("nobody@example.com")
    (mail,) = auth.mails()
    by_code = {"type": "recovery", "email": ANA, "token": mail["code"]}
    by_hash = {"type": "recovery", "token_hash": mail["token_hash"]}
    params = by_code if means == "code" else by_hash
    assert other.auth.verify_otp(params).session.access_token
    other.auth.update_user({"password": "secret2"})
    with pytest.raises(AuthApiError) as used:
        make_client().auth.verify_otp(params)
    assert (used.value.code, used.value.status) == ("otp_expired", 403)
    with pytest.raises(AuthApiError):
        client.auth.get_user(first_token)
    assert make_client().auth.sign_in_with_password(CREDENTIALS | {"password": "secret2"}).user


def test_a_password_is_reset_by_the_link(client: Client, auth: AuthApi) -> None:
    sign_up(client)
    client.auth.reset_password_for_email(ANA, {"redirect_to": "http://127.0.0.1:3000/reset"})
    location = CLIENT.get(auth.mails()[0]["link"]).headers["location"]
    target, _, fragment = location.partition("#")
    assert target == "http://127.0.0.1:3000/reset"
    session = dict(parse_qsl(fragment))
    client.auth.set_session(session["access_token"], session["refresh_token"])
    assert client.auth.update_user({"password": "secret2"}).user.email == ANA


def test_a_sign_up_is_confirmed_and_mailed_again(make_client: MakeClient, confirming_auth: AuthApi) -> None:
    client = make_client(url=confirming_auth.url)
    client.auth.sign_up(CREDENTIALS)
    client.auth.resend({"type": "signup", "email": ANA})
    code = confirming_auth.mails()[0]["code"]
    answer = client.auth.verify_otp({"type": "email", "email": ANA, "token": code})
    assert answer.user.email_confirmed_at and answer.session


def test_claims_are_verified_without_a_request_for_the_user(
    client: Client, auth: AuthApi, caplog: pytest.LogCaptureFixture
) -> None:
    user_id = sign_up(client)
    caplog.set_level(logging.INFO, "standins.supabase.gateway")
    claims = client.auth.get_claims()["claims"]
    assert (claims["sub"], claims["iss"]) == (user_id, f"{auth.url}/auth/v1")
    requests = [record.getMessage() for record in caplog.records if "/auth/v1" in record.getMessage()]
    own = [line for line in requests if line.startswith(("GET /auth", "POST /auth"))]
    assert own == ["GET /auth/v1/.well-known/jwks.json 200"]


def test_a_password_is_reset_by_the_link_with_pkce(
    client: Client, make_client: MakeClient, auth: AuthApi
) -> None:
    sign_up(client)
    app, other = make_client(flow_type="pkce"), make_client(flow_type="pkce")
    events: list[str] = []
    app.auth.on_auth_state_change(lambda event, session: events.append(event))
    app.auth.reset_password_for_email(ANA)
    location = CLIENT.get(auth.mails()[0]["link"]).headers["location"]
    code = dict(parse_qsl(urlsplit(location).query))["code"]
    with pytest.raises(AuthApiError) as refused:
        other.auth.exchange_code_for_session({"auth_code": code, "code_verifier": "x" * 56})
    assert refused.value.code == "bad_code_verifier"
    assert app.auth.exchange_code_for_session({"auth_code": code}).user.email == ANA
    assert "PASSWORD_RECOVERY" in events
    assert app.auth.update_user({"password": "secret2"}).user.email == ANA
    with pytest.raises(AuthApiError) as refused:
        other.auth.exchange_code_for_session({"auth_code": code, "code_verifier": "x" * 56})
    assert (refused.value.code, refused.value.status) == ("flow_state_not_found", 404)
