"""GET /metrics/: Prometheus' format, for the bearer of METRICS_TOKEN only."""

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.db import OperationalError, connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from prometheus_client.parser import text_string_to_metric_families

from accounts.models import VoiceConversation, VoiceSession, WorkerHeartbeat
from accounts.services import feedback
from tests.api.test_conventions import refused
from tests.fixtures.environments import ROOT, Load
from tests.fixtures.people import VOICE, Person, client_of

pytestmark = pytest.mark.django_db
PATH = "/metrics/"
TOKEN = "t" * 31 + "0"
Read = Callable[[], dict[str, float]]


@pytest.fixture
def read(settings: Any) -> Read:
    """Reads the metrics: their values by name and labels, such as ``linguaflex_jobs_due{queue=calls}``."""
    settings.METRICS_TOKEN = TOKEN

    def read() -> dict[str, float]:
        answer = client_of(TOKEN).get(PATH)
        assert answer.status_code == 200 and answer["Content-Type"].startswith("text/plain; version=")
        return {
            sample.name
            + "{"
            + ",".join(f"{key}={value}" for key, value in sorted(sample.labels.items()))
            + "}": sample.value
            for family in text_string_to_metric_families(answer.content.decode())
            for sample in family.samples
        }

    return read


def test_without_the_setting_it_is_a_404() -> None:
    for client in (client_of(), client_of(""), client_of("None"), client_of("False")):
        refused(client.get(PATH), 404, "not_found")


@pytest.mark.parametrize("token", ["", "t", TOKEN[:-1], TOKEN + "0", TOKEN.upper(), "ä" * 32])
def test_with_another_token_it_is_a_404(settings: Any, token: str) -> None:
    settings.METRICS_TOKEN = TOKEN
    refused(client_of(token).get(PATH), 404, "not_found")
    refused(client_of().get(PATH, {"token": TOKEN}, HTTP_AUTHORIZATION=f"Basic {TOKEN}"), 404, "not_found")


@pytest.mark.parametrize("method", ["POST", "OPTIONS", "HEAD"])
def test_other_methods_need_the_token_too(settings: Any, method: str) -> None:
    settings.METRICS_TOKEN = TOKEN
    assert client_of().generic(method, PATH).status_code == 404
    assert client_of(TOKEN).generic(method, PATH).status_code == {"POST": 405}.get(method, 200)


def test_the_token_of_a_user_does_not_open_it(settings: Any, student: Person) -> None:
    settings.METRICS_TOKEN = TOKEN
    refused(student.client.get(PATH), 404, "not_found")


@pytest.mark.parametrize("value", ["t" * 31, "t" * 31 + " t", "ä" * 32])
def test_a_short_token_is_refused_and_not_quoted(load: Load, value: str) -> None:
    with pytest.raises(ImproperlyConfigured) as error:
        load(METRICS_TOKEN=value)
    assert "METRICS_TOKEN" in str(error.value) and value not in str(error.value)
    assert load(METRICS_TOKEN=TOKEN)["METRICS_TOKEN"] == TOKEN
    assert load()["METRICS_TOKEN"] == ""


def test_requests_are_counted_by_method_route_and_status(read: Read, student: Person) -> None:
    before = read()
    client = client_of(student.token)
    for path in (VOICE, VOICE, f"{VOICE}4711/", "/nowhere-4711/"):
        client.get(path)
    after = read()

    def grown(name: str) -> float:
        return after.get(name, 0) - before.get(name, 0)

    detail = f"{VOICE}<number:pk>/"
    assert grown(f"linguaflex_requests_total{{method=GET,route={VOICE},status=200}}") == 2
    assert grown(f"linguaflex_requests_total{{method=GET,route={detail},status=404}}") == 1
    assert grown("linguaflex_requests_total{method=GET,route=unknown,status=404}") == 1
    assert grown(f"linguaflex_request_seconds_count{{route={VOICE}}}") == 2
    assert 0 < grown(f"linguaflex_request_seconds_sum{{route={VOICE}}}") < 60
    assert grown(f"linguaflex_database_queries_total{{route={VOICE}}}") >= 4
    assert grown(f"linguaflex_database_seconds_total{{route={VOICE}}}") > 0
    text = "\n".join(after)
    assert "4711" not in text and str(student.user.pk) not in text


