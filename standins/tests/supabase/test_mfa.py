"""Second factors: the codes of RFC 6238, and the calls of supabase-py."""

import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
from supabase import Client, create_client
from supabase.lib.client_options import SyncClientOptions
from supabase_auth.errors import AuthApiError

from standins.supabase.auth import factors
from standins.tests.fixtures.auth import AuthApi, claims_of, refusal

pytestmark = pytest.mark.usefixtures("no_accounts")

CREDENTIALS = {"email": "ana@example.com", "password": "secret1"}
# RFC 6238, appendix B, SHA-1: the last six of its eight digits.
VECTORS = {
    59: "287082",
    1111111109: "081804",
    1111111111: "050471",
    1234567890: "005924",
    2000000000: "279037",
    20000000000: "353130",
}
RFC_SECRET = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"  # "12345678901234567890"


@pytest.mark.parametrize(("seconds", "code"), VECTORS.items())
def test_codes_equal_the_test_vectors_of_rfc_6238(seconds: int, code: str) -> None:
    assert factors.code_at(RFC_SECRET, datetime.fromtimestamp(seconds, UTC)) == code


@pytest.fixture
def client(auth: AuthApi) -> Iterator[Client]:
    """supabase-py with a new account signed in."""
    with httpx.Client(timeout=20) as pool:
        options = SyncClientOptions(auto_refresh_token=False, flow_type="implicit", httpx_client=pool)
        client = create_client(auth.url, auth.keys.publishable_key, options=options)
        client.auth.sign_up(CREDENTIALS)
        yield client


def now(secret: str, **shift: float) -> str:
    """The current code, or the code after ``shift``."""
    return factors.code_at(secret, datetime.now(UTC) + timedelta(**shift))


def prove(client: Client, factor: Any, code: str | None = None) -> Any:
    """Creates a challenge and verifies its code."""
    code = code or now(factor.totp.secret)
    return client.auth.mfa.challenge_and_verify({"factor_id": factor.id, "code": code})


def enroll(client: Client, name: str = "phone") -> Any:
    return client.auth.mfa.enroll({"factor_type": "totp", "friendly_name": name, "issuer": "LinguaFlex"})


def code_of(error: pytest.ExceptionInfo[AuthApiError]) -> tuple[int, str | None]:
    return error.value.status, error.value.code


def test_a_factor_is_enrolled_verified_and_unenrolled(client: Client, auth: AuthApi) -> None:
    factor = enroll(client)
    assert f"secret={factor.totp.secret}&issuer=LinguaFlex" in factor.totp.uri
    assert client.auth.mfa.list_factors().totp == []
    assert client.auth.mfa.get_authenticator_assurance_level().next_level == "aal1"
    auth.sign_in()  # an aal1 session, which the verification ends
    answer = prove(client, factor)
    claims = claims_of({"access_token": answer.access_token})
    assert claims["aal"] == "aal2"
    assert [entry["method"] for entry in claims["amr"]] == ["totp", "password"]
    assert auth.sql("select aal::text from auth.sessions") == [("aal2",)]
    [listed] = client.auth.mfa.list_factors().totp
    assert (listed.id, listed.friendly_name, listed.status) == (factor.id, "phone", "verified")
    refreshed = client.auth.refresh_session().session
    assert claims_of({"access_token": refreshed.access_token})["aal"] == "aal2"
    assert client.auth.mfa.unenroll({"factor_id": factor.id}).id == factor.id
    assert client.auth.mfa.list_factors().all == []


def test_a_code_is_valid_for_one_step_before_and_after_its_own(client: Client) -> None:
    factor = enroll(client)
    for code in (now(factor.totp.secret, minutes=-2), now(factor.totp.secret, minutes=2), "ü23456"):
        with pytest.raises(AuthApiError) as error:
            client.auth.mfa.challenge_and_verify({"factor_id": factor.id, "code": code})
        assert code_of(error) == (422, "mfa_verification_failed")
    assert client.auth.mfa.list_factors().totp == []
    while time.time() % 30 > 25:  # the next step must not begin before the code is verified
        time.sleep(0.1)
    prove(client, factor, now(factor.totp.secret, seconds=-30))


