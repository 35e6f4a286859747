"""Authentication, on every route of the project."""

import base64
import hashlib
import hmac
import json
import uuid
from datetime import UTC, datetime, timedelta
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from django.conf import settings
from django.db import connection

from accounts.integrations import jwks
from accounts.models import User
from accounts.models.bans import FOREVER
from accounts.rest.viewsets import PublicEndpoint
from tests.fixtures.people import Person, client_of
from tests.fixtures.routes import all_routes
from tests.fixtures.tokens import REMOVED, claims, signed

ME = "/accounts/users/me/"
OTHER_KEY = ec.generate_private_key(ec.SECP256R1())


def forged(header: dict[str, Any], key: Any = OTHER_KEY, algorithm: str = "ES256") -> str:
    """A token with valid claims, signed with another key."""
    return jwt.encode(claims(), key, algorithm=algorithm, headers=header)


def unsigned() -> str:
    """A token with the algorithm "none"."""
    return jwt.encode(claims(), None, algorithm="none", headers={"kid": settings.SUPABASE_KEYS.kid})


def signed_with_the_public_key() -> str:
    """Algorithm confusion: HS256 with the public key as secret. Built by hand, because PyJWT refuses."""
    pem = settings.SUPABASE_KEYS.public_key.public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    parts = ({"alg": "HS256", "typ": "JWT", "kid": settings.SUPABASE_KEYS.kid}, claims())
    body = b".".join(encoded(json.dumps(part).encode()) for part in parts)
    return (body + b"." + encoded(hmac.new(pem, body, hashlib.sha256).digest())).decode()


def encoded(content: bytes) -> bytes:
    return base64.urlsafe_b64encode(content).rstrip(b"=")


def own_key_in_header() -> str:
    """A token with its own key in the header (jwk, jku, x5u)."""
    public = json.loads(jwt.algorithms.ECAlgorithm.to_jwk(OTHER_KEY.public_key()))
    kid = settings.SUPABASE_KEYS.kid
    return forged({"kid": kid, "jwk": public, "jku": "http://127.0.0.1:1/", "x5u": "http://a/"})


def kid() -> str:
    return settings.SUPABASE_KEYS.kid


