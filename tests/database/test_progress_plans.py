"""Query plans of summary and progress: they read an index, and only the feedback that advice needs."""

from datetime import datetime, timedelta

import pytest
from django.db import connection
from django.utils import timezone

from accounts.models import VoiceConversation
from accounts.models.voice_conversations import MAX_FEEDBACK_ROWS, VoiceConversationQuerySet
from tests.fixtures.people import VOICE, Person
from tests.fixtures.plans import nodes_of

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


def filtered_rows(person: Person) -> dict[str, VoiceConversationQuerySet]:
    """The learner's conversations, unfiltered and by each filter."""
    own = VoiceConversation.objects.for_user(person.user)
    middle: datetime = timezone.now() - timedelta(minutes=30 * MANY // 2)
    return {
        "all": own,
        "language": own.in_language("spanisch"),
        "since": own.since(middle),
        "until": own.until(middle),
        "both": own.in_language("Japanese").since(middle - timedelta(days=50)).until(middle),
    }


def test_history_is_read_from_the_index_only(learner: Person) -> None:
    for name, rows in filtered_rows(learner).items():
        for query, documents in (
            (rows.newest_first().summary_rows(), MAX_FEEDBACK_ROWS),
            (rows.progress_rows(), 0),
        ):
            scans = [node for node in nodes_of(query) if "Relation Name" in node]
            assert [node["Node Type"] for node in scans[:1]] == ["Index Only Scan"], (name, scans)
            assert scans[0]["Index Name"] == "conversation_of_user", name
            assert scans[0]["Heap Fetches"] < MANY / 100, (name, "another transaction wrote to the table")
            assert scans[0]["Actual Rows"] == query.count() > MAX_FEEDBACK_ROWS, name
            assert all(node["Node Type"] == "Index Scan" for node in scans[1:]), name
            assert sum(node["Actual Loops"] for node in scans[1:]) == documents, name


def test_summary_of_a_long_history_reads_few_pages(learner: Person) -> None:
    own = VoiceConversation.objects.for_user(learner.user)
    with connection.cursor() as cursor:
        cursor.execute("select relpages from pg_class where relname = 'accounts_voiceconversation'")
        [pages] = cursor.fetchone()
    assert pages > MANY / 4, "the documents are too small for this test"
    [top, *_] = nodes_of(own.newest_first().summary_rows())
    assert top["Shared Hit Blocks"] + top["Shared Read Blocks"] < pages / 4


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
