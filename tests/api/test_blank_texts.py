"""Texts of invisible characters alone are empty, in every field of the API and the admin."""

from typing import Any
from uuid import UUID

import pytest
from django.test import Client

from accounts.models import Gig, User
from accounts.serializers.fields import TextField
from accounts.services import summary
from accounts.services.feedback_prompt import validated
from accounts.values.transcripts import turns_of
from tests.fixtures.blank_texts import BLANK, VISIBLE
from tests.fixtures.people import CHATS, CONVERSATION, GIG, GIGS, VOICE, Person

ME = "/accounts/users/me/"
TEACHERS = "/accounts/teachers/"
UNSEEN = "\u3164"
FEEDBACK: dict[str, Any] = {
    "grammar_score": 80,
    "pronunciation_score": None,
    **dict.fromkeys(("vocabulary_usage", "confidence_level", "conversation_flow"), UNSEEN),
    "areas_for_improvement": ["verbs", UNSEEN],
    "suggested_next_topics": ["\u200b", "food"],
    "corrections": [{"quote": "\u200b", "corrected": "x", "explanation": "y"}],
    "cefr_estimate": "B1",
}


@pytest.mark.parametrize("text", BLANK, ids=ascii)
def test_text_field_takes_a_blank_text_as_empty(text: str) -> None:
    assert TextField(allow_blank=True).run_validation(text) == ""


@pytest.mark.parametrize("text", VISIBLE, ids=ascii)
def test_text_field_keeps_a_visible_text_as_it_was_written(text: str) -> None:
    assert TextField().run_validation(f" {text}\n") == text


@pytest.mark.parametrize(
    ("path", "body", "field"),
    [
        *((VOICE, {**CONVERSATION, name: UNSEEN}, name) for name in ("topic", "target_language")),
        (VOICE, {**CONVERSATION, "transcription": "\u200b\n\u2800"}, "transcription"),
        (VOICE, {**CONVERSATION, "transcription": {"full_text": UNSEEN}}, "transcription"),
        (
            VOICE,
            {**CONVERSATION, "transcription": {"messages": [{"role": "user", "text": "\ufe0f"}]}},
            "transcription",
        ),
        *((GIGS, {**GIG, name: UNSEEN}, name) for name in ("title", "description", "language", "currency")),
        (GIGS, {**GIG, "tags": ["A", "\xad"]}, "tags.1"),
        ("/accounts/teachers/me/", {"certificates": [UNSEEN]}, "certificates.0"),
        (ME, {"name": "\U000e0041"}, "name"),
        (ME, {"timezone": UNSEEN}, "timezone"),
        (ME, {"learning_languages": ["Spanish", UNSEEN]}, "learning_languages.1"),
        ("/accounts/register/", {"email": "a@example.com", "password": "x" * 12, "name": UNSEEN}, "name"),
    ],
)
def test_blank_text_in_a_required_field_is_a_400(teacher: Person, path: str, body: Any, field: str) -> None:
    send = teacher.client.patch if path.endswith("/me/") else teacher.client.post
    response = send(path, body)
    assert (response.status_code, list(response.json()["errors"])) == (400, [field])


def test_blank_text_in_an_optional_field_is_stored_empty(teacher: Person) -> None:
    profile = teacher.client.patch(ME, {"bio": UNSEEN, "city": "\u200b", "native_language": "\xad"}).json()
    assert (profile["bio"], profile["city"], profile["native_language"]) == ("", "", "")
    assert teacher.client.patch("/accounts/teachers/me/", {"headline": UNSEEN}).json()["headline"] == ""
    assert teacher.offer(what_is_included=UNSEEN)["what_is_included"] == ""


def test_message_is_not_blank_and_keeps_its_invisible_characters(student: Person, stranger: Person) -> None:
    path = f"{CHATS}{student.open_chat(stranger)['id']}/messages/"
    for content in ("\u200b", "\u3164 \n", "\ufe0f"):
        assert student.client.post(path, {"content": content}).status_code == 400
    sent = student.client.post(path, {"content": " ❤️\u200b"}).json()
    assert sent["content"] == " ❤️\u200b"
    edit = student.client.patch(f"{path}{sent['seq']}/", {"content": "\u2800"})
    assert (edit.status_code, list(edit.json()["errors"])) == (400, ["content"])


def test_transcription_keeps_its_blank_turns(student: Person) -> None:
    transcription = {"messages": [{"role": "user", "text": "Hola"}, {"role": "user", "text": UNSEEN}]}
    assert student.save_conversation(transcription=transcription)["transcription"] == transcription


def test_password_may_have_any_characters(anyone: Any, db: None) -> None:
    body = {"email": "a@example.com", "password": " \u200b\u200b\u200b\u200b ", "name": ""}
    errors = anyone.post("/accounts/register/", body).json()["errors"]
    assert list(errors) == ["name"]


def test_blank_areas_topics_and_texts_of_feedback_are_left_out() -> None:
    assert [*summary.texts([FEEDBACK["areas_for_improvement"]])] == ["verbs"]
    stored = validated(FEEDBACK, turns_of("User: Hola"))
    assert (stored["areas_for_improvement"], stored["suggested_next_topics"]) == (["verbs"], ["food"])
    assert (stored["vocabulary_usage"], stored["corrections"]) == ("", [])


@pytest.mark.parametrize(("name", "label"), [("Ana", "Ana"), ("\u3164", str(UUID(int=1)))])
def test_label_of_a_user_is_visible(name: str, label: str) -> None:
    assert str(User(pk=UUID(int=1), name=name, email="a@b.c")) == label


@pytest.mark.django_db(transaction=True)
def test_forms_of_the_admin_take_a_blank_text_as_empty(boss: Client, teacher: Person) -> None:
    gig = Gig.objects.get(pk=teacher.offer()["id"])
    form = {**GIG, "title": UNSEEN, "tags": ""}
    response = boss.post(f"/admin/accounts/gig/{gig.pk}/change/", form)
    assert list(response.context["adminform"].form.errors) == ["title"]
    suspension = {"action": "suspend", "_selected_action": [str(gig.pk)], "reason": "\u200b"}
    assert "visible" in boss.post("/admin/accounts/gig/", suspension).content.decode()
    address = f"/admin/accounts/user/{teacher.user.pk}/change/"
    assert boss.post(address, {"name": UNSEEN, "timezone": "UTC"}).status_code == 302
    user = User.objects.get(pk=teacher.user.pk)
    assert (user.name, user.emptied_fields) == ("", ["name"])
