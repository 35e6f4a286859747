"""Values that are recognisable as the wrong thing stop the start, and are not repeated in the error."""

import base64
import json
from typing import Any

import pytest
from django.core.exceptions import ImproperlyConfigured

from tests.fixtures.environments import HOSTED, Load, without

PUBLISHABLE = ("SUPABASE_PUBLISHABLE_KEY", "SUPABASE_ANON_KEY")
SECRET = ("SUPABASE_SECRET_KEY", "SUPABASE_SERVICE_ROLE_KEY")
REF, OTHER_REF = "abcdefghijklmnopqrst", "zyxwvutsrqponmlkjihg"


def jwt(**claims: Any) -> str:
    """A legacy API key with these claims; its signature is made up."""
    parts = ({"alg": "HS256", "typ": "JWT"}, {"iss": "supabase", "iat": 1, "exp": 2**31} | claims)
    coded = [base64.urlsafe_b64encode(json.dumps(part).encode()).decode().rstrip("=") for part in parts]
    return ".".join([*coded, "c2lnbmF0dXJl"])


def refused(load: Load, name: str, value: str, **more: str) -> str:
    """The error for the value of one variable of a hosted project. It names only that variable."""
    with pytest.raises(ImproperlyConfigured, match=rf"^{name} ") as refusal:
        load(**HOSTED | more | {name: value})
    message = str(refusal.value)
    assert " is " in message and "Expected " in message and "\n" not in message
    return message


SECRETS = {
    "sb_secret_abc": "a secret key",
    jwt(role="service_role", ref="abcd"): "a service_role key",
    jwt(role="authenticated", sub="1"): "the access token of a user",
    jwt(role="supabase_admin"): "a JWT that is not an API key",
    jwt(aud="x"): "a JWT that is not an API key",
    "sbp_0123456789": "a personal access token",
    "sk-proj-abc": "an OpenAI API key",
    "sk-ant-abc": "an Anthropic API key",
    "postgresql://postgres:word@db.abcd.supabase.co/postgres": "a PostgreSQL URL",
    "postgresql+asyncpg://postgres:word@host/postgres": "a PostgreSQL URL",
    "redis://:word@host:6379/1": "a Redis URL",
    "https://abcd.supabase.co": "a web address",
    '{"kty": "EC", "d": "x"}': "a signing key",
    "-----BEGIN PRIVATE KEY-----": "PEM format",
    "Bearer sb_publishable_x": "a whole header",
    "SUPABASE_ANON_KEY=sb_publishable_x": "a whole line",
    "NEXT_PUBLIC_SUPABASE_ANON_KEY=sb_publishable_x": "a whole line",
    '"sb_publishable_x"': "quotation marks",
    "<your publishable key>": "a placeholder",
    "your-anon-key": "a placeholder",
    **dict.fromkeys(["xxx", "null", "undefined", "TODO", "$ANON_KEY"], "a placeholder"),
    "sk_live_0123": "a key of another service",
    "ghp_0123": "a key of another service",
    "sb_publishable_x,sb_secret_y": "a secret key",
    f"{jwt(role='anon')},{jwt(role='service_role')}": "a part of a JWT, or several",
    jwt(role="service_role")[:60]: "a part of a JWT",
    "sb_publishable_x y": "a blank",
    "Qz9" * 20: "a long text",
}


@pytest.mark.parametrize("name", PUBLISHABLE)
@pytest.mark.parametrize("value", SECRETS)
def test_the_published_key_is_no_secret_and_no_other_value(load: Load, name: str, value: str) -> None:
    message = refused(load, name, value)
    assert SECRETS[value] in message and "publishable key (sb_publishable_...)" in message
    assert value not in message.replace("https://abcd.supabase.co", "")


@pytest.mark.parametrize("other", ["SUPABASE_SECRET_KEY", "SUPABASE_JWT_SECRET", "DJANGO_SECRET_KEY"])
def test_the_published_key_is_not_the_value_of_a_secret_variable(load: Load, other: str) -> None:
    message = refused(load, "SUPABASE_PUBLISHABLE_KEY", "own-words", **{other: "own-words"})
    assert other in message and "own-words" not in message


