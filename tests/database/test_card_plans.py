"""The due cards of a learner with many cards are read from an index, in milliseconds."""

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import Card
from tests.fixtures.people import CARDS, Person
from tests.fixtures.plans import many_rows, nodes_of_sql

pytestmark = [pytest.mark.django_db, pytest.mark.slow]
MANY = 50_000
MAX_MILLISECONDS = 5
# Every fifth card is due, every tenth is suspended.
INSERT = """
insert into accounts_card (learner_id, front, back, note, language_code, dedupe_key, state, due_at,
  search_text, creation_digest, created_at, updated_at, suspended_at)
select person, 'front ' || n, 'back ' || n, '', (array['es', 'de', 'ja'])[1 + n %% 3], '', 'new',
  now() + (n * 7919 %% %s - %s / 5) * interval '1 minute', 'front ' || n, '', now(), now(),
  case when n %% 10 = 0 then now() end
from generate_series(1, %s) n, unnest(%s::uuid[]) person"""
CORRECTION = """
insert into accounts_correction (learner_id, conversation_id, source, language_code, quote, corrected,
  explanation, creation_digest, created_at)
values (%s, %s, 'ai', 'es', 'a', 'b', '', '', now()) returning id"""
SOURCES = "insert into accounts_cardsource (card_id, correction_id) select id, %s from accounts_card"
QUERIES: list[dict[str, str]] = [
    {"due": "now"},
    {"due": "now", "limit": "200"},
    {"due": "now", "language": "Spanish"},
    {},
    {"language": "German", "state": "new"},
]


@pytest.fixture
def learner(student: Person, stranger: Person) -> Person:
    """A learner with 50,000 cards of two corrections each, beside as many of another one."""
    people = [str(student.user.pk), str(stranger.user.pk)]
    with connection.cursor() as cursor:
        with many_rows(cursor, "accounts_card"):
            cursor.execute(INSERT, [MANY, MANY, MANY, people])
        for _ in range(2):
            cursor.execute(CORRECTION, [student.user.pk, student.save_conversation()["id"]])
            correction = cursor.fetchone()
            with many_rows(cursor, "accounts_cardsource"):
                cursor.execute(SOURCES, correction)
        cursor.execute("analyze accounts_card, accounts_cardsource, accounts_correction")
    return student


def plan_of(person: Person, query: dict[str, str]) -> list[dict[str, Any]]:
    """The nodes of the plan of a list. It is run five times: the fastest run met no other process."""
    with CaptureQueriesContext(connection) as queries:
        found = person.client.get(CARDS, query).json()
    assert found
    sql = queries[-1]["sql"]
    return min((nodes_of_sql(sql) for _ in range(5)), key=lambda nodes: nodes[0]["Actual Total Time"])


def test_due_cards_of_50_000_are_read_from_an_index_in_under_5_ms(learner: Person) -> None:
    assert Card.objects.for_user(learner.user).count() == MANY
    for query in QUERIES:
        nodes = plan_of(learner, query)
        print(f"{query}: {nodes[0]['Actual Total Time']:.2f} ms in PostgreSQL")
        scans = [node for node in nodes if node.get("Relation Name") == "accounts_card"]
        assert [node["Node Type"] for node in nodes[:2]] == ["Limit", "Index Scan"], query
        assert [node["Index Name"] for node in scans] == [query_index(query)], query
        assert nodes[0]["Actual Total Time"] < MAX_MILLISECONDS, query


def query_index(query: dict[str, str]) -> str:
    """The index that answers a list."""
    return "card_by_language" if "language" in query else "card_of_learner"
