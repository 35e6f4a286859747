"""The number of queries of each write. SAVEPOINT and RELEASE SAVEPOINT count as one query each."""

import uuid
from typing import Any
from urllib.parse import quote

import pytest

from accounts.models import VoiceConversation
from tests.fixtures.people import CONVERSATION, GENERATED, VOICE, Person

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("path")]


@pytest.fixture
def path(student: Person) -> str:
    """The path of a conversation. Its POST is the first request of the process, which has one more query."""
    return f"{VOICE}{student.save_conversation()['id']}/"


def test_save_takes_five_queries(student: Person, django_assert_num_queries: Any) -> None:
    with django_assert_num_queries(5):  # caller, savepoint, lock, insert, release
        assert student.client.post(VOICE, CONVERSATION).status_code == 201


def test_save_with_client_id_takes_one_query_more(student: Person, django_assert_num_queries: Any) -> None:
    body = {**CONVERSATION, "client_id": str(uuid.uuid4())}
    with django_assert_num_queries(6):  # also the search for the client_id
        assert student.client.post(VOICE, body).status_code == 201
    with django_assert_num_queries(5):
        assert student.client.post(VOICE, body).status_code == 200


def test_one_conversation_takes_two_queries(
    student: Person, path: str, django_assert_num_queries: Any
) -> None:
    with django_assert_num_queries(2):  # caller, conversation with its user
        assert student.client.get(path).status_code == 200


@pytest.mark.parametrize(
    ("method", "action", "body"),
    [
        ("patch", "", {"topic": "Changed"}),
        ("patch", "add_feedback/", {"ai_feedback": {"grammar_score": 88}}),
    ],
)
def test_change_takes_five_queries(
    student: Person, path: str, django_assert_num_queries: Any, method: str, action: str, body: Any
) -> None:
    with django_assert_num_queries(5):  # caller, savepoint, lock, update, release
        response = getattr(student.client, method)(path + action, body)
    assert response.status_code == 200


def test_change_of_the_transcription_takes_one_query_more(
    student: Person, path: str, django_assert_num_queries: Any
) -> None:
    with django_assert_num_queries(6):  # also the corrections, whose quotes may be gone
        assert student.client.put(path, CONVERSATION).status_code == 200


def test_change_of_generated_feedback_takes_five_queries(
    student: Person, path: str, django_assert_num_queries: Any
) -> None:
    conversation = VoiceConversation.objects.get()
    conversation.store_feedback(GENERATED)
    with django_assert_num_queries(5):
        response = student.client.patch(f"{path}add_feedback/", {"ai_feedback": {"cefr_estimate": "A2"}})
    assert response.json()["conversation"]["ai_feedback"]["cefr_estimate"] == "A2"


def test_request_for_feedback_takes_eight_queries(
    student: Person, path: str, simulator: Any, django_assert_num_queries: Any
) -> None:
    # caller, throttle, savepoint, lock, update, two runs, release
    with django_assert_num_queries(8):
        assert student.client.post(f"{path}generate_feedback/").status_code == 202


def test_delete_takes_nine_queries(student: Person, path: str, django_assert_num_queries: Any) -> None:
    # caller, savepoint, lock, end of shares, comments, corrections, shares, conversation, release
    with django_assert_num_queries(9):
        assert student.client.delete(path).status_code == 204
    assert not VoiceConversation.objects.exists()


@pytest.mark.parametrize("language", ["C#", "a?b", "a%41", "中文 (x)"])
def test_the_next_page_of_any_language_is_linked(student: Person, language: str) -> None:
    for _ in range(2):
        student.save_conversation(target_language=language)
    page = student.client.get(f"{VOICE}by-language/{quote(language)}/", {"limit": 1})
    following = page["Link"].partition("<")[2].partition(">")[0]
    assert len(student.client.get(following).json()) == 1