def test_a_challenge_can_be_used_once_within_five_minutes(client: Client, auth: AuthApi) -> None:
    factor = enroll(client)
    challenge = client.auth.mfa.challenge({"factor_id": factor.id})
    proof = {"factor_id": factor.id, "challenge_id": challenge.id, "code": now(factor.totp.secret)}
    client.auth.mfa.verify(proof)
    with pytest.raises(AuthApiError) as error:
        client.auth.mfa.verify(proof)
    assert code_of(error) == (422, "mfa_factor_not_found")
    late = client.auth.mfa.challenge({"factor_id": factor.id})
    auth.sql("update auth.mfa_challenges set created_at = created_at - interval '6 minutes'")
    with pytest.raises(AuthApiError) as error:
        client.auth.mfa.verify(proof | {"challenge_id": late.id})
    assert code_of(error) == (422, "mfa_challenge_expired")


def test_an_aal1_session_can_neither_unenroll_nor_add_a_factor(client: Client, auth: AuthApi) -> None:
    factor = enroll(client)
    prove(client, factor)
    token = auth.sign_in().json()["access_token"]
    more = {"factor_type": "totp", "friendly_name": "another"}
    assert refusal(auth.call("POST", "/factors", more, token=token)) == (403, "insufficient_aal")
    removed = auth.call("DELETE", f"/factors/{factor.id}", token=token)
    assert refusal(removed) == (422, "insufficient_aal")


def test_factors_of_another_account_are_404(client: Client, auth: AuthApi) -> None:
    factor = enroll(client)
    other = auth.sign_up("zoe@example.com")["access_token"]
    for method, path in (("POST", "/challenge"), ("POST", "/verify"), ("DELETE", "")):
        answer = auth.call(method, f"/factors/{factor.id}{path}", {}, token=other)
        assert refusal(answer) == (404, "mfa_factor_not_found")
    answer = auth.call("DELETE", "/factors/nonsense", token=other)
    assert refusal(answer) == (404, "validation_failed")


def test_a_name_in_use_and_other_factor_types_are_refused(client: Client, auth: AuthApi) -> None:
    enroll(client)
    with pytest.raises(AuthApiError) as error:
        enroll(client)
    assert code_of(error) == (422, "mfa_factor_name_conflict")
    token = client.auth.get_session().access_token
    for kind in ("phone", "webauthn"):
        answer = auth.call("POST", "/factors", {"factor_type": kind}, token=token)
        assert refusal(answer) == (422, f"mfa_{kind}_enroll_not_enabled")
    answer = auth.call("POST", "/factors", {"factor_type": "email"}, token=token)
    assert refusal(answer) == (400, "validation_failed")


def test_a_verification_without_a_code_or_a_challenge_is_refused(client: Client, auth: AuthApi) -> None:
    factor, token = enroll(client), token_of(client)
    challenge = client.auth.mfa.challenge({"factor_id": factor.id}).id
    for body, expected in (
        ({"challenge_id": challenge, "code": ""}, (400, "validation_failed")),
        ({"code": now(factor.totp.secret)}, (422, "mfa_factor_not_found")),
    ):
        answer = auth.call("POST", f"/factors/{factor.id}/verify", body, token=token)
        assert refusal(answer) == expected


def test_password_and_address_need_aal2_once_a_factor_is_verified(client: Client, auth: AuthApi) -> None:
    factor = enroll(client)
    assert auth.call("PUT", "/user", {"password": "secret2"}, token=token_of(client)).status_code == 200
    prove(client, factor)
    weak = auth.sign_in(password="secret2").json()["access_token"]
    sessionless = auth.keys.sign(claims_of({"access_token": weak}) | {"session_id": ""})
    for body in ({"password": "secret3"}, {"password": "a"}, {"email": "new@example.com"}):
        for token in (weak, sessionless):
            answer = auth.call("PUT", "/user", body, token=token)
            assert refusal(answer) == (401, "insufficient_aal")
    for body in ({"data": {"city": "Faro"}}, {"email": CREDENTIALS["email"]}):
        assert auth.call("PUT", "/user", body, token=weak).status_code == 200
    assert auth.call("PUT", "/user", {"password": "secret3"}, token=token_of(client)).status_code == 200


def token_of(client: Client) -> str:
    """The access token of the signed-in client."""
    session = client.auth.get_session()
    assert session is not None
    return session.access_token
