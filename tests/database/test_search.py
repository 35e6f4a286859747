"""Query plans of the search of conversations on many rows, and search in every script."""

from typing import Any

import pytest
from django.db import connection

from accounts.models import VoiceConversation
from accounts.models.voice_conversations import VoiceConversationQuerySet
from accounts.serializers.voice_conversations import VoiceConversationSerializer
from tests.fixtures.people import VOICE, Person
from tests.fixtures.plans import many_rows, nodes_of

MANY = 10_000
OTHERS = 100_000
INSERT = """
insert into accounts_voiceconversation (user_id, topic, transcription, native_language,
  native_language_code, target_language, target_language_code, conversation_type, duration_minutes,
  ai_feedback, feedback_status, feedback_error, creation_digest, search_text, created_at, updated_at)
select %s, 'Topic ' || n, '"x"', 'English', 'en', 'Spanish', 'es', 'practice', n %% 60,
  '{}', 'none', '', '', 'topic ' || n || ' ' || md5(n::text || %s) || ' ' || md5(n::text || 'b'),
  now() - n * interval '1 minute', now()
from generate_series(1, %s) n"""


@pytest.fixture
def crowd(student: Person, stranger: Person) -> Person:
    """A learner with 10,000 rows beside 100,000 of another user, analyzed."""
    with connection.cursor() as cursor:
        with many_rows(cursor, "accounts_voiceconversation"):
            cursor.execute(INSERT, [student.user.pk, "mine", MANY])
            cursor.execute(INSERT, [stranger.user.pk, "theirs", OTHERS])
        cursor.execute("analyze accounts_voiceconversation")
    return student


@pytest.mark.slow
def test_search_and_lists_use_an_index(crowd: Person) -> None:
    own = VoiceConversation.objects.for_user(crowd.user)
    middle = own.newest_first()[MANY // 2].created_at
    for rows in (
        own.mentioning("topic 4711"),
        own.mentioning("zz-nothing-like-it"),
        own.mentioning("a3f0"),
        own.mentioning("世界"),
        own.mentioning("界"),
        own.mentioning("qz"),
        own.newest_first()[:51],
        own.in_language("Spanish").newest_first()[:51],
        own.of_type("practice").newest_first()[:51],
        own.before(middle).newest_first()[:51],
    ):
        used = nodes_of(rows)
        assert not [node for node in used if node["Node Type"] == "Seq Scan"], used
        removed = sum(node.get("Rows Removed by Filter", 0) for node in used)
        assert removed <= MANY, "rows of the other user were read"


def test_search_finds_parts_of_every_script(student: Person, stranger: Person) -> None:
    said = {
        "mandarin": "你好世界今天天气很好",
        "japanese": "すみません、駅はどこですか。",
        "korean": "오늘 날씨가 좋네요",
        "russian": "Сегодня ХОРОШАЯ погода",
        "thai": "วันนี้อากาศดี",
        "turkish": "100% EMİN_misin",
    }
    ids = {
        name: student.save_conversation(topic=name, transcription=text)["id"] for name, text in said.items()
    }
    stranger.save_conversation(transcription=said["mandarin"])
    for part, name in {
        "世界今天": "mandarin",
        "天气": "mandarin",
        "好": "mandarin",
        "駅はどこ": "japanese",
        "날씨": "korean",
        "хорошая": "russian",
        "อากาศ": "thai",
        "100% emi": "turkish",
        "KOREAN": "korean",
        "n_m": "turkish",
    }.items():
        found = student.client.get(VOICE, {"search": part, "fields": "id"}).json()
        assert found == [{"id": ids[name]}], part
    assert student.client.get(VOICE, {"search": "%%"}).json() == []


def test_search_of_conversations_finds_words_in_any_order(student: Person) -> None:
    pk = student.save_conversation(topic="Un café", transcription="I don’t have an e-mail address")["id"]
    for text, found in {"email cafe": True, "address don't": True, "e mail": True, "cafe tea": False}.items():
        answer = student.client.get(VOICE, {"search": text, "fields": "id"}).json()
        assert answer == ([{"id": pk}] if found else []), text


def test_a_search_that_fills_its_page_from_the_first_rows_reads_no_others(
    student: Person, django_assert_num_queries: Any
) -> None:
    with connection.cursor() as cursor:
        cursor.execute(INSERT, [student.user.pk, "mine", VoiceConversationQuerySet.near_rows + 1])
    student.client.get(VOICE)
    with django_assert_num_queries(3):  # caller, instant of the last of the first rows, page
        assert len(student.client.get(VOICE, {"search": "topic", "limit": 50}).json()) == 50


@pytest.mark.parametrize("count", [1, 200])
def test_list_takes_one_query_beside_the_callers_and_a_search_up_to_four(
    student: Person, django_assert_num_queries: Any, count: int
) -> None:
    with connection.cursor() as cursor:
        cursor.execute(INSERT, [student.user.pk, "mine", count])
    student.client.get(VOICE)  # the first request of a process also reads the database's privileges
    searched = 3 if count < VoiceConversationQuerySet.near_rows else 5
    lists = {"": 2, "by-language/Spanish/": 2, "by-type/practice/": 2, "?limit=200&search=topic": searched}
    for path, queries in lists.items():
        with django_assert_num_queries(queries):
            assert len(student.client.get(VOICE + path).json()) == count
    for key in VoiceConversationSerializer.Meta.fields:
        with django_assert_num_queries(2):
            assert len(student.client.get(VOICE, {"fields": key}).json()) == count, key
    with django_assert_num_queries(2):
        assert student.client.get(f"{VOICE}summary/").json()["total_conversations"] == count
    with django_assert_num_queries(2):
        series = student.client.get(f"{VOICE}progress/").json()["series"]
    assert sum(period["conversations"] for period in series) == count