NOW = int(datetime.now(UTC).timestamp())
LEGACY_KEY_CLAIMS = {"sub": REMOVED, "aud": REMOVED, "session_id": REMOVED, "iss": "supabase"}
# Name -> a function that returns the Authorization header, and the code of the refusal.
BAD_HEADERS: dict[str, tuple[Any, str]] = {
    "none at all": (lambda: None, "not_authenticated"),
    "another scheme": (lambda: "Basic YTpi", "not_authenticated"),
    "Bearer without a token": (lambda: "Bearer", "invalid_token"),
    "two tokens": (lambda: "Bearer a b", "invalid_token"),
    "publishable key": (lambda: f"Bearer {settings.SUPABASE_PUBLISHABLE_KEY}", "invalid_token"),
    "secret key": (lambda: f"Bearer {settings.SUPABASE_SECRET_KEY}", "invalid_token"),
    "not a token": (lambda: "Bearer abc", "invalid_token"),
    "three dots": (lambda: "Bearer ...", "invalid_token"),
    "nested header": (
        lambda: f"Bearer {encoded(b'[' * 4000).decode()}.e30.x",
        "invalid_token",
    ),
    "header of another type": (lambda: f"Bearer {encoded(b'[1]').decode()}.e30.x", "invalid_token"),
    "20 KB": (lambda: "Bearer " + "a" * 20_000, "invalid_token"),
    "anonymous key": (
        lambda: f"Bearer {signed(role='anon', **LEGACY_KEY_CLAIMS)}",
        "invalid_token",
    ),
    "service key": (
        lambda: f"Bearer {signed(role='service_role', **LEGACY_KEY_CLAIMS)}",
        "invalid_token",
    ),
    "service role of a user": (lambda: f"Bearer {signed(role='service_role')}", "invalid_token"),
    "unsigned": (lambda: f"Bearer {unsigned()}", "invalid_token"),
    "HS256 by the public key": (lambda: f"Bearer {signed_with_the_public_key()}", "invalid_token"),
    "HS256 by a guess": (
        lambda: "Bearer " + forged({"kid": kid()}, "secret" * 8, "HS256"),
        "invalid_token",
    ),
    "unknown kid": (lambda: "Bearer " + forged({"kid": "unknown"}), "invalid_token"),
    "kid as a path": (lambda: "Bearer " + forged({"kid": "../../etc/passwd"}), "invalid_token"),
    "no kid": (lambda: "Bearer " + forged({}), "invalid_token"),
    "known kid, other key": (lambda: "Bearer " + forged({"kid": kid()}), "invalid_token"),
    "its own key in the header": (lambda: f"Bearer {own_key_in_header()}", "invalid_token"),
    "another project": (lambda: f"Bearer {signed(iss='http://x/auth/v1')}", "invalid_token"),
    "no issuer": (lambda: f"Bearer {signed(iss=REMOVED)}", "invalid_token"),
    "another audience": (lambda: f"Bearer {signed(aud='anon')}", "invalid_token"),
    "a list of audiences": (lambda: f"Bearer {signed(aud=['authenticated'])}", "invalid_token"),
    "expired": (lambda: f"Bearer {signed(iat=NOW - 7200, exp=NOW - 3600)}", "token_expired"),
    "no expiry": (lambda: f"Bearer {signed(exp=REMOVED)}", "invalid_token"),
    "from the future": (lambda: f"Bearer {signed(iat=NOW + 3600)}", "invalid_token"),
    "no session": (lambda: f"Bearer {signed(session_id=REMOVED)}", "invalid_token"),
    "session no UUID": (lambda: f"Bearer {signed(session_id='1')}", "invalid_token"),
    "sub no UUID": (lambda: f"Bearer {signed(sub='1')}", "invalid_token"),
    "sub a number": (lambda: f"Bearer {signed(sub=1)}", "invalid_token"),
    "sub a list": (lambda: f"Bearer {signed(sub=[str(uuid.uuid4())])}", "invalid_token"),
    "session a number": (lambda: f"Bearer {signed(session_id=5)}", "invalid_token"),
    "session a list": (lambda: f"Bearer {signed(session_id=['a'])}", "invalid_token"),
    "an OAuth client's": (lambda: f"Bearer {signed(client_id='app')}", "invalid_token"),
    "anonymous user": (lambda: f"Bearer {signed(is_anonymous=True)}", "invalid_token"),
    "unknown session": (lambda: f"Bearer {signed()}", "invalid_token"),
}
GUARDED = [route for route in all_routes() if not route.is_open]
MARKETPLACE = {  # needs no token with PUBLIC_MARKETPLACE
    "GET /accounts/gigs/",
    "GET /accounts/gigs/<number:pk>/",
    "GET /accounts/teachers/",
    "GET /accounts/teachers/<any_uuid:pk>/",
}


@pytest.mark.slow
@pytest.mark.parametrize("name", BAD_HEADERS)
def test_bad_token_is_refused_on_every_guarded_route(name: str, db: None, supabase: Any) -> None:
    make, code = BAD_HEADERS[name]
    header = make()
    client = client_of()
    if header is not None:
        client.credentials(HTTP_AUTHORIZATION=header)
    assert len(GUARDED) >= 14
    for route in GUARDED:
        response = getattr(client, route.method)(route.path, {})
        assert (response.status_code, response.json()["code"]) == (401, code), str(route)
        challenge = 'Bearer error="invalid_token"' if code != "not_authenticated" else "Bearer"
        assert response["WWW-Authenticate"] == challenge
    assert not User.objects.exists()


def test_public_endpoints_are_exactly_these(supabase: Any) -> None:
    names = {route.view.__name__ for route in all_routes() if issubclass(route.view, PublicEndpoint)}
    assert names == {
        "RegistrationViewSet",
        "SupabaseConfigView",
        "RootView",
        "WelcomeView",
        "IndexView",
        "HealthView",
        "ReadyView",
        "WorkerHealthView",
        "MetricsView",
    }


