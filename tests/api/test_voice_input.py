"""The rules of each field and query parameter, and their errors."""

from typing import Any

import pytest

from tests.fixtures.people import CONVERSATION, VOICE, Person

VALID: list[tuple[str, Any, Any]] = [
    ("topic", "  trimmed  ", "trimmed"),
    ("topic", "x" * 200, "x" * 200),
    ("transcription", "  kept as it is \n", "  kept as it is \n"),
    ("transcription", {"full_text": "x", "extra": [1, 2.5, None, True]}, None),
    (
        "transcription",
        {"messages": [{"role": "user", "text": "hi", "at": "10:04"}], "n": [1e300, 9.3e18, -9.3e18]},
        None,
    ),
    ("transcription", {"segments": [{"speaker": "A", "text": "hi"}, {"speaker": "B", "text": ""}]}, None),
    ("native_language", "x" * 50, "x" * 50),
    ("conversation_type", None, "practice"),
    ("duration_minutes", None, None),
    ("duration_minutes", 0, 0),
    ("duration_minutes", 0.01, 1),
    ("duration_minutes", 12.5, 13),
    ("duration_minutes", 1440, 1440),
    ("duration_minutes", "7", 7),
    ("duration_minutes", 1e-7, 1),
    ("ai_feedback", None, {}),
    ("ai_feedback", {"grammar_score": None, "fluency_score": 99.5, "x": {"y": []}}, None),
    ("ai_feedback", {"grammar_score": 0, "pronunciation_score": 100}, None),
    ("client_id", None, None),
]
INVALID: list[tuple[str, Any, str]] = [
    ("topic", "", "topic"),
    ("topic", "   ", "topic"),
    ("topic", "x" * 201, "topic"),
    ("topic", None, "topic"),
    ("topic", ["a"], "topic"),
    ("transcription", None, "transcription"),
    ("transcription", "", "transcription"),
    ("transcription", " \n\t", "transcription"),
    ("transcription", {}, "transcription"),
    ("transcription", {"unknown": "shape"}, "transcription"),
    ("transcription", [], "transcription"),
    ("transcription", ["text"], "transcription"),
    ("transcription", 5, "transcription"),
    ("transcription", True, "transcription"),
    ("transcription", {"messages": []}, "transcription"),
    ("transcription", {"messages": "hi"}, "transcription.messages"),
    ("transcription", {"messages": ["hi"]}, "transcription.messages.0.role"),
    ("transcription", {"messages": [{"role": "user"}]}, "transcription.messages.0.text"),
    ("transcription", {"messages": [{"role": 1, "text": "x"}]}, "transcription.messages.0.role"),
    ("transcription", {"messages": [{"role": "user", "content": 5}]}, "transcription.messages.0.content"),
    ("transcription", {"messages": [{"role": "user", "content": [5]}]}, "transcription.messages.0.content"),
    ("transcription", {"messages": [{"role": "user", "content": None}]}, "transcription"),
    ("transcription", {"messages": [{"role": "user", "content": [{"type": "image"}]}]}, "transcription"),
    (
        "transcription",
        {"messages": [{"role": "x", "text": 5, "content": "x"}]},
        "transcription.messages.0.text",
    ),
    ("transcription", {"segments": [{"text": "x"}]}, "transcription.segments.0.speaker"),
    ("transcription", {"segments": None}, "transcription.segments"),
    ("transcription", {"full_text": 5}, "transcription.full_text"),
    ("transcription", {"full_text": " "}, "transcription"),
    ("native_language", "", "native_language"),
    ("native_language", "x" * 51, "native_language"),
    ("target_language", None, "target_language"),
    ("target_language", "x" * 51, "target_language"),
    ("conversation_type", "chat", "conversation_type"),
    ("conversation_type", "", "conversation_type"),
    ("conversation_type", ["practice"], "conversation_type"),
    ("duration_minutes", -0.5, "duration_minutes"),
    ("duration_minutes", 1440.1, "duration_minutes"),
    ("duration_minutes", True, "duration_minutes"),
    ("duration_minutes", "long", "duration_minutes"),
    ("duration_minutes", "NaN", "duration_minutes"),
    ("duration_minutes", "1_0", "duration_minutes"),
    ("duration_minutes", "١", "duration_minutes"),
    ("duration_minutes", {"minutes": 5}, "duration_minutes"),
    ("duration_minutes", [5], "duration_minutes"),
    ("ai_feedback", [], "ai_feedback"),
    ("ai_feedback", "good", "ai_feedback"),
    ("ai_feedback", {"grammar_score": 101}, "ai_feedback.grammar_score"),
    ("ai_feedback", {"grammar_score": -1}, "ai_feedback.grammar_score"),
    ("ai_feedback", {"fluency_score": "90"}, "ai_feedback.fluency_score"),
    ("ai_feedback", {"pronunciation_score": True}, "ai_feedback.pronunciation_score"),
    ("ai_feedback", {"areas_for_improvement": "verbs"}, "ai_feedback.areas_for_improvement"),
    ("ai_feedback", {"suggested_next_topics": [1]}, "ai_feedback.suggested_next_topics"),
    ("ai_feedback", {"vocabulary_usage": 5}, "ai_feedback.vocabulary_usage"),
    ("ai_feedback", {"confidence_level": None}, "ai_feedback.confidence_level"),
    ("ai_feedback", {"conversation_flow": []}, "ai_feedback.conversation_flow"),
    ("ai_feedback", {"note": "x" * 33_000}, "ai_feedback"),
    ("client_id", "not-a-uuid", "client_id"),
    ("client_id", 5, "client_id"),
]