def test_the_published_key_is_not_the_password_of_the_database(load: Load) -> None:
    assert "password" in refused(load, "SUPABASE_PUBLISHABLE_KEY", "p@ss")
    assert "password" in refused(load, "SUPABASE_PUBLISHABLE_KEY", "p%40ss")


def test_a_value_that_begins_with_a_dollar_is_taken_as_it_is(load: Load) -> None:
    assert load(**HOSTED | {"DJANGO_SECRET_KEY": "$ecret-word"})["SECRET_KEY"] == "$ecret-word"


@pytest.mark.parametrize("name", ["DATABASE_URL", "SUPABASE_URL", "DJANGO_SECRET_KEY", "OPENAI_API_KEY"])
@pytest.mark.parametrize("form", ["${}", "${{{}}}"])
def test_the_name_of_a_variable_is_a_placeholder(load: Load, name: str, form: str) -> None:
    assert "a placeholder" in refused(load, name, form.format(name))


@pytest.mark.parametrize("name", SECRET)
@pytest.mark.parametrize(
    "value",
    [
        "sb_publishable_abc",
        jwt(role="anon"),
        jwt(role="authenticated"),
        "sbp_012",
        "sk-x",
        "https://abcd.supabase.co",
        "postgres://u:p@h/d",
        "sb_secret_é",
    ],
)
def test_the_secret_key_is_no_publishable_key_and_no_other_value(load: Load, name: str, value: str) -> None:
    message = refused(load, name, value)
    assert "secret key (sb_secret_...)" in message and "service_role" in message


@pytest.mark.parametrize(
    "value", ["sb_secret_hidden", jwt(role="service_role"), jwt(role="anon"), "sk-hidden"]
)
@pytest.mark.parametrize(
    "name",
    [
        "SUPABASE_URL",
        "SUPABASE_JWT_SECRET",
        "SUPABASE_JWT_ISSUER",
        "DJANGO_SECRET_KEY",
        "DATABASE_URL",
        "SENTRY_DSN",
        "OPENAI_BASE_URL",
        "OPENAI_FEEDBACK_MODEL",
        "ALLOWED_HOSTS",
        "CORS_ALLOWED_ORIGINS",
        "THROTTLE_LOGIN",
        "DEBUG",
    ],
)
def test_a_key_in_another_variable_is_refused_and_not_shown(load: Load, name: str, value: str) -> None:
    message = refused(load, name, value)
    assert "key" in message.partition("Expected")[0] and value not in message


@pytest.mark.parametrize(
    ("name", "value", "word"),
    [
        ("OPENAI_API_KEY", "sb_secret_x", "a secret key of Supabase"),
        ("OPENAI_API_KEY", "ek_0123", "an OpenAI client secret"),
        ("OPENAI_API_KEY", "org-abc", "the id of an OpenAI organization"),
        ("OPENAI_API_KEY", "sk-ant-abc", "an Anthropic API key"),
        ("OPENAI_API_KEY", "https://api.openai.com/v1", "a web address"),
        ("DATABASE_URL", "https://abcd.supabase.co", "a web address"),
        ("DATABASE_URL", "https:/abcd.supabase.co", "a web address"),
        ("DATABASE_URL", "redis://host:6379/1", "a Redis URL"),
        ("SUPABASE_URL", "postgresql://u:p@h/d", "a PostgreSQL URL"),
        ("OPENAI_BASE_URL", "https://0a1b@o1.ingest.sentry.io/2", "a Sentry DSN"),
        ("SUPABASE_JWT_SECRET", '{"kty": "EC"}', "a signing key"),
        ("OPENAI_REALTIME_MODEL", "https://api.openai.com/v1/realtime", "a web address"),
    ],
)
def test_a_value_of_another_variable_is_refused(load: Load, name: str, value: str, word: str) -> None:
    assert word in refused(load, name, value)


