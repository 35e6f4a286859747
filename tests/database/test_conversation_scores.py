"""The score columns, which the database computes from any JSON in ``ai_feedback``."""

from typing import Any

import pytest
from django.db import connection

from accounts.models import VoiceConversation
from tests.fixtures.people import VOICE, Person

INSERT = """
insert into accounts_voiceconversation (user_id, topic, transcription, native_language,
  native_language_code, target_language, target_language_code, conversation_type,
  ai_feedback, feedback_status, feedback_error, creation_digest, search_text, created_at, updated_at)
values (%s, 't', '"x"', 'English', 'en', 'Spanish', 'es', 'practice', %s, 'none', '', '', '', now(), now())
returning grammar_score, pronunciation_score"""
SCORES = {
    "0": 0.0,
    "-0.0": 0.0,
    "85": 85.0,
    "85.125": 85.125,
    "0.1": 0.1,
    "1e2": 100.0,
    "100.00000000000000000001": None,
    "-0.00000000000000000001": None,
    "1e-200": 1e-200,
    "1e-400": 0.0,
    "-1e-400": None,
    "1e400": None,
    "-1e400": None,
    "9" * 400: None,
    "true": None,
    "false": None,
    "null": None,
    '"85"': None,
    '""': None,
    "[]": None,
    "[85]": None,
    "{}": None,
    '{"grammar_score": 85}': None,
}


def stored(person: Person, document: str) -> tuple[Any, Any]:
    """The score columns of a new row with ``document`` as ``ai_feedback``."""
    with connection.cursor() as cursor:
        cursor.execute(INSERT, [person.user.pk, document])
        return tuple(cursor.fetchone())


@pytest.mark.parametrize(("text", "score"), SCORES.items())
def test_score_is_a_number_in_range_or_null(student: Person, text: str, score: float | None) -> None:
    assert stored(student, f'{{"grammar_score": {text}}}') == (score, None)
    assert stored(student, f'{{"pronunciation_score": {text}, "grammar_score": 7}}') == (7, score)


@pytest.mark.parametrize(
    "document", ["{}", "[]", "null", "true", "85", '"grammar_score"', '["grammar_score"]']
)
def test_document_without_scores_has_null(student: Person, document: str) -> None:
    assert stored(student, document) == (None, None)


def test_columns_follow_every_change_and_are_absent_from_responses(student: Person, stranger: Person) -> None:
    made = student.save_conversation(ai_feedback={"grammar_score": 80})
    path = f"{VOICE}{made['id']}/"
    own = VoiceConversation.objects.for_user(student.user)

    def scores() -> tuple[Any, ...]:
        return own.values_list("grammar_score", "pronunciation_score").get()

    assert scores() == (80, None)
    student.client.patch(f"{path}add_feedback/", {"ai_feedback": {"pronunciation_score": 61.5}})
    assert scores() == (80, 61.5)
    denied = stranger.client.patch(f"{path}add_feedback/", {"ai_feedback": {"grammar_score": 1}})
    assert denied.status_code == 404
    changed = student.client.patch(path, {"ai_feedback": {"grammar_score": None}, "grammar_score": 5})
    assert scores() == (None, None)
    replaced = student.client.put(path, {**made, "ai_feedback": {"grammar_score": 0}})
    assert (changed.status_code, replaced.status_code) == (200, 200)
    assert scores() == (0, None)
    [listed] = student.client.get(VOICE).json()
    [exported] = student.client.get("/accounts/users/me/export/").json()["voice_conversations"]
    for answer in (changed.json(), replaced.json(), student.client.get(path).json(), listed, exported):
        assert answer.keys() == made.keys()
        assert "grammar_score" not in answer
    unknown = student.client.get(VOICE, {"fields": "grammar_score"})
    assert unknown.status_code == 400


def test_a_row_without_loaded_scores_can_be_saved(student: Person) -> None:
    student.save_conversation()
    [row] = VoiceConversation.objects.for_user(student.user).only("id", "ai_feedback")
    row.topic = "Renamed"
    row.save()
    assert row.ai_feedback["grammar_score"] == row.grammar_score == 80