def test_durations_are_counted_up_to_the_bounds_of_dashboards(read: Read, student: Person) -> None:
    client_of(student.token).get(VOICE)
    bounds = re.findall(rf"seconds_bucket{{le=([\d.]+),route={VOICE}}}", "\n".join(read()))
    assert [float(bound) for bound in bounds] == [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30]


def test_throttled_requests_are_counted(read: Read, monkeypatch: pytest.MonkeyPatch) -> None:
    from accounts.rest import throttles

    name = "linguaflex_throttled_requests_total{route=/accounts/password-reset/}"
    before = read().get(name, 0)
    monkeypatch.setattr(throttles.ScopedThrottle, "count", lambda *args: 5.0)
    client = client_of()
    assert client.post("/accounts/password-reset/", {"email": "a@example.com"}).status_code == 429
    assert read()[name] == before + 1


def test_jobs_and_workers_by_queue(read: Read) -> None:
    now = timezone.now()
    WorkerHeartbeat.objects.record(["calls"], at=now - timedelta(seconds=40))
    for seconds in (500, 100, -100):
        run_after = now - timedelta(seconds=seconds)
        feedback.generate_feedback.using(run_after=run_after).enqueue(0)
    found = read()
    assert found["linguaflex_database_up{}"] == 1
    assert found["linguaflex_jobs_due{queue=default}"] == 2
    assert found["linguaflex_jobs_due{queue=calls}"] == 0
    assert 500 <= found["linguaflex_oldest_job_seconds{queue=default}"] < 530
    assert found["linguaflex_oldest_job_seconds{queue=calls}"] == 0
    assert 40 <= found["linguaflex_worker_last_seen_seconds{queue=calls}"] < 70
    assert "linguaflex_worker_last_seen_seconds{queue=default}" not in found


def test_outcomes_of_feedback_and_voice_minutes(read: Read, student: Person) -> None:
    for status in ("done", "done", "failed", "none"):
        pk = student.save_conversation()["id"]
        VoiceConversation.objects.filter(pk=pk).update(feedback_status=status)
    for hours, minutes in ((1, 7), (23, 5), (25, 100), (1, None)):
        created_at = timezone.now() - timedelta(hours=hours)
        VoiceSession.objects.create(user=student.user, created_at=created_at, charged_minutes=minutes)
    found = read()
    outcomes = {
        status: found[f"linguaflex_recent_feedback{{status={status}}}"] for status in ("done", "failed")
    }
    assert outcomes == {"done": 2, "failed": 1}
    assert found["linguaflex_voice_minutes_last_day{}"] == 12


def test_the_page_lists_every_metric_and_no_other(read: Read) -> None:
    WorkerHeartbeat.objects.record(["calls"], at=timezone.now())
    page = (ROOT / "docs/operations/MONITORING.md").read_text()
    listed = set(re.findall(r"^\| `(linguaflex_\w+)`", page, re.MULTILINE))
    text = client_of(TOKEN).get(PATH).content.decode()
    assert listed == set(re.findall(r"^# TYPE (linguaflex_\w+) ", text, re.MULTILINE))
    used = set(re.findall(r"linguaflex_\w+", page.partition("## Alerts")[2]))
    assert {name.removesuffix("_bucket") for name in used} <= listed


def test_it_takes_five_statements(read: Read) -> None:
    read()
    with CaptureQueriesContext(connection) as queries:
        read()
    assert len(queries) == 5
    assert all("statement_timeout" in query["sql"] for query in queries)


def test_metrics_of_requests_remain_while_the_database_is_unavailable(
    read: Read, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*args: Any) -> None:
        raise OperationalError("connection refused")

    client_of().get("/health/")
    monkeypatch.setattr(type(WorkerHeartbeat.objects), "by_queue", fail)
    found = read()
    assert found["linguaflex_database_up{}"] == 0
    assert found["linguaflex_requests_total{method=GET,route=/health/,status=200}"] > 0
    assert not any(name.startswith("linguaflex_jobs") for name in found)