DASHBOARD = "https://supabase.com/dashboard/project"
NOT_A_PROJECT = {
    f"{DASHBOARD}/{REF}": f"https://{REF}.supabase.co",
    f"{DASHBOARD}/{REF}/settings/api": f"https://{REF}.supabase.co",
    "https://supabase.com/dashboard/org/x": "https://abcd.supabase.co",
    f"https://app.supabase.com/project/{REF}": f"https://{REF}.supabase.co",
    f"https://api.supabase.com/v1/projects/{REF}": f"https://{REF}.supabase.co",
    "https://db.abcd.supabase.co": "https://abcd.supabase.co",
    "https://abcd.supabase.co:5432": "https://abcd.supabase.co",
    "https://supabase.example.com:6543": "https://supabase.example.com",
    "https://aws-0-eu-central-1.pooler.supabase.com": "https://abcd.supabase.co",
    "https://abcd.supabase.com": "https://abcd.supabase.co",
    "https://abcd.storage.supabase.co": "https://abcd.supabase.co",
    "https://abcd.supabase.co/rest/v1": "https://abcd.supabase.co",
    "https://abcd.supabase.co/rest/v1/": "https://abcd.supabase.co",
    "https://abcd.supabase.co/auth/v1/callback": "https://abcd.supabase.co",
    "https://example.com/supabase": "https://example.com",
    "http://abcd.supabase.co": "https://abcd.supabase.co",
    "https://api.openai.com/v1": "https://abcd.supabase.co",
    "https://user:word@abcd.supabase.co": "https://abcd.supabase.co",
    "https://abcd.supabase.co?apikey=x": "https://abcd.supabase.co",
    "https://abcd.supabase.co/#x": "https://abcd.supabase.co",
    "https://abcd.supabase.co:port": "https://abcd.supabase.co",
    "https://abcd.supabase.co:70000": "https://abcd.supabase.co",
    "https://[abcd": "https://abcd.supabase.co",
    "abcd.supabase.co": "https://abcd.supabase.co",
    REF: f"https://{REF}.supabase.co",
    "wss://abcd.supabase.co": "https://abcd.supabase.co",
}


@pytest.mark.parametrize("value", NOT_A_PROJECT)
def test_supabase_url_is_the_api_of_a_project(load: Load, value: str) -> None:
    message = refused(load, "SUPABASE_URL", value)
    assert NOT_A_PROJECT[value] in message.partition("Expected")[2]
    assert "word" not in message and "apikey" not in message


@pytest.mark.parametrize(
    ("value", "read"),
    [
        ("https://abcd.supabase.co/", "https://abcd.supabase.co"),
        ("HTTPS://ABCD.Supabase.co", "https://abcd.supabase.co"),
        ("https://abcd.supabase.co:443", "https://abcd.supabase.co"),
        ("https://auth.example.com", "https://auth.example.com"),
        ("http://kong:8000", "http://kong:8000"),
        ("http://127.0.0.1:54321", "http://127.0.0.1:54321"),
        ("http://[::1]:54321/", "http://[::1]:54321"),
    ],
)
def test_supabase_url_may_be_of_any_installation(load: Load, value: str, read: str) -> None:
    settings = load(**HOSTED | {"SUPABASE_URL": value})
    assert (settings["SUPABASE_URL"], settings["SUPABASE_JWT_ISSUER"]) == (read, f"{read}/auth/v1")


@pytest.mark.parametrize(
    "value",
    [
        "https://abcd.supabase.co",
        "https://wxyz.supabase.co/auth/v1",
        "https://db.abcd.supabase.co/auth/v1",
        f"{DASHBOARD}/{REF}",
    ],
)
def test_the_issuer_is_that_of_the_same_project(load: Load, value: str) -> None:
    assert "/auth/v1" in refused(load, "SUPABASE_JWT_ISSUER", value).partition("Expected")[2]


@pytest.mark.parametrize("issuer", ["https://abcd.supabase.co/auth/v1", "https://auth.example.com/auth/v1"])
@pytest.mark.parametrize("url", ["https://abcd.supabase.co", "https://api.example.com"])
def test_the_issuer_may_be_a_custom_domain(load: Load, url: str, issuer: str) -> None:
    settings = load(**HOSTED | {"SUPABASE_URL": url, "SUPABASE_JWT_ISSUER": issuer})
    assert settings["SUPABASE_JWT_ISSUER"] == issuer


