"""Query plans of summary, progress and lists of conversations.

Summary and progress read totals or an index, and only the feedback for advice. A page of a list reads the
table for its own rows only.
"""

from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import VoiceConversation
from accounts.models.histories import MAX_FEEDBACK_ROWS, History
from accounts.models.voice_conversations import Interval
from tests.fixtures.people import VOICE, Person
from tests.fixtures.plans import nodes_of_sql

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("clean_auth"),
    pytest.mark.slow,
]

MANY = 10_000
# Two rows an hour for each user. The feedback has about 1.5 KB and does not compress.
INSERT = """
insert into accounts_voiceconversation (user_id, topic, transcription, native_language,
  native_language_code, target_language, target_language_code, conversation_type, duration_minutes,
  ai_feedback, feedback_status, feedback_error, creation_digest, search_text, created_at, updated_at)
select person, 'Topic', '"x"', 'English', 'en', case when n %% 2 = 0 then 'Spanish' else 'Japanese' end,
  case when n %% 2 = 0 then 'es' else 'ja' end, 'practice', n %% 60,
  jsonb_build_object('grammar_score', n %% 101, 'areas_for_improvement', jsonb_build_array('area ' || n),
    'note', noise || md5(n::text)),
  'none', '', '', '', %s - n * interval '30 minutes', now()
from generate_series(0, %s) n, unnest(%s::uuid[]) person,
  (select string_agg(md5(i::text), '') noise from generate_series(1, 45) i) filler"""


@pytest.fixture
def learner(student: Person, stranger: Person) -> Person:
    """A learner with 10,000 conversations beside 10,000 of another user, vacuumed."""
    people = [str(student.user.pk), str(stranger.user.pk)]
    with connection.cursor() as cursor:
        cursor.execute(INSERT, [timezone.now(), MANY - 1, people])
        # With ``freeze``, vacuum does not skip pages that are in use, and marks every page visible.
        cursor.execute("vacuum (freeze, analyze) accounts_voiceconversation")
    return student


def histories(person: Person) -> dict[str, History]:
    """The learner's history, unfiltered and by each filter."""
    own = VoiceConversation.objects.for_user(person.user)
    middle: datetime = timezone.now() - timedelta(minutes=30 * MANY // 2)
    selected = {
        "language": own.in_language("spanisch"),
        "since": own.since(middle),
        "until": own.until(middle),
        "both": own.in_language("Japanese").since(middle - timedelta(days=50)).until(middle),
    }
    return {"all": History(person.user)} | {
        name: History(person.user, rows) for name, rows in selected.items()
    }


def plans_of(history: History) -> list[list[dict[str, Any]]]:
    """The nodes of the plans of the summary and of the progress report."""
    now, zone = timezone.now(), ZoneInfo("Europe/Berlin")
    month = timedelta(days=30)
    with CaptureQueriesContext(connection) as queries:
        history.totals(zone=zone, recent=now - timedelta(days=7), at=now)
        history.periods(Interval.DAY, zone=zone, earlier=now - 2 * month, recent=now - month, at=now)
    return [nodes_of_sql(query["sql"]) for query in queries]


def test_a_selection_is_read_from_the_index_only(learner: Person) -> None:
    for name, history in histories(learner).items():
        for nodes in plans_of(history):
            scans = [node for node in nodes if node.get("Relation Name") == "accounts_voiceconversation"]
            read = [node for node in scans if node["Node Type"] != "Index Only Scan"]
            assert sum(node["Actual Rows"] * node["Actual Loops"] for node in read) <= MAX_FEEDBACK_ROWS, name
            fetched = sum(node.get("Heap Fetches", 0) for node in scans)
            assert fetched < MANY / 100, (name, "another transaction wrote to the table")


def test_a_whole_history_is_read_from_its_totals(learner: Person) -> None:
    for nodes in plans_of(History(learner.user)):
        scans = [node for node in nodes if node.get("Relation Name") == "accounts_voiceconversation"]
        assert sum(node["Actual Rows"] * node["Actual Loops"] for node in scans) < 2 * MAX_FEEDBACK_ROWS


SPELLINGS = 3_000


@pytest.mark.parametrize("code", ["'es'", "'l' || n %% 60", "'l' || n"])
def test_spellings_as_frequent_as_others_are_read_once(student: Person, code: str) -> None:
    insert = INSERT.replace("case when n %% 2 = 0 then 'Spanish' else 'Japanese' end", "'Spanish' || n")
    insert = insert.replace("case when n %% 2 = 0 then 'es' else 'ja' end", code)
    with connection.cursor() as cursor:
        cursor.execute(insert, [timezone.now(), SPELLINGS - 1, [str(student.user.pk)]])
        cursor.execute("vacuum (freeze, analyze) accounts_voiceconversation")
    [summary, _] = plans_of(History(student.user))
    assert rows_read(summary, "accounts_voiceconversation") <= SPELLINGS + 500
    assert rows_read(summary, "accounts_practicekind") <= 2 * SPELLINGS


def rows_read(nodes: list[dict[str, Any]], table: str) -> int:
    """The rows of a table that the plan has read, also those that it dropped."""
    return sum(
        (node["Actual Rows"] + node.get("Rows Removed by Filter", 0)) * node["Actual Loops"]
        for node in nodes
        if node.get("Relation Name") == table
    )


def test_totals_of_a_long_history_are_right(learner: Person) -> None:
    summed = learner.client.get(f"{VOICE}summary/").json()
    reported = learner.client.get(f"{VOICE}progress/").json()
    assert summed["total_conversations"] == MANY
    assert summed["total_duration_minutes"] == sum(n % 60 for n in range(MANY))
    scores = [n % 101 for n in range(MANY)]
    assert summed["average_scores"]["grammar_score"] == round(sum(scores) / MANY, 2)
    assert summed["top_areas_for_improvement"][0] == {"area": "area 0", "count": 1}
    assert sum(period["conversations"] for period in reported["series"]) == MANY
    assert sum(period["minutes"] for period in reported["series"]) == summed["total_duration_minutes"]


@pytest.mark.parametrize("name", ["created_at", "duration_minutes"])
def test_a_page_in_any_order_reads_its_own_rows_only(learner: Person, name: str) -> None:
    for ordering in (name, f"-{name}"):
        for query in ({}, {"language": "es,ja", "type": "practice"}, {"language": "es"}):
            with CaptureQueriesContext(connection) as queries:
                answer = learner.client.get(VOICE, {"ordering": ordering, "limit": 20, **query})
            assert len(answer.json()) == 20
            nodes = nodes_of_sql(queries[-1]["sql"])
            scans = [node for node in nodes if node.get("Relation Name") == "accounts_voiceconversation"]
            read = [node for node in scans if node["Node Type"] != "Index Only Scan"]
            rows = sum(
                (node["Actual Rows"] + node.get("Rows Removed by Filter", 0)) * node["Actual Loops"]
                for node in read
            )
            assert rows <= 100, (ordering, query)
