"""Retries, changes and pages."""

import uuid

import pytest

from accounts.models import VoiceConversation
from accounts.rest.pagination import MAX_LIMIT
from tests.fixtures.people import CONVERSATION, VOICE, Person


def test_retry_answers_the_row_as_it_is_now(student: Person) -> None:
    body = {**CONVERSATION, "client_id": str(uuid.uuid4())}
    made = student.client.post(VOICE, body).json()
    student.client.patch(f"{VOICE}{made['id']}/", {"topic": "Edited", "client_id": str(uuid.uuid4())})
    again = student.client.post(VOICE, {**body, "topic": f" {body['topic']} "})
    assert (again.status_code, again.json()["topic"]) == (200, "Edited")
    assert again.json()["client_id"] == body["client_id"]
    other = student.client.post(VOICE, {**body, "topic": "Another"})
    assert (other.status_code, other.json()["code"]) == (409, "client_id_reused")
    assert VoiceConversation.objects.count() == 1


def test_retry_may_spell_the_defaults_out(student: Person) -> None:
    short = {name: CONVERSATION[name] for name in ("topic", "transcription")}
    body = {**short, "native_language": "en", "target_language": "es", "client_id": str(uuid.uuid4())}
    assert student.client.post(VOICE, body).status_code == 201
    defaults = {"ai_feedback": None, "conversation_type": "practice", "duration_minutes": None}
    assert student.client.post(VOICE, {**body, **defaults}).status_code == 200


def test_unknown_languages_and_empty_fields_are_harmless(student: Person) -> None:
    made = student.save_conversation()
    assert student.client.get(f"{VOICE}by-language/%00/").json() == []
    assert student.client.get(f"{VOICE}?fields=,").json() == [made]


def test_client_id_is_each_persons_own(student: Person, stranger: Person) -> None:
    client_id = str(uuid.uuid4())
    first = student.save_conversation(client_id=client_id)
    second = stranger.save_conversation(client_id=client_id)
    assert first["id"] != second["id"]


def test_put_asks_for_the_required_and_patch_for_nothing(student: Person) -> None:
    made = student.save_conversation()
    path = f"{VOICE}{made['id']}/"
    response = student.client.put(path, {"topic": "x"})
    assert set(response.json()["errors"]) == {"transcription", "native_language", "target_language"}
    assert student.client.patch(path, {}).status_code == 200
    changed = student.client.put(path, {**CONVERSATION, "target_language": "日本語"}).json()
    assert (changed["target_language"], changed["created_at"]) == ("日本語", made["created_at"])
    assert changed["updated_at"] > made["updated_at"]
    assert student.client.get(f"{VOICE}by-language/ja/").json() == [changed]


def test_generated_fields_are_not_the_clients_to_write(student: Person) -> None:
    made = student.save_conversation(
        generated_feedback={"x": 1}, feedback_status="done", user=str(uuid.uuid4()), id=7
    )
    assert (made["generated_feedback"], made["feedback_status"]) == (None, "none")
    assert made["user"] == str(student.user.pk)


def test_filters_of_lists_do_not_hide_one(student: Person) -> None:
    made = student.save_conversation()
    path = f"{VOICE}{made['id']}/?language=Klingon&since=x&fields=id"
    assert student.client.get(path).json() == made
    assert student.client.delete(path).status_code == 204


def test_delete_is_for_good(student: Person) -> None:
    path = f"{VOICE}{student.save_conversation()['id']}/"
    assert student.client.delete(path).status_code == 204
    assert student.client.get(path).status_code == 404


def bulk(person: Person, count: int) -> None:
    """Many rows, all of one instant, so that the id alone orders them."""
    made = VoiceConversation.objects.bulk_create(
        VoiceConversation(
            user=person.user,
            topic="t",
            transcription="x",
            native_language="en",
            target_language="es",
            target_language_code="es",
        )
        for _ in range(count)
    )
    VoiceConversation.objects.filter(user=person.user).update(created_at=made[0].created_at)


@pytest.mark.parametrize("limit", [1, 7, 50])
def test_pages_hold_every_row_once_under_inserts(student: Person, limit: int) -> None:
    bulk(student, 23)
    wanted = [row["id"] for row in student.client.get(VOICE).json()]
    seen: list[int] = []
    url = f"{VOICE}?limit={limit}&fields=id"
    while url:
        response = student.client.get(url)
        seen += [row["id"] for row in response.json()]
        student.save_conversation()
        link = response.get("Link", "")
        url = link[link.index("<") + 1 : link.index(">")] if link else ""
        assert not link or link.endswith('rel="next"')
    assert seen == wanted


def test_whole_list_is_500_rows_then_pages_of_200_at_most(student: Person) -> None:
    bulk(student, 501)
    response = student.client.get(f"{VOICE}?fields=id")
    assert len(response.json()) == 500
    link = response["Link"]
    rest = student.client.get(link[1 : link.index(">")])
    assert (len(rest.json()), "Link" in rest) == (1, False)
    assert len(student.client.get(f"{VOICE}?fields=id&limit=9999").json()) == MAX_LIMIT


def test_cursor_of_another_list_or_forged_is_refused(student: Person) -> None:
    bulk(student, 3)
    link = student.client.get(f"{VOICE}?limit=1")["Link"]
    cursor = link.split("cursor=")[1].split("&")[0].split(">")[0]
    assert student.client.get(f"{VOICE}?cursor={cursor}").status_code == 200
    assert student.client.get(f"{VOICE}?cursor=x{cursor}").status_code == 400