@pytest.mark.parametrize(
    ("name", "role"),
    [*((name, "anon") for name in PUBLISHABLE), *((name, "service_role") for name in SECRET)],
)
def test_a_legacy_key_is_of_the_same_project(load: Load, name: str, role: str) -> None:
    hosted = without(*PUBLISHABLE[:1]) if name in PUBLISHABLE else without(*SECRET[:1])
    assert load(**hosted | {name: jwt(role=role, ref="abcd")})
    message = refused(load, name, jwt(role=role, ref="wxyz"))
    assert "wxyz" in message and "SUPABASE_URL, abcd" in message
    assert "Supabase CLI" in refused(load, name, jwt(role=role, iss="supabase-demo"))


def test_a_key_of_an_own_installation_needs_no_project(load: Load) -> None:
    keys = {PUBLISHABLE[0]: jwt(role="anon"), SECRET[0]: jwt(role="service_role")}
    assert load(**HOSTED | keys | {"SUPABASE_URL": "http://kong:8000"})
    keys = {PUBLISHABLE[0]: jwt(role="anon", ref="wxyz"), SECRET[0]: "sb_secret_x"}
    assert load(**HOSTED | keys | {"SUPABASE_URL": "https://api.example.com"})
    assert load(**HOSTED | {PUBLISHABLE[0]: "Qz9" * 20, "SUPABASE_URL": "http://kong:8000"})


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://postgres:hidden@db.wxyz.supabase.co:5432/postgres",
        f"postgresql://postgres.{OTHER_REF}:hidden@aws-0-eu-central-1.pooler.supabase.com:5432/postgres",
    ],
)
def test_the_database_is_of_the_same_project(load: Load, url: str) -> None:
    message = refused(load, "DATABASE_URL", url)
    assert "abcd" in message and "hidden" not in message
    own = url.replace("wxyz", REF).replace(OTHER_REF, REF)
    assert load(**HOSTED | {"DATABASE_URL": own, "SUPABASE_URL": f"https://{REF}.supabase.co"})


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("https://api.openai.com", "https://api.openai.com/v1"),
        ("https://api.openai.com/", "https://api.openai.com/v1"),
        ("https://gateway.example.com/openai", "https://gateway.example.com/openai/v1"),
        ("https://api.openai.com/v1/realtime", "https://api.openai.com/v1"),
        ("https://api.openai.com/v1/chat/completions", "https://api.openai.com/v1"),
        ("https://api.openai.com/v1/v1", "https://api.openai.com/v1"),
        ("https://api.openai.com/v10", "Expected https://api.openai.com/v1."),
        ("https://api.openai.com/V1", "Expected https://api.openai.com/v1."),
        ("http://api.openai.com/v1", "https://api.openai.com/v1"),
        ("https://platform.openai.com/docs/v1", "https://api.openai.com/v1"),
        ("https://abcd.supabase.co/rest/v1", "https://api.openai.com/v1"),
        ("https://api.openai.com/v1?key=x", "address"),
        ("wss://api.openai.com/v1", "address"),
    ],
)
def test_the_base_url_of_openai_ends_with_the_version(load: Load, value: str, expected: str) -> None:
    message = refused(load, "OPENAI_BASE_URL", value)
    assert expected in message[message.index("Expected") :]


@pytest.mark.parametrize(
    "value",
    [
        "https://api.openai.com/v1",
        "https://eu.api.openai.com/v1",
        "https://abcd.openai.azure.com/openai/v1",
        "http://127.0.0.1:11434/v1",
        "https://gateway.example.com/v1/account/name/openai",
    ],
)
def test_the_base_url_of_openai_may_be_a_gateway(load: Load, value: str) -> None:
    assert load(**HOSTED | {"OPENAI_BASE_URL": f"{value}/"})["OPENAI_BASE_URL"] == value
