"""Summary and progress of a long history read an index, and no more documents than advice needs."""

from datetime import datetime, timedelta

import pytest
from django.db import connection
from django.utils import timezone

from accounts.models import VoiceConversation
from accounts.models.voice_conversations import LATEST_FEEDBACK, VoiceConversationQuerySet
from tests.fixtures.people import VOICE, Person
from tests.fixtures.plans import nodes_of

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("clean_auth")]

MANY = 10_000
# Two rows an hour, of both people in turn; feedback of about 1.5 KB, which does not compress.
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
  (select string_agg(md5(i::text), '') noise from generate_series(1, 45) i)"""


@pytest.fixture
def learner(student: Person, stranger: Person) -> Person:
    """A learner of 10,000 conversations among as many of somebody else's, vacuumed."""
    people = [str(student.user.pk), str(stranger.user.pk)]
    with connection.cursor() as cursor:
        cursor.execute(INSERT, [timezone.now(), MANY - 1, people])
        # To freeze, it waits for pages that the server is writing out, and marks every one visible.
        cursor.execute("vacuum (freeze, analyze) accounts_voiceconversation")
    return student


def own_in_pieces(person: Person) -> dict[str, VoiceConversationQuerySet]:
    """The learner's conversations, whole and filtered."""
    own = VoiceConversation.objects.for_user(person.user)
    middle: datetime = timezone.now() - timedelta(minutes=30 * MANY // 2)
    return {
        "all": own,
        "language": own.in_language("spanisch"),
        "since": own.since(middle),
        "until": own.until(middle),
        "both": own.in_language("Japanese").since(middle - timedelta(days=50)).until(middle),
    }


def test_history_is_read_from_the_index_alone(learner: Person) -> None:
    for name, rows in own_in_pieces(learner).items():
        for query, documents in ((rows.newest_first().facts(), LATEST_FEEDBACK), (rows.measures(), 0)):
            scans = [node for node in nodes_of(query) if "Relation Name" in node]
            assert [node["Node Type"] for node in scans[:1]] == ["Index Only Scan"], (name, scans)
            assert scans[0]["Index Name"] == "conversation_of_user", name
            assert scans[0]["Heap Fetches"] < MANY / 100, (name, "was something else at the table?")
            assert scans[0]["Actual Rows"] == query.count() > LATEST_FEEDBACK, name
            assert all(node["Node Type"] == "Index Scan" for node in scans[1:]), name
            assert sum(node["Actual Loops"] for node in scans[1:]) == documents, name


def test_summary_of_a_long_history_touches_few_pages(learner: Person) -> None:
    own = VoiceConversation.objects.for_user(learner.user)
    with connection.cursor() as cursor:
        cursor.execute("select relpages from pg_class where relname = 'accounts_voiceconversation'")
        [pages] = cursor.fetchone()
    assert pages > MANY / 4, "the documents are small: this test would say nothing"
    [top, *_] = nodes_of(own.newest_first().facts())
    assert top["Shared Hit Blocks"] + top["Shared Read Blocks"] < pages / 4


def test_long_history_adds_up(learner: Person) -> None:
    summed = learner.client.get(f"{VOICE}summary/").json()
    followed = learner.client.get(f"{VOICE}progress/").json()
    assert summed["total_conversations"] == MANY
    assert summed["total_duration_minutes"] == sum(n % 60 for n in range(MANY))
    scores = [n % 101 for n in range(MANY)]
    assert summed["average_scores"]["grammar_score"] == round(sum(scores) / MANY, 2)
    assert summed["top_areas_for_improvement"][0] == {"area": "area 0", "count": 1}
    assert sum(period["conversations"] for period in followed["series"]) == MANY
    assert sum(period["minutes"] for period in followed["series"]) == summed["total_duration_minutes"]
