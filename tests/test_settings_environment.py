"""The settings of each environment, and the error for each invalid variable."""

import re
from pathlib import Path
from typing import Any

import pytest
from django.core.exceptions import ImproperlyConfigured

from tests.fixtures.environments import HOSTED, ROOT, Load, without


def test_the_environment_is_local_without_any_variable(load: Load) -> None:
    settings = load()
    assert (settings["LOCAL"], settings["SUPABASE_STAND_IN"]) == (True, True)
    assert settings["SUPABASE_URL"] == "http://127.0.0.1:54321"
    assert settings["SUPABASE_JWT_ISSUER"] == "http://127.0.0.1:54321/auth/v1"
    assert settings["DATABASES"]["default"]["ENGINE"] == "standins.postgres"
    assert "linguaflex.local" in settings["INSTALLED_APPS"]


def test_an_empty_variable_counts_as_unset(load: Load) -> None:
    plain = load()
    numbers = {"LINGUAFLEX_SUPABASE_PORT": "", "TRUSTED_PROXY_COUNT": " ", "DEBUG": ""}
    settings = load(**dict.fromkeys(HOSTED, ""), **numbers, THROTTLE_LOGIN="", LINGUAFLEX_ENV="")
    for name in ("LOCAL", "DEBUG", "SUPABASE_URL", "SECRET_KEY", "REST_FRAMEWORK", "TRUSTED_PROXY_COUNT"):
        assert settings[name] == plain[name]


def test_a_hosted_project_is_production(load: Load) -> None:
    settings = load(**HOSTED)
    assert (settings["LOCAL"], settings["SUPABASE_STAND_IN"], settings["DEBUG"]) == (False, False, False)
    assert "linguaflex.local" not in settings["INSTALLED_APPS"]
    assert settings["SUPABASE_SECRET_KEY"] == "sb_secret_x"
    assert settings["SUPABASE_JWT_ISSUER"] == "https://abcd.supabase.co/auth/v1"
    assert settings["SECRET_KEY"] == "signs cursors"
    assert (settings["ALLOWED_HOSTS"], settings["CORS_ALLOWED_ORIGINS"]) == ([], [])
    assert settings["SECURE_SSL_REDIRECT"]
    assert "CORS_ALLOWED_ORIGIN_REGEXES" not in settings
    assert "SECURE_PROXY_SSL_HEADER" not in settings


def test_admin_cookies_expire_after_12_hours_and_require_https(load: Load) -> None:
    settings = load(**HOSTED)
    assert settings["SESSION_COOKIE_AGE"] == 12 * 3600
    assert settings["SESSION_COOKIE_SECURE"] and settings["CSRF_COOKIE_SECURE"]
    assert "SESSION_COOKIE_SECURE" not in load()


def test_explicit_local_gives_local_settings_with_a_hosted_project(load: Load) -> None:
    settings = load(**HOSTED, LINGUAFLEX_ENV="local")
    assert (settings["LOCAL"], settings["SUPABASE_STAND_IN"]) == (True, False)
    assert settings["SUPABASE_URL"] == "https://abcd.supabase.co"
    assert settings["DATABASES"]["default"]["ENGINE"] == "django.db.backends.postgresql"
    assert "SECURE_SSL_REDIRECT" not in settings


@pytest.mark.parametrize(
    "url",
    [
        HOSTED["DATABASE_URL"],
        "postgresql://postgres@10.0.0.7/postgres",
        "postgresql://postgres@localhost,db.example.com/postgres",
        "postgresql:///postgres?host=db.example.com",
        "postgresql://localhost/postgres?hostaddr=10.0.0.7",
        "postgresql:///postgres?service=hosted",
    ],
)
def test_the_stand_in_refuses_a_database_on_another_machine(load: Load, url: str) -> None:
    with pytest.raises(ImproperlyConfigured, match=r"^SUPABASE_URL is not set.*Set SUPABASE_URL too"):
        load(LINGUAFLEX_ENV="local", DATABASE_URL=url)


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://postgres@localhost:5432/postgres",
        "postgresql://postgres@127.0.0.1/postgres",
        "postgresql://postgres@[::1]:5432/postgres",
        "postgresql:///postgres",
        "postgresql://postgres@/postgres?host=%2Fvar%2Frun%2Fpostgresql",
    ],
)
def test_the_stand_in_uses_a_database_of_this_machine(load: Load, url: str) -> None:
    settings = load(LINGUAFLEX_ENV="local", DATABASE_URL=url)
    assert settings["SUPABASE_STAND_IN"]
    assert settings["DATABASES"]["default"]["ENGINE"] == "django.db.backends.postgresql"