@pytest.mark.parametrize("is_public", [False, True])
def test_other_endpoints_need_a_token_except_for_reads_of_a_public_marketplace(
    is_public: bool, db: None, supabase: Any, settings: Any
) -> None:
    settings.PUBLIC_MARKETPLACE = is_public
    answers = {str(route): getattr(client_of(), route.method)(route.path, {}) for route in GUARDED}
    found = {route for route, answer in answers.items() if answer.status_code != 401}
    assert found == (MARKETPLACE if is_public else set())


@pytest.mark.parametrize(
    "name", [name for name, (_, code) in BAD_HEADERS.items() if code != "not_authenticated"]
)
def test_a_public_marketplace_refuses_bad_tokens(name: str, db: None, supabase: Any, settings: Any) -> None:
    settings.PUBLIC_MARKETPLACE = True
    make, code = BAD_HEADERS[name]
    client = client_of()
    client.credentials(HTTP_AUTHORIZATION=make())
    for route in GUARDED:
        if str(route) in MARKETPLACE:
            response = client.get(route.path)
            assert (response.status_code, response.json()["code"]) == (401, code), str(route)


def test_public_endpoints_ignore_an_invalid_token(db: None, supabase: Any) -> None:
    client = client_of("stale")
    assert client.get("/accounts/supabase/config/").status_code == 200
    assert client.get("/ready/").status_code == 200
    assert client.post("/accounts/login/", {}).status_code == 400


def test_first_token_creates_the_user_from_valid_metadata_only(student: Person) -> None:
    user_id = student.user.pk
    User.objects.filter(pk=user_id).delete()
    metadata = {
        "name": "  Ana  ",
        "role": "admin",
        "is_staff": True,
        "native_language": 5,
        "learning_languages": ["Spanish", 7, " "],
        "timezone": "Mars/Olympus",
    }
    token = signed(
        sub=str(user_id),
        session_id=str(student.session_id),
        user_metadata=metadata,
        email="ana@example.com",
    )
    profile = client_of(token).get(ME).json()
    assert (profile["name"], profile["role"], profile["is_staff"]) == ("Ana", "student", False)
    assert (profile["learning_languages"], profile["timezone"]) == (["Spanish"], "UTC")
    assert profile["native_language"] == ""


def test_new_email_is_stored_and_never_selects_the_user(student: Person, stranger: Person) -> None:
    token = signed(
        sub=str(student.user.pk),
        session_id=str(student.session_id),
        email=stranger.user.email,
    )
    profile = client_of(token).get(ME).json()
    assert (profile["id"], profile["email"]) == (str(student.user.pk), stranger.user.email)
    assert stranger.client.get(ME).json()["id"] == str(stranger.user.pk)


@pytest.mark.parametrize("email", [5, 0, None, ["ana@example.com"], {}, "x" * 256], ids=repr)
def test_invalid_email_claim_is_refused_and_not_stored(student: Person, email: Any) -> None:
    token = signed(sub=str(student.user.pk), session_id=str(student.session_id), email=email)
    assert client_of(token).get(ME).status_code == 401
    assert User.objects.get(pk=student.user.pk).email == student.user.email


def test_email_of_an_older_token_is_not_stored(student: Person) -> None:
    def email_with(issued: int, email: str) -> str:
        who = {"sub": str(student.user.pk), "session_id": str(student.session_id)}
        return client_of(signed(**who, iat=issued, email=email)).get(ME).json()["email"]

    for issued, carried, expected in (
        (NOW - 60, "old@example.com", "old@example.com"),
        (NOW - 30, "new@example.com", "new@example.com"),
        (NOW - 60, "old@example.com", "new@example.com"),
        (NOW - 45, "other@example.com", "new@example.com"),
        (NOW - 10, "old@example.com", "old@example.com"),
    ):
        assert email_with(issued, carried) == expected
        assert User.objects.get(pk=student.user.pk).email == expected


