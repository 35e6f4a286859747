"""The page with private texts: a form that asks why, a logged reading, the texts once."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db.models import Model
from django.test import Client
from django.utils import timezone

from accounts.models import Chat, Correction, Message, PrivateTextReading, User, VoiceConversation
from tests.fixtures.private_rows import (
    CANARY,
    QUOTE,
    READABLE,
    make_chat,
    make_conversation,
    make_private_rows,
    make_session,
)
from tests.fixtures.staff import signed_in

pytestmark = pytest.mark.django_db(transaction=True)

WHY = "A complaint of Friday"


@pytest.fixture
def tom(make_account: Callable[..., User]) -> User:
    """A teacher."""
    return make_account("Tom", role=User.Role.TEACHER)


@pytest.fixture
def rows(anna: User, tom: User) -> dict[str, Model]:
    """A private row of each kind."""
    return make_private_rows(anna, tom)


def path_of(name: str, row: Any) -> str:
    return f"/admin/accounts/{name}/{row.pk}/text/"


def read(client: Client, name: str, row: Any, query: str = "", why: str = WHY) -> Any:
    """Opens the form, sends it, and returns the page with the texts."""
    path = path_of(name, row) + query
    return client.post(path, {"why": why, "form": key_of(client.get(path))})


def key_of(response: Any) -> str:
    [key] = re.findall(r'name="form" value="(\w+)"', response.content.decode())
    return key


def readings() -> list[tuple[Any, ...]]:
    return list(
        PrivateTextReading.objects.order_by("pk").values_list("by", "owner", "model", "object_id", "why")
    )


@pytest.mark.parametrize("name", READABLE)
def test_the_texts_are_shown_once_after_a_logged_reason(
    boss: Client, superuser: User, rows: dict[str, Model], anna: User, name: str
) -> None:
    row = rows[name]
    form = boss.get(path_of(name, row))
    assert CANARY not in form.content.decode() and readings() == []
    sent = {"why": WHY, "form": key_of(form)}
    page = boss.post(path_of(name, row), sent)
    assert page.status_code == 200 and CANARY in page.content.decode()
    assert {(reading[0], *reading[2:]) for reading in readings()} == {(superuser.pk, name, str(row.pk), WHY)}
    assert anna.pk in {reading[1] for reading in readings()}
    number = len(readings())
    reloaded = boss.post(path_of(name, row), sent)
    assert CANARY not in reloaded.content.decode() and WHY not in reloaded.content.decode()
    assert key_of(reloaded) != sent["form"] and len(readings()) == number
    for answer in (form, page, reloaded):
        assert "no-store" in answer["Cache-Control"]
        assert CANARY not in answer.context["title"]


def test_the_texts_of_a_session_are_its_topic_and_its_turns(boss: Client, rows: dict[str, Model]) -> None:
    html = read(boss, "voicesession", rows["voicesession"]).content.decode()
    assert f"{CANARY} topic" in html and f"{CANARY} speech" in html


def test_without_a_reason_nothing_is_shown(boss: Client, rows: dict[str, Model]) -> None:
    for name, why in zip(READABLE, ("", " ", "\u200b", "x" * 501, "\n", "\x00"), strict=True):
        answer = read(boss, name, rows[name], why=why)
        assert answer.status_code == 200 and CANARY not in answer.content.decode()
        assert answer.context["form"].errors and readings() == []


def test_a_form_without_key_shows_nothing(boss: Client, rows: dict[str, Model]) -> None:
    answer = boss.post(path_of("chat", rows["chat"]), {"why": WHY})
    assert CANARY not in answer.content.decode() and readings() == []


def test_a_request_without_csrf_token_is_refused(superuser: User, rows: dict[str, Model]) -> None:
    plain = signed_in(superuser)
    strict = Client(enforce_csrf_checks=True)
    strict.cookies = plain.cookies
    path = path_of("chat", rows["chat"])
    sent = {"why": WHY, "form": key_of(strict.get(path))}
    assert strict.post(path, sent).status_code == 403
    assert readings() == []


@pytest.mark.parametrize("name", ["voiceconversation", "voicesession", "chat"])
def test_the_page_needs_the_permission_to_read_and_to_view(
    make_staff: Callable[..., User], rows: dict[str, Model], name: str
) -> None:
    row, path = rows[name], path_of(name, rows[name])
    reader = signed_in(make_staff("Sam", f"view_{name}", "read_private_text"))
    viewer = signed_in(make_staff("Eve", f"view_{name}", f"change_{name}"))
    other = signed_in(make_staff("Max", "read_private_text"))
    change = f"/admin/accounts/{name}/{row.pk}/change/"
    assert path in reader.get(change).content.decode()
    assert path not in viewer.get(change).content.decode()
    assert CANARY in read(reader, name, row).content.decode()
    number = len(readings())
    for client in (viewer, other):
        assert client.get(path).status_code == 403
        assert client.post(path, {"why": WHY, "form": "x"}).status_code == 403
    assert Client().get(path)["Location"].startswith("/admin/login/")
    assert len(readings()) == number


@pytest.mark.parametrize("name", ["comment", "correction", "chat"])
def test_the_reading_is_logged_for_everybody_who_wrote(
    boss: Client, rows: dict[str, Model], anna: User, tom: User, name: str
) -> None:
    read(boss, name, rows[name])
    assert sorted(reading[1] for reading in readings()) == sorted([anna.pk, tom.pk])


def test_a_reading_stays_when_the_page_fails_afterwards(
    boss: Client, rows: dict[str, Model], monkeypatch: pytest.MonkeyPatch
) -> None:
    path = path_of("voiceconversation", rows["voiceconversation"])
    sent = {"why": WHY, "form": key_of(boss.get(path))}
    boss.raise_request_exception = False
    monkeypatch.setattr("accounts.admin.voice_conversations.turns_of", lambda *args, **named: 1 / 0)
    assert boss.post(path, sent).status_code == 500
    assert [reading[4] for reading in readings()] == [WHY]


def test_the_texts_are_read_after_the_reading_is_committed(
    boss: Client, rows: dict[str, Model], monkeypatch: pytest.MonkeyPatch, django_assert_max_num_queries: Any
) -> None:
    path = path_of("voiceconversation", rows["voiceconversation"])
    sent = {"why": WHY, "form": key_of(boss.get(path))}
    with django_assert_max_num_queries(25) as counted:
        boss.post(path, sent)
    statements = [query["sql"] for query in counted.captured_queries]
    [logged] = [index for index, sql in enumerate(statements) if 'INSERT INTO "accounts_privatetext' in sql]
    text = [index for index, sql in enumerate(statements) if '"transcription"' in sql]
    commits = [index for index, sql in enumerate(statements) if sql == "COMMIT"]
    assert text and any(logged < commit < text[0] for commit in commits)


def test_a_row_that_does_not_exist_is_a_404(boss: Client) -> None:
    for pk in ("0", "x", "999999"):
        assert boss.get(f"/admin/accounts/voiceconversation/{pk}/text/").status_code == 404
        assert boss.get(f"/admin/accounts/voiceconversation/{pk}/feedback/").status_code == 404


def test_a_transcript_is_a_dialogue_with_marked_corrections(boss: Client, rows: dict[str, Model]) -> None:
    html = read(boss, "voiceconversation", rows["voiceconversation"]).content.decode()
    assert f"I say <mark>{QUOTE}</mark> today" in html
    assert html.index(f"{CANARY} of the tutor") < html.index("I say ") < html.index(f"{CANARY} corrected")
    assert html.index("<bdi>Tutor</bdi>") < html.index("<bdi>Learner</bdi>")
    assert f"{CANARY} topic" in html and f"{CANARY} level" in html and f"{CANARY} flow" in html
    assert 'dir="auto"' in html


def test_corrections_without_a_place_are_listed_below(boss: Client, rows: dict[str, Model]) -> None:
    Correction.objects.update(turn=None)
    html = read(boss, "voiceconversation", rows["voiceconversation"]).content.decode()
    assert "<mark>" not in html
    assert html.index("Corrections without a place") < html.index(f"{CANARY} corrected")


def test_texts_are_escaped(boss: Client, anna: User) -> None:
    evil = "<script>alert(1)</script>"
    messages = {"messages": [{"role": "user", "text": evil}]}
    row = make_conversation(anna, topic=evil, transcription=messages, ai_feedback={evil: evil})
    html = read(boss, "voiceconversation", row).content.decode()
    assert evil not in html and html.count("&lt;script&gt;alert(1)") >= 3


def test_a_transcription_of_any_shape_has_a_page(boss: Client, anna: User) -> None:
    for transcription in ("", "plain words", {}, {"full_text": "words"}, {"messages": []}):
        row = make_conversation(anna, transcription=transcription)
        assert read(boss, "voiceconversation", row).status_code == 200


def test_a_chat_shows_the_newest_50_messages_and_logs_both_users(boss: Client, anna: User, tom: User) -> None:
    chat = make_chat(anna, tom, 120)
    html = read(boss, "chat", chat).content.decode()
    assert f"{CANARY} message 120." in html and f"{CANARY} message 71." in html
    assert f"{CANARY} message 70." not in html and 'href="?before=71"' in html
    assert {reading[1] for reading in readings()} == {anna.pk, tom.pk}
    assert CANARY not in boss.get(f"{path_of('chat', chat)}?before=71").content.decode()
    older = read(boss, "chat", chat, "?before=71").content.decode()
    assert f"{CANARY} message 70." in older and f"{CANARY} message 71." not in older
    oldest = read(boss, "chat", chat, "?before=21").content.decode()
    assert f"{CANARY} message 1." in oldest and "?before=" not in oldest
    assert len(readings()) == 6


def test_deleted_messages_are_marked_and_absurd_places_are_ignored(
    boss: Client, anna: User, tom: User
) -> None:
    chat = make_chat(anna, tom, 2)
    Message.objects.filter(seq=2).soft_delete(at=timezone.now())
    for before in ("", "?before=x", "?before=-1", f"?before={'9' * 30}", "?before=²"):
        html = read(boss, "chat", chat, before).content.decode()
        assert f"{CANARY} message 1." in html and "UTC, deleted<" in html
    Message.objects.filter(seq=2).update(removed_by_staff=True)
    assert "UTC, removed by staff<" in read(boss, "chat", chat).content.decode()
    assert "Nothing." in read(boss, "chat", chat, "?before=0").content.decode()


def test_lists_of_chats_and_conversations_are_searched_by_person(
    boss: Client, rows: dict[str, Model], anna: User, zoe: User
) -> None:
    older = timezone.now() - timedelta(days=1)
    Chat.objects.update(updated_at=older)
    newer = make_chat(zoe, User.objects.get(name="Tom"))
    mine = make_conversation(zoe)
    for name, found in (("chat", [newer]), ("voiceconversation", [mine]), ("feedbackjob", [mine.pk])):
        answer = boss.get(f"/admin/accounts/{name}/?q=zoe")
        listed = list(answer.context["cl"].result_list)
        assert ([row.pk for row in listed] if name == "feedbackjob" else listed) == found
    assert list(boss.get("/admin/accounts/chat/").context["cl"].result_list) == [newer, rows["chat"]]
    assert boss.get("/admin/accounts/chat/?q=" + CANARY).context["cl"].result_list.count() == 0


def test_the_pages_of_a_conversation_and_of_its_session_link_to_each_other(
    boss: Client, rows: dict[str, Model]
) -> None:
    VoiceConversation.objects.update(session=rows["voicesession"].pk)
    pages = {
        name: f"/admin/accounts/{name}/{rows[name].pk}/change/"
        for name in ("voiceconversation", "voicesession")
    }
    one, other = pages.values()
    assert f'href="{other}"' in boss.get(one).content.decode()
    assert f'href="{one}"' in boss.get(other).content.decode()
    unsaved = make_session(User.objects.get(name="Tom"))
    assert one not in boss.get(f"/admin/accounts/voicesession/{unsaved.pk}/change/").content.decode()


def test_the_page_of_a_conversation_shows_scores_as_bars(boss: Client, rows: dict[str, Model]) -> None:
    html = boss.get(
        f"/admin/accounts/voiceconversation/{rows['voiceconversation'].pk}/change/"
    ).content.decode()
    assert "width: 61.5%" in html and "Grammar score" in html
    assert VoiceConversation.objects.get().pronunciation_score is None