@pytest.mark.parametrize("name", ["PGHOST", "PGHOSTADDR", "PGSERVICE"])
def test_the_stand_in_obeys_the_variables_of_libpq(load: Load, name: str) -> None:
    with pytest.raises(ImproperlyConfigured, match=r"^SUPABASE_URL is not set"):
        load(LINGUAFLEX_ENV="local", DATABASE_URL="postgresql:///postgres", **{name: "10.0.0.7"})


@pytest.mark.parametrize("explicit", [{}, {"LINGUAFLEX_ENV": "production"}], ids=["implied", "explicit"])
@pytest.mark.parametrize("forgotten", ["DATABASE_URL", "SUPABASE_URL"])
def test_one_url_without_the_other_is_refused(load: Load, forgotten: str, explicit: Any) -> None:
    with pytest.raises(ImproperlyConfigured, match=rf"^{forgotten} not set\..* without DATABASE_URL"):
        load(**without(forgotten), **explicit)


def test_production_without_urls_names_both_variables(load: Load) -> None:
    with pytest.raises(ImproperlyConfigured, match=r"^DATABASE_URL and SUPABASE_URL not set"):
        load(LINGUAFLEX_ENV="production")


@pytest.mark.parametrize("name", ["DJANGO_SECRET_KEY", "SUPABASE_PUBLISHABLE_KEY", "SUPABASE_SECRET_KEY"])
def test_production_requires_its_keys(load: Load, name: str) -> None:
    with pytest.raises(ImproperlyConfigured, match=name):
        load(**without(name))


def test_the_older_names_of_the_keys_are_accepted(load: Load) -> None:
    legacy = {"SUPABASE_ANON_KEY": "anon", "SUPABASE_SERVICE_ROLE_KEY": "service"}
    settings = load(**without("SUPABASE_PUBLISHABLE_KEY", "SUPABASE_SECRET_KEY"), **legacy)
    assert (settings["SUPABASE_PUBLISHABLE_KEY"], settings["SUPABASE_SECRET_KEY"]) == ("anon", "service")


def test_hs256_requires_the_legacy_secret(load: Load) -> None:
    assert load(**HOSTED)["SUPABASE_JWT_ALGORITHMS"] == ["ES256", "RS256"]
    settings = load(**HOSTED, SUPABASE_JWT_SECRET="shared")
    assert settings["SUPABASE_JWT_ALGORITHMS"] == ["ES256", "RS256", "HS256"]


@pytest.mark.parametrize(
    ("port", "expected"),
    [
        (5432, {"CONN_MAX_AGE": 60, "CONN_HEALTH_CHECKS": True}),
        (6543, {"CONN_MAX_AGE": 0, "DISABLE_SERVER_SIDE_CURSORS": True}),
    ],
)
def test_the_transaction_pooler_is_detected_by_its_port(load: Load, port: int, expected: Any) -> None:
    url = HOSTED["DATABASE_URL"].replace("5432", str(port))
    database = load(**HOSTED | {"DATABASE_URL": url})["DATABASES"]["default"]
    assert database.items() >= expected.items()
    assert (database["PASSWORD"], database["OPTIONS"]["sslmode"]) == ("p@ss", "require")


