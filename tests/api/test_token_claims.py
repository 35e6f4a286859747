"""Claims of signed tokens: odd values are refused or ignored, and never stored or a 500."""

import json
import time
from typing import Any

import jwt
import pytest
from django.conf import settings

from accounts.models import User
from tests.fixtures.people import Person, client_of
from tests.fixtures.tokens import claims

ME = "/accounts/users/me/"
DAY = 24 * 3600
NUL, SURROGATE = "A\x00na", "A\ud800na"
DEEP = json.loads("[" * 400 + "]" * 400)
ODD: list[Any] = [
    None,
    True,
    0,
    -1,
    1.5,
    10**400,
    float("nan"),
    float("inf"),
    "",
    " ",
    "\x00",
    "\ud800",
    NUL,
    SURROGATE,
    "\u202eanA",
    "x" * 2000,
    [],
    ["Ana"],
    {},
    {"a": {"b": NUL}},
    {SURROGATE: NUL},
    [SURROGATE],
    DEEP,
]
FILLED = ("name", "native_language", "learning_languages", "timezone")
NAMES = [
    *("iss", "sub", "aud", "role", "iat", "exp", "nbf", "jti", "session_id", "email", "phone"),
    *("app_metadata", "user_metadata", "aal", "amr", "is_anonymous", "client_id"),
]
TEXTS = [
    *("name", "full_name", "given_name", "family_name", "username", "avatar_url", "picture", "role"),
    *("native_language", "learning_languages", "timezone", "zoneinfo", "email", "phone", NUL, SURROGATE),
]


def identity(person: Person, **changes: Any) -> dict[str, Any]:
    """Claims of a token of the person's session, with ``changes``."""
    who = {"sub": str(person.user.pk), "session_id": str(person.session_id), "email": person.user.email}
    return {**who, **changes}


def client_with(**content: Any) -> Any:
    """A client with a signed token of these claims, in which letters beyond ASCII are escaped."""
    return client_of(signed_text(json.dumps(claims(**content))))


def answer(**content: Any) -> Any:
    return client_with(**content).get(ME)


def signed_text(payload: str) -> str:
    """A token with this text as its payload, signed with the project's own key."""
    keys = settings.SUPABASE_KEYS
    headers = {"kid": keys.kid}
    return jwt.PyJWS().encode(payload.encode("latin-1"), keys.private_key, "ES256", headers)


@pytest.mark.slow
@pytest.mark.parametrize("name", NAMES)
def test_odd_claim_is_refused_or_ignored(student: Person, name: str) -> None:
    before = User.objects.values().get(pk=student.user.pk)
    for value in ODD:
        response = answer(**identity(student, **{name: value}))
        assert response.status_code in (200, 401), (value, response.content)
    changed = {"email", "email_as_of"} if name == "email" else set()
    after = User.objects.values().get(pk=student.user.pk)
    assert {key for key in after if after[key] != before[key]} <= changed | {"email_as_of"}
    assert after["email"] in (before["email"], "", " ", "\u202eanA", "x" * 255)


@pytest.mark.slow
@pytest.mark.parametrize("is_new", [False, True], ids=["known user", "new user"])
@pytest.mark.parametrize("name", TEXTS, ids=ascii)
def test_odd_metadata_are_ignored_or_stored_as_a_body_might_have_them(
    student: Person, name: str, is_new: bool
) -> None:
    for value in ODD:
        if is_new:
            User.objects.filter(pk=student.user.pk).delete()
        else:
            User.objects.filter(pk=student.user.pk).update(name="", native_language="", timezone="UTC")
        client = client_with(**identity(student, user_metadata={name: value}))
        response = client.get(ME)
        assert response.status_code == 200, (value, response.content)
        stored = {field: response.json()[field] for field in FILLED if response.json()[field]}
        saved = client.patch(ME, stored)
        assert saved.status_code == 200, (value, saved.content)
        assert {field: saved.json()[field] for field in stored} == stored


def test_nul_and_half_a_surrogate_are_left_out_of_the_profile(student: Person) -> None:
    User.objects.filter(pk=student.user.pk).delete()
    metadata = {"name": NUL, "native_language": SURROGATE, "learning_languages": [NUL, SURROGATE, "\x00"]}
    client = client_with(**identity(student, user_metadata={**metadata, SURROGATE: NUL}))
    profile = client.get(ME).json()
    assert (profile["name"], profile["native_language"]) == ("Ana", "Ana")
    assert profile["learning_languages"] == ["Ana", "Ana"]
    for email in (NUL, SURROGATE):
        assert answer(**identity(student, email=email)).status_code == 401


@pytest.mark.parametrize(
    ("lifetime", "status"), [(3600, 200), (7 * DAY, 200), (7 * DAY + 1, 401), (3650 * DAY, 401), (1e300, 401)]
)
def test_token_lives_for_seven_days_at_most(student: Person, lifetime: float, status: int) -> None:
    now = int(time.time())
    response = answer(**identity(student, iat=now, exp=now + lifetime))
    assert response.status_code == status
    if status == 401:
        assert response.json()["code"] == "invalid_token"


def test_old_token_that_expires_soon_is_refused(student: Person) -> None:
    now = int(time.time())
    assert answer(**identity(student, iat=now - 6 * DAY, exp=now + DAY)).status_code == 200
    assert answer(**identity(student, iat=now - 7 * DAY, exp=now + 60)).status_code == 401


@pytest.mark.parametrize("value", [True, False, None, "", [], {}, "1e9", float("nan"), float("inf"), 10**400])
@pytest.mark.parametrize("name", ["iat", "exp"])
def test_time_that_is_no_number_is_refused(student: Person, name: str, value: Any) -> None:
    assert answer(**identity(student, **{name: value})).status_code == 401


@pytest.mark.parametrize("name", ["iat", "exp"])
def test_time_as_a_text_is_refused_and_a_fraction_is_accepted(student: Person, name: str) -> None:
    good = claims()[name]
    assert answer(**identity(student, **{name: str(good)})).status_code == 401
    assert answer(**identity(student, **{name: good - 0.5})).status_code == 200


def test_last_of_duplicate_claims_counts(student: Person, stranger: Person) -> None:
    """RFC 7519, section 4: a parser refuses duplicate names, or takes the last one."""
    first, last = claims(**identity(stranger)), claims(**identity(student))
    response = client_of(signed_text(json.dumps(first)[:-1] + ", " + json.dumps(last)[1:])).get(ME)
    assert (response.status_code, response.json()["id"]) == (200, str(student.user.pk))


@pytest.mark.parametrize(
    "text", ["[" * 4000, '{"a":' * 1000 + "1" + "}" * 1000, "", "null", "[]", "1", "\xff"]
)
def test_payload_of_another_form_is_refused(student: Person, text: str) -> None:
    assert client_of(signed_text(text)).get(ME).status_code == 401
