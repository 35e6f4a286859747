"""What the doctor finds about a project of Supabase, each fault beside a sound project."""

import re
from datetime import timedelta
from typing import Any

import pytest

from accounts.doctor import configuration, supabase
from accounts.doctor.examination import SECONDS_PER_CHECK
from accounts.integrations import supabase_client, supabase_probes
from tests.fixtures.doctor import answering, findings, sentences
from tests.fixtures.people import Person
from tests.fixtures.pictures import Bucket
from tests.fixtures.slow_servers import silent_server

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("supabase")]

PUBLISHABLE, SECRET, SIGNING, CLOCK, BUCKET = ([check] for check in supabase.checks())


def test_a_sound_project_has_no_findings(uploads: Bucket) -> None:
    assert findings(supabase.checks()) == []


def test_a_refused_secret_key_is_found(settings: Any, uploads: Bucket) -> None:
    settings.SUPABASE_SECRET_KEY = "sb_secret_of_another_project"
    assert findings(supabase.checks()) == ["secret_key_refused", "secret_key_refused"]


def test_the_publishable_key_in_place_of_the_secret_key_is_found(settings: Any) -> None:
    settings.SUPABASE_SECRET_KEY = settings.SUPABASE_PUBLISHABLE_KEY
    assert findings(SECRET) == ["secret_key_refused"]


def test_a_refused_publishable_key_is_found(settings: Any) -> None:
    settings.SUPABASE_PUBLISHABLE_KEY = "sb_publishable_of_another_project"
    assert findings(PUBLISHABLE) == ["publishable_key_refused"]


def test_a_publishable_key_that_is_secret_is_found(settings: Any) -> None:
    settings.SUPABASE_PUBLISHABLE_KEY = settings.SUPABASE_SECRET_KEY
    assert findings(PUBLISHABLE) == ["publishable_key_is_secret"]


def test_an_unreachable_project_is_an_error_and_its_other_checks_are_not_run(settings: Any) -> None:
    settings.SUPABASE_URL = "http://127.0.0.1:9"
    assert findings(supabase.checks()) == [
        "supabase_unreachable",
        "not_run",
        "signing_keys_unreadable",
        "not_run",
        "not_run",
    ]


def test_a_project_that_never_answers_is_an_error(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    assert supabase_probes.TIMEOUT_SECONDS < SECONDS_PER_CHECK < supabase_client.TIMEOUT_SECONDS
    monkeypatch.setattr(supabase_probes, "TIMEOUT_SECONDS", 0.1)
    with silent_server() as port:
        settings.SUPABASE_URL = f"http://127.0.0.1:{port}"
        assert findings(PUBLISHABLE, seconds=SECONDS_PER_CHECK) == ["supabase_unreachable"]


@pytest.mark.parametrize(
    ("status", "body"), [(404, b"<html>"), (200, b"<html>"), (200, b'{"status": "ok"}'), (200, b"null")]
)
def test_another_server_at_the_address_is_found(settings: Any, status: int, body: bytes) -> None:
    with answering(body, status=status) as settings.SUPABASE_URL:
        assert findings(PUBLISHABLE) == ["supabase_url_wrong"]


@pytest.mark.parametrize(
    ("status", "body", "found"),
    [
        (200, b"<html>", "signing_keys_unreadable"),
        (500, b"{}", "signing_keys_unreadable"),
        (200, b'{"keys": []}', "signing_keys_missing"),
        (200, b'{"keys": [{"kty": "EC", "kid": "1"}]}', "signing_keys_missing"),
    ],
)
def test_unreadable_and_missing_signing_keys_are_found(
    settings: Any, status: int, body: bytes, found: str
) -> None:
    with answering(body, status=status) as settings.SUPABASE_URL:
        assert findings(SIGNING) == [found]


def test_a_project_with_the_legacy_secret_needs_no_published_key(settings: Any) -> None:
    settings.SUPABASE_JWT_SECRET = "legacy"
    with answering(b'{"keys": []}') as settings.SUPABASE_URL:
        assert findings(SIGNING) == []


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (-45, r" 4[456] seconds ahead of Supabase's"),
        (45, r" 4[456] seconds behind Supabase's"),
        (20, ""),
        (-20, ""),
    ],
)
def test_a_clock_that_differs_by_more_than_30_seconds_is_found(
    settings: Any, seconds: int, text: str
) -> None:
    with answering(ahead=timedelta(seconds=seconds)) as settings.SUPABASE_URL:
        found = sentences(CLOCK)
    assert re.search(text, found) and bool(found) == bool(text)


def test_an_answer_without_a_date_is_a_warning(settings: Any) -> None:
    with answering(ahead=None) as settings.SUPABASE_URL:
        assert findings(CLOCK) == ["clock_not_compared"]


# ------------------------------------------------------------------------------- the bucket


def test_a_missing_bucket_is_found(bucket: Bucket) -> None:
    assert findings(BUCKET) == ["bucket_missing"]


def test_a_missing_bucket_with_pictures_in_it_is_an_error(bucket: Bucket, student: Person) -> None:
    student.user.replace_profile_picture("pictures/1.webp")
    assert findings(BUCKET) == ["pictures_missing"]


def test_a_private_bucket_is_found(uploads: Bucket) -> None:
    uploads.sql("update storage.buckets set public = false")
    assert findings(BUCKET) == ["bucket_private"]


@pytest.mark.parametrize("change", ["file_size_limit = 1000000000", "allowed_mime_types = null"])
def test_other_limits_of_the_bucket_are_found(uploads: Bucket, change: str) -> None:
    uploads.sql(f"update storage.buckets set {change}")
    assert findings(BUCKET) == ["bucket_limits_differ"]


# --------------------------------------------------------------------------------- addresses


@pytest.mark.parametrize("name", ["SUPABASE_URL", "OPENAI_BASE_URL"])
def test_plain_http_to_another_machine_is_found(settings: Any, name: str) -> None:
    assert findings(configuration.checks()) == []
    for host, found in {
        "http://10.0.0.7:8000": ["address_not_encrypted"],
        "http://kong:8000": ["address_not_encrypted"],
        "https://kong:8000": [],
        "http://localhost:8000": [],
        "http://[::1]:8000": [],
    }.items():
        setattr(settings, name, f"{host}/v1" if name == "OPENAI_BASE_URL" else host)
        assert findings(configuration.checks()) == found, host