def test_lists_and_proxies_are_read(load: Load) -> None:
    settings = load(
        **HOSTED,
        ALLOWED_HOSTS="api.example.com, 10.0.0.1",
        CORS_ALLOWED_ORIGINS="https://app.example.com",
        TRUSTED_PROXY_COUNT="2",
        THROTTLE_LOGIN="5/min",
    )
    assert settings["ALLOWED_HOSTS"] == ["api.example.com", "10.0.0.1"]
    assert settings["CORS_ALLOWED_ORIGINS"] == ["https://app.example.com"]
    assert settings["TRUSTED_PROXY_COUNT"] == 2
    assert settings["REST_FRAMEWORK"]["DEFAULT_THROTTLE_RATES"]["login"] == "5/min"
    assert settings["SECURE_PROXY_SSL_HEADER"] == ("HTTP_X_FORWARDED_PROTO", "https")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("LINGUAFLEX_ENV", "prod"),
        ("DEBUG", "maybe"),
        ("LINGUAFLEX_CONFIRM_EMAIL", "2"),
        ("LINGUAFLEX_HOST", "192.168.1.5"),
        ("LINGUAFLEX_SITE_URL", "localhost:5173"),
        ("LINGUAFLEX_SUPABASE_PORT", "0"),
        ("LINGUAFLEX_SUPABASE_PORT", "65536"),
        ("LINGUAFLEX_SUPABASE_PORT", "http"),
        ("SUPABASE_URL", "abcd.supabase.co"),
        ("SUPABASE_JWT_ISSUER", "abcd"),
        ("DATABASE_URL", "mysql://user:hidden@host/name"),
        ("DATABASE_URL", "postgresql://user:hidden@host:port/name"),
        ("DATABASE_URL", "postgresql://user:hidden/word@host:5432/name"),
        ("ALLOWED_HOSTS", "https://api.example.com"),
        ("DATABASE_URL", "postgresql://user:12?hidden@host:5432/name"),
        ("DATABASE_URL", "postgresql://user:hidden@host:5432"),
        ("ALLOWED_HOSTS", "api.example.com/"),
        ("ALLOWED_HOSTS", "api.example.com:8000"),
        ("ALLOWED_HOSTS", "api.example.com, 10.0.0.1:80"),
        ("CORS_ALLOWED_ORIGINS", "app.example.com"),
        ("CORS_ALLOWED_ORIGINS", "https://app.example.com/"),
        ("CORS_ALLOWED_ORIGINS", "https://App.example.com"),
        ("CORS_ALLOWED_ORIGINS", "https://app.example.com#top"),
        ("CORS_ALLOWED_ORIGINS", "*"),
        ("SENTRY_DSN", "hidden"),
        ("SENTRY_DSN", "https://hidden@o1.ingest.sentry.io/project"),
        ("TRUSTED_PROXY_COUNT", "-1"),
        ("TRUSTED_PROXY_COUNT", "11"),
        ("VOICE_MINUTES_PER_DAY", "2147483648"),
        ("THROTTLE_REGISTRATION", "20"),
        ("THROTTLE_LOGIN", "0/min"),
        ("THROTTLE_LOGIN", "10000000000/min"),
        ("THROTTLE_MAIL", "10/fortnight"),
        ("OPENAI_FEEDBACK_EFFORT", "some"),
        ("OPENAI_FEEDBACK_VERBOSITY", "max"),
    ],
)
def test_an_invalid_value_is_refused_with_the_name_of_its_variable(load: Load, name: str, value: str) -> None:
    with pytest.raises(ImproperlyConfigured, match=rf"^{name} ") as refusal:
        load(**HOSTED | {name: value})
    assert "\n" not in str(refusal.value)
    assert "hidden" not in str(refusal.value)


def test_transcription_models_are_a_list_in_order_of_preference(load: Load) -> None:
    usual = ["gpt-live-transcribe", "gpt-transcribe", "gpt-4o-transcribe"]
    assert load(**HOSTED)["OPENAI_TRANSCRIPTION_MODELS"] == usual
    settings = load(**HOSTED, OPENAI_TRANSCRIPTION_MODEL="whisper-1, gpt-transcribe,")
    assert settings["OPENAI_TRANSCRIPTION_MODELS"] == ["whisper-1", "gpt-transcribe"]


