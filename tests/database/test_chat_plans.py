"""Query plans of chats: a page costs the same whatever the number of chats and messages."""

import json
from typing import Any
from uuid import UUID

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.fixtures.people import CHATS, Person
from tests.fixtures.plans import below

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("clean_auth"),
    pytest.mark.slow,
]

MANY = 5_000
UNREAD = f"{CHATS}unread/"
READS_ALL = {"Sort", "Seq Scan", "Hash Join", "Merge Join", "Bitmap Heap Scan"}
# The chats of one user with MANY others; the first one has MANY unread messages.
ROWS = """
set session_replication_role = replica;
insert into accounts_chat (id, first_id, second_id, last_seq, created_at, updated_at)
select gen_random_uuid(), least(%(user)s, peer), greatest(%(user)s, peer),
  case n when 1 then %(many)s else 1 end, now(), now() - n * interval '1 minute'
from (select n, gen_random_uuid() peer from generate_series(1, %(many)s) n) peers;
insert into accounts_user select (jsonb_populate_record(u, jsonb_build_object('id',
  case %(user)s when first_id then second_id else first_id end))).*
from accounts_user u, accounts_chat c where u.id = %(user)s and %(user)s in (c.first_id, c.second_id);
insert into accounts_participant (chat_id, user_id, read_seq, unread_count, active_at)
select c.id, member, 0, case member when %(user)s then last_seq else 0 end, updated_at
from accounts_chat c, unnest(array[first_id, second_id]) member;
insert into accounts_message (chat_id, seq, sender_id, content, creation_digest, created_at)
select c.id, seq, case %(user)s when first_id then second_id else first_id end, 'Hola', '', now()
from accounts_chat c, generate_series(1, last_seq) seq;
insert into accounts_correction (learner_id, source, language_code, quote, corrected, explanation, message_id,
  creation_digest, created_at)
select sender_id, 'peer', '', content, 'Buenas', '', id, '', now()
from accounts_message, generate_series(1, 2);
set session_replication_role = origin"""


@pytest.fixture
def busy(student: Person) -> Person:
    """A user with 5,000 chats, of which the newest has 5,000 unread messages."""
    with connection.cursor() as cursor:
        cursor.execute(ROWS, {"user": student.user.pk, "many": MANY})
        cursor.execute("analyze accounts_chat, accounts_participant, accounts_message, accounts_user")
        cursor.execute("analyze accounts_correction")
    return student


def plan_of(person: Person, path: str) -> list[dict[str, Any]]:
    """The nodes of the plan of a request's last statement."""
    person.client.get(path)
    with CaptureQueriesContext(connection) as queries:
        assert person.client.get(path).status_code == 200
    with connection.cursor() as cursor:
        cursor.execute(f"explain (analyze, buffers, format json) {queries.captured_queries[-1]['sql']}")
        [[found]] = cursor.fetchall()
    return below((json.loads(found) if isinstance(found, str) else found)[0]["Plan"])


def test_the_list_reads_one_page_of_an_index_and_joins_only_its_rows(busy: Person) -> None:
    page = busy.client.get(CHATS)
    cursor = page["Link"].partition("?")[2].partition(">")[0]
    for path in (CHATS, f"{CHATS}?{cursor}"):
        nodes = plan_of(busy, path)
        assert not READS_ALL & {node["Node Type"] for node in nodes}
        [first] = [node for node in nodes if node.get("Index Name") == "participant_by_activity"]
        assert first["Actual Rows"] == 51, first
        assert all(node["Actual Loops"] <= 51 for node in nodes)
        assert nodes[0]["Shared Hit Blocks"] + nodes[0]["Shared Read Blocks"] < 2_000
    [newest, *_] = page.json()
    assert newest["unread_count"] == MANY


def test_messages_are_read_from_the_index_of_their_chat(busy: Person) -> None:
    [newest, *_] = busy.client.get(CHATS).json()
    messages = f"{CHATS}{UUID(newest['id'])}/messages/"
    for query in ("", "?before_seq=2500", "?after_seq=2500"):
        nodes = plan_of(busy, messages + query)
        # Only the two corrections of each message are sorted.
        sorted_rows = [
            (each["Actual Rows"], each["Actual Loops"]) for each in nodes if each["Node Type"] == "Sort"
        ]
        assert sorted_rows == [(2, 50)]
        [read] = [node for node in nodes if node.get("Relation Name") == "accounts_correction"]
        assert (read["Node Type"], read["Actual Rows"], read["Actual Loops"]) == ("Index Scan", 2, 50)
        [scan] = [node for node in nodes if node.get("Relation Name") == "accounts_message"]
        assert (scan["Index Name"], scan["Actual Rows"]) == ("message_once_per_seq", 50)


def test_the_unread_totals_read_the_own_chats_from_an_index_and_no_message(
    busy: Person, teacher: Person
) -> None:
    assert busy.client.get(UNREAD).json() == {"chats": MANY, "messages": 2 * MANY - 1}
    busy.write(busy.open_chat(teacher))
    assert teacher.client.get(UNREAD).json() == {"chats": 1, "messages": 1}
    for person, blocks in ((busy, 500), (teacher, 10)):
        nodes = plan_of(person, UNREAD)
        [scan] = [node for node in nodes[1:] if "Relation Name" in node]
        assert scan["Relation Name"] == "accounts_participant"
        assert nodes[0]["Shared Hit Blocks"] + nodes[0]["Shared Read Blocks"] < blocks
    assert scan["Node Type"] == "Index Scan"