def test_email_of_another_member_of_staff_is_not_stored(
    student: Person, stranger: Person, caplog: pytest.LogCaptureFixture
) -> None:
    User.objects.update(is_staff=True)
    who = {"sub": str(student.user.pk), "session_id": str(student.session_id)}
    client = client_of(signed(**who, email=stranger.user.email.upper()))
    for _ in range(2):
        response = client.get(ME)
        assert (response.status_code, response.json()["email"]) == (200, student.user.email)
    assert caplog.text.count("keeps an old address") == 1


@pytest.mark.parametrize(
    "sql",
    [
        "delete from auth.sessions where user_id = %s",
        "update auth.users set banned_until = now() + interval '1 hour' where id = %s",
        "update auth.users set deleted_at = now() where id = %s",
        "delete from auth.users where id = %s",
        "update auth.sessions set not_after = now() where user_id = %s",
    ],
)
def test_session_ended_elsewhere_is_refused_at_once(student: Person, sql: str) -> None:
    assert student.client.get(ME).status_code == 200
    with connection.cursor() as cursor:
        cursor.execute(sql, [str(student.user.pk)])
    response = student.client.get(ME)
    assert (response.status_code, response.json()["code"]) == (401, "invalid_token")


def test_session_of_another_account_is_refused(student: Person, stranger: Person) -> None:
    token = signed(sub=str(student.user.pk), session_id=str(stranger.session_id))
    assert client_of(token).get(ME).status_code == 401


def test_user_is_refused_until_the_ban_ends(student: Person) -> None:
    now = datetime.now(UTC)
    for until, status in (
        (FOREVER, 401),
        (now + timedelta(hours=1), 401),
        (now - timedelta(seconds=1), 200),
        (None, 200),
    ):
        User.objects.filter(pk=student.user.pk).update(banned_until=until)
        response = student.client.get(ME)
        assert response.status_code == status, until
        if status == 401:
            assert (response.json()["code"], "ban" in str(response.json())) == ("invalid_token", False)


def test_token_without_reachable_keys_is_a_503(student: Person, settings: Any) -> None:
    settings.SUPABASE_URL = "http://127.0.0.1:1"
    response = student.client.get(ME)
    assert (response.status_code, response.json()["code"]) == (503, "keys_unavailable")
    assert response["Retry-After"] == "5"
    assert student.client.get("/ready/").status_code == 503
    jwks.store_of.cache_clear()


def test_guard_costs_one_query(student: Person, teacher: Person, django_assert_num_queries: Any) -> None:
    # User and session; then a teacher's teaching profile, which only this endpoint reads.
    for person, count in ((student, 1), (teacher, 2)):
        person.client.get(ME)
        with django_assert_num_queries(count):
            assert bool(person.client.get(ME).json()["teacher"]) == (person is teacher)


@pytest.mark.django_db(transaction=True)
def test_a_request_survives_a_lost_connection(student: Person) -> None:
    assert student.client.get(ME).status_code == 200
    other = connection.copy()
    with other.cursor() as cursor:
        cursor.execute("select pg_terminate_backend(%s)", [connection.connection.info.backend_pid])
    other.close()
    assert student.client.get(ME).status_code == 200


@pytest.mark.parametrize("secret", ["", "legacy-secret-of-at-least-32-characters"])
def test_hs256_is_accepted_only_with_the_legacy_secret(student: Person, settings: Any, secret: str) -> None:
    key = "legacy-secret-of-at-least-32-characters"
    body = claims(sub=str(student.user.pk), session_id=str(student.session_id))
    settings.SUPABASE_JWT_SECRET = secret
    settings.SUPABASE_JWT_ALGORITHMS = ["ES256", "RS256"] + (["HS256"] if secret else [])
    client = client_of(jwt.encode(body, key, algorithm="HS256"))
    assert client.get(ME).status_code == (200 if secret else 401)


def test_token_issued_seconds_in_the_future_is_accepted(student: Person) -> None:
    soon = datetime.now(UTC) + timedelta(seconds=5)
    token = signed(sub=str(student.user.pk), session_id=str(student.session_id), iat=int(soon.timestamp()))
    assert client_of(token).get(ME).status_code == 200