def test_feedback_has_little_effort_and_few_words_by_default(load: Load) -> None:
    names = ("OPENAI_FEEDBACK_MODEL", "OPENAI_FEEDBACK_EFFORT", "OPENAI_FEEDBACK_VERBOSITY")
    settings = load(**HOSTED)
    assert [settings[name] for name in names] == ["gpt-6.1-terra", "low", "low"]
    settings = load(**HOSTED, OPENAI_FEEDBACK_EFFORT="none", OPENAI_FEEDBACK_VERBOSITY="high")
    assert [settings[name] for name in names[1:]] == ["none", "high"]


def test_every_form_of_host_name_and_origin_is_accepted(load: Load) -> None:
    hosts = ["api.example.com", ".example.com", "localhost", "10.0.0.1", "[::1]", "*"]
    origins = ["https://app.example.com", "http://localhost:3000", "http://[::1]:5173"]
    settings = load(**HOSTED, ALLOWED_HOSTS=",".join(hosts), CORS_ALLOWED_ORIGINS=", ".join(origins))
    assert (settings["ALLOWED_HOSTS"], settings["CORS_ALLOWED_ORIGINS"]) == (hosts, origins)


@pytest.mark.parametrize("place", ["file", "file/below", "/proc/below", "/proc"])
def test_a_data_folder_that_cannot_be_created_or_used_is_refused(
    load: Load, tmp_path: Path, place: str
) -> None:
    (tmp_path / "file").touch()
    folder = tmp_path / place
    with pytest.raises(ImproperlyConfigured, match=r"^LINGUAFLEX_DATA_DIR is '.*'. Expected a folder"):
        load(LINGUAFLEX_DATA_DIR=str(folder))
    assert load(LINGUAFLEX_DATA_DIR=str(tmp_path / "a" / "b"))["LINGUAFLEX_DATA_DIR"].is_dir()


def test_the_folder_of_postgresqls_programs_is_optional_and_may_be_relative(load: Load) -> None:
    assert load()["DATABASES"]["default"]["PROGRAMS_DIR"] is None
    database = load(LINGUAFLEX_POSTGRES_BIN="pgsql/bin")["DATABASES"]["default"]
    assert database["PROGRAMS_DIR"] == Path.cwd() / "pgsql/bin"


@pytest.mark.parametrize("word", ["1", "true", "Yes", "on", "0", "False", "no", "OFF"])
def test_a_switch_accepts_the_words_that_its_error_lists(load: Load, word: str) -> None:
    with pytest.raises(ImproperlyConfigured, match=r"^DEBUG is 'maybe'") as refusal:
        load(DEBUG="maybe")
    assert word.lower() in re.findall(r"\w+", str(refusal.value).partition("Expected ")[2])
    assert load(DEBUG=word)["DEBUG"] is (word.lower() in ("1", "true", "yes", "on"))


def test_the_example_file_sets_no_variable() -> None:
    example = (ROOT / ".env.example").read_text().splitlines()
    assert [line for line in example if line and not line.startswith("#")] == []


def test_the_example_file_is_a_production_configuration_except_for_the_secret(load: Load) -> None:
    example = (ROOT / ".env.example").read_text()
    (block,) = (block for block in example.split("\n\n") if block.startswith("# Required in production"))
    given = dict(re.findall(r"^# ([A-Z_]+)=(.*)$", block, re.MULTILINE))
    with pytest.raises(ImproperlyConfigured, match=r"^DJANGO_SECRET_KEY "):
        load(**given)
    settings = load(**given | {"DJANGO_SECRET_KEY": "own"})
    assert not settings["LOCAL"] and settings["ALLOWED_HOSTS"] and settings["CORS_ALLOWED_ORIGINS"]
