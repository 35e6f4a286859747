"""The dashboard: links by permission, queries of many rows, and queries that take too long."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from contextlib import closing
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from django_tasks_db.models import DBTaskResult

from accounts.models import Report, User, VoiceConversation
from accounts.services import dashboard
from tests.fixtures.copies import COPIED_ID, copy
from tests.fixtures.plans import nodes_of_sql
from tests.fixtures.staff import signed_in
from tests.fixtures.stored_sessions import make_session

pytestmark = pytest.mark.django_db(transaction=True)

MANY = 100_000
MOST_QUERIES = 9
CONVERSATIONS = "accounts_voiceconversation"
# The totals of the copied conversations, which are copied without triggers.
TOTALS = """
truncate accounts_practicehour, accounts_practicekind;
insert into accounts_practicehour (user_id, hour, conversations, timed, minutes,
  grammar_sum, grammar_count, pronunciation_sum, pronunciation_count)
select user_id, private.hour_of(created_at), 1, 1, 10, 80, 1, 80, 1 from accounts_voiceconversation;
insert into accounts_practicekind
  (user_id, target_language_code, target_language, conversation_type, conversations)
select user_id, target_language_code, target_language, conversation_type, 1 from accounts_voiceconversation;
vacuum analyze accounts_practicehour, accounts_practicekind"""


def boxes(client: Client) -> dict[str, Any]:
    """The boxes of the dashboard by title."""
    response = client.get("/admin/")
    assert response.status_code == 200
    return {box.title: box for box in response.context["boxes"]}


@pytest.fixture
def many(make_account: Callable[..., User]) -> None:
    """100,000 people with a conversation, a voice session, a report and a job each, over a year."""
    ana, now = make_account("Ana"), timezone.now()
    conversation = VoiceConversation.objects.create(
        user=ana, topic="Topic", transcription="x", target_language="Spanish"
    )
    session = make_session(ana, now)
    job = DBTaskResult.objects.create(args_kwargs={}, run_after=now, task_path="x", backend_name="default")
    of_day = {"created_at": "now() - mod(n, 365) * interval '1 day'"}
    copy(ana, MANY, id=COPIED_ID, email="n || '@example.com'", **of_day)
    copy(
        conversation,
        MANY,
        id="n + row.id",
        user_id=COPIED_ID,
        target_language="'Language ' || mod(n, 50)",
        target_language_code="'language ' || mod(n, 50)",
        feedback_status="case when mod(n, 1000) = 0 then 'failed' else 'none' end",
        **of_day,
    )
    copy(session, MANY, id="n + row.id", user_id=COPIED_ID, **of_day)
    report = Report.objects.create(kind="user", reported_id="1", reason="spam", reporter=ana)
    is_open = "case when mod(n, 1000) = 0 then {} else {} end"
    copy(
        report,
        MANY,
        id="n + row.id",
        reporter_id=COPIED_ID,
        handled_at=is_open.format("null", "now()"),
        action=is_open.format("''", "'dismiss'"),
    )
    copy(job, MANY, id=COPIED_ID, status="case when mod(n, 1000) = 0 then 'READY' else 'SUCCESSFUL' end")
    with connection.cursor() as cursor:
        for statement in TOTALS.split(";"):
            cursor.execute(statement)


@pytest.mark.usefixtures("many")
def test_the_dashboard_costs_few_bounded_queries_with_100_000_rows(make_staff: Callable[..., User]) -> None:
    member = signed_in(make_staff("Sam", "view_user", "view_voicesession"))
    member.get("/admin/")  # fills Django's caches
    with CaptureQueriesContext(connection) as queries:
        started = time.perf_counter()
        response = member.get("/admin/")
        milliseconds = (time.perf_counter() - started) * 1000
    print(f"\n{len(queries)} queries, {milliseconds:.0f} ms:")
    assert len(queries) <= MOST_QUERIES
    numbers = {box.title: box.value for box in response.context["boxes"]}
    assert numbers["People"] == f"{MANY + 2:,}" and numbers["Failed feedback"] == "100"
    assert numbers["Reports waiting"] == "101"
    for query in queries:
        print(f"  {query['time']} s  {query['sql'][:110]}")
        if "statement_timeout" in query["sql"]:
            nodes = [
                node for node in nodes_of_sql(query["sql"]) if node.get("Relation Name") == CONVERSATIONS
            ]
            assert sum(node["Actual Rows"] * node["Actual Loops"] for node in nodes) <= MANY / 1000
    assert sum("statement_timeout" in query["sql"] for query in queries) == 4


def test_each_figure_links_to_its_list(boss: Client, make_account: Callable[..., User]) -> None:
    ana, zoe, now = make_account("Ana"), make_account("Zoe"), timezone.now()
    make_session(ana, now)
    zoe.anonymise(at=now)
    for status in ("failed", "queued", "none"):
        add_conversation(ana, feedback_status=status)
    VoiceConversation.objects.filter(feedback_status="none").update(created_at=now - timedelta(days=32))
    about: dict[str, Any] = {"kind": "user", "reason": "spam", "reporter": ana}
    Report.objects.create(reported_id="1", **about)
    Report.objects.create(reported_id="2", handled_at=now, action="dismiss", **about)
    found = boxes(boss)
    assert {title: box.value for title, box in found.items()} == {
        **{"People": "2", "Active learners": "1", "Conversations": "2", "Minutes": "0"},
        **{"Reports waiting": "1", "Failed feedback": "1", "Oldest waiting job": "-"},
        "Voice cost this month": found["Voice cost this month"].value,
    }
    for title, rows in (("People", 2), ("Conversations", 2), ("Reports waiting", 1), ("Failed feedback", 1)):
        assert len(rows_of(boss.get(found[title].link))) == rows, title
    assert rows_of(boss.get(found["People"].link)) == ["Ana", "Root"]
    usage = boss.get(found["Voice cost this month"].link)
    assert usage.context["days"]["rows"][0][-1] == found["Voice cost this month"].value
    assert all(box.link for box in found.values())


def test_bars_link_to_the_conversations_of_a_language_and_of_a_type(
    boss: Client, make_account: Callable[..., User]
) -> None:
    ana = make_account("Ana")
    add_conversation(ana, conversation_type="lesson")
    for language in ("Spanish", "español", "French"):
        add_conversation(ana, target_language=language)
    context = boss.get("/admin/").context
    bars = [*context["languages"], *context["types"]]
    assert [(bar.title, bar.value, bar.percent) for bar in bars] == [
        *(("Spanish", "3", 100), ("French", "1", 33)),
        *(("Language Practice", "3", 100), ("Language Lesson", "1", 33)),
    ]
    for bar in bars:
        assert len(rows_of(boss.get(bar.link))) == int(bar.value), bar


def rows_of(response: Any) -> list[str]:
    """The rows of a list, as text."""
    assert response.status_code == 200, response.headers
    return sorted(str(row) for row in response.context["cl"].result_list)


def test_staff_see_every_figure_and_the_links_that_they_may_open(
    make_staff: Callable[..., User], make_account: Callable[..., User]
) -> None:
    add_conversation(make_account("Ana"))
    client = signed_in(make_staff("Sam", "view_user"))
    response = client.get("/admin/")
    found = {box.title: box for box in response.context["boxes"]}
    assert found["Conversations"].value == "1"
    assert [title for title, box in found.items() if box.link] == ["People"]
    assert {bar.link for bar in (*response.context["languages"], *response.context["types"])} == {""}
    assert "Spanish" in response.content.decode()


def add_conversation(user: User, **fields: Any) -> VoiceConversation:
    """Stores a conversation in Spanish."""
    usual = {"topic": "A secret topic", "transcription": "A secret text", "target_language": "Spanish"}
    return VoiceConversation.objects.create(user=user, **usual | fields)


def test_the_dashboard_contains_no_private_text(boss: Client, make_account: Callable[..., User]) -> None:
    add_conversation(make_account("Ana"), feedback_status="failed", feedback_error="A secret error")
    html = boss.get("/admin/").content.decode()
    assert "Spanish" in html and "secret" not in html


def test_a_language_with_markup_is_shown_as_text(boss: Client, make_account: Callable[..., User]) -> None:
    conversation = add_conversation(make_account("Ana"))
    conversation.target_language = "<script>alert(1)</script>"
    conversation.save()
    html = boss.get("/admin/").content.decode()
    assert "<script>alert(1)" not in html and "&lt;script&gt;alert(1)" in html


def test_charts_have_the_figures_of_the_weeks(boss: Client, make_account: Callable[..., User]) -> None:
    add_conversation(make_account("Ana"), duration_minutes=12, ai_feedback={"grammar_score": 80})
    context = boss.get("/admin/").context
    minutes, scores = json.loads(context["minutes"]), json.loads(context["scores"])
    assert minutes["datasets"][0]["data"] == [0] * 12 + [12]
    assert [dataset["data"][-1] for dataset in scores["datasets"]] == [80.0, None]
    assert len(minutes["labels"]) == 13


def test_a_figure_that_takes_too_long_is_a_question_mark(
    boss: Client, supabase: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dashboard, "MAX_MILLISECONDS", 200)
    with closing(supabase.connect()) as other, other.cursor() as cursor:
        cursor.execute("lock django_tasks_database_dbtaskresult, accounts_practicekind")
        found = boxes(boss)
    assert {title for title, box in found.items() if box.value == "?"} == {
        *("Reports waiting", "Failed feedback", "Oldest waiting job", "Voice cost this month")
    }
    assert found["People"].value == "1"
    assert "?" not in {box.value for box in boxes(boss).values()}