@pytest.mark.parametrize(("field", "given", "kept"), VALID)
def test_valid_value_is_stored(student: Person, field: str, given: Any, kept: Any) -> None:
    made = student.save_conversation(**{field: given})
    expected = given if kept is None and given is not None else kept
    assert made[field] == expected
    assert student.client.get(f"{VOICE}{made['id']}/").json() == made


@pytest.mark.slow
@pytest.mark.parametrize(("field", "given", "path"), INVALID)
def test_invalid_value_names_its_field_and_stores_nothing(
    student: Person, field: str, given: Any, path: str
) -> None:
    response = student.client.post(VOICE, {**CONVERSATION, field: given})
    body = response.json()
    assert (response.status_code, body["code"], list(body["errors"])) == (400, "invalid", [path])
    assert body["detail"] == f"{path}: {body['errors'][path][0]}"
    assert student.client.get(VOICE).json() == []


@pytest.mark.parametrize("field", ["topic", "transcription", "native_language", "target_language"])
def test_missing_required_field_is_an_error(student: Person, field: str) -> None:
    body = {name: value for name, value in CONVERSATION.items() if name != field}
    response = student.client.post(VOICE, body)
    assert list(response.json()["errors"]) == [field]


@pytest.mark.parametrize("body", [{}, {"ai_feedback": None}, {"ai_feedback": "x"}, {"ai_feedback": []}])
def test_add_feedback_requires_an_object(student: Person, body: Any) -> None:
    made = student.save_conversation()
    response = student.client.patch(f"{VOICE}{made['id']}/add_feedback/", body)
    assert (response.status_code, list(response.json()["errors"])) == (400, ["ai_feedback"])


def test_merged_feedback_has_the_limit_of_feedback(student: Person) -> None:
    made = student.save_conversation(ai_feedback={"one": "x" * 20_000})
    path = f"{VOICE}{made['id']}/"
    response = student.client.patch(f"{path}add_feedback/", {"ai_feedback": {"two": "x" * 20_000}})
    assert (response.status_code, list(response.json()["errors"])) == (400, ["ai_feedback"])
    assert student.client.get(path).json() == made


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ({"type": "chat"}, "type"),
        ({"since": "yesterday"}, "since"),
        ({"until": "2026-13-01"}, "until"),
        ({"until": "9999-12-31"}, "until"),
        ({"min_minutes": "-1"}, "min_minutes"),
        ({"min_minutes": "x"}, "min_minutes"),
        ({"has_feedback": "maybe"}, "has_feedback"),
        ({"search": "x" * 201}, "search"),
        ({"search": "a\x00b"}, "search"),
        ({"language": "a\x00b"}, "language"),
        ({"limit": "0"}, "limit"),
        ({"limit": "x"}, "limit"),
        ({"cursor": "x"}, "cursor"),
        ({"cursor": "W10"}, "cursor"),
        ({"fields": "id,secret"}, "fields"),
    ],
)
def test_invalid_query_names_its_parameter(student: Person, query: Any, field: str) -> None:
    response = student.client.get(VOICE, query)
    assert (response.status_code, list(response.json()["errors"])) == (400, [field])


@pytest.mark.parametrize("pk", ["0", "9223372036854775807", "9" * 19, "9" * 30, "9" * 4301])
def test_unknown_id_is_404(student: Person, pk: str) -> None:
    for method in ("get", "patch", "delete"):
        response = getattr(student.client, method)(f"{VOICE}{pk}/", {})
        assert response.status_code == 404
