"""The deletion of a large account: in parts, each with short locks, which the job continues after a crash."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.contenttypes.models import ContentType
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from accounts.models import (
    Card,
    CardReview,
    CardSource,
    Comment,
    Correction,
    Gig,
    Message,
    Participant,
    Share,
    User,
    VoiceConversation,
)
from accounts.models.chats import MessageQuerySet
from accounts.models.deleted_users import DELETION_GRACE
from accounts.services import deletion_parts
from tests.fixtures.copies import copy
from tests.fixtures.jobs import pass_time, run_jobs
from tests.fixtures.learning import TABLES, fill_learning, rows_of
from tests.fixtures.outages import outage, to_auth
from tests.fixtures.people import CHATS, Person, client_of
from tests.fixtures.staff import make_gig, moderator
from tests.fixtures.threads import PATIENCE, result_of, wait_until_blocked

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("clean_auth")]

ME = "/accounts/users/me/"
STATEMENTS = 50  # of the deletion of an ordinary account
ROWS, PART = 20_000, 2_000
WRONG_COUNTS = """
select p.id from accounts_participant p where p.unread_count <> (
  select count(*) from accounts_message m where m.chat_id = p.chat_id and m.sender_id <> p.user_id
  and m.seq > p.read_seq and m.deleted_at is null)"""


class Killed(BaseException):
    """Simulates SIGKILL: no handler runs."""


def delete(person: Person) -> int:
    response = client_of(person.token).delete(ME, {"confirm": person.user.email})
    return int(response.status_code)


def fill(person: Person, peer: Person) -> dict[str, Any]:
    """A row of each kind that may be many. Returns the chat with the peer."""
    person.save_conversation()
    person.review(person.make_card())
    if person.client.get("/accounts/teachers/me/").status_code == 404:
        assert person.client.post("/accounts/teachers/", {"headline": "x"}).status_code == 201
    person.offer()
    chat = person.open_chat(peer)
    person.write(chat)
    return chat


def left(person: Person) -> dict[str, int]:
    """The numbers of rows of the person that a deletion removes, and of messages with content."""
    user = person.user
    return {
        "messages": Message.objects.by_sender(user).present().count(),
        "conversations": VoiceConversation.objects.for_user(user).count(),
        "cards": Card.objects.for_user(user).count(),
        "reviews": CardReview.objects.for_user(user).count(),
    }


def wrong_counts() -> list[Any]:
    with connection.cursor() as cursor:
        cursor.execute(WRONG_COUNTS)
        return cursor.fetchall()


@pytest.mark.usefixtures("whole_statements")
def test_the_statements_of_an_ordinary_deletion_do_not_depend_on_the_number_of_rows(
    student: Person, stranger: Person, make_person: Callable[..., Person]
) -> None:
    other, counts = make_person("Oth"), []
    for person, times in ((student, 1), (other, 10)):
        for _ in range(times):
            fill(person, stranger)
        with CaptureQueriesContext(connection) as counted:
            assert delete(person) == 204
        counts.append(len(counted))
    assert counts == [STATEMENTS] * 2


def many_rows(person: Person, peer: Person) -> dict[str, Any]:
    """ROWS messages to the peer, of which the peer has read half, and as many conversations and reviews."""
    chat = fill(person, peer)
    sent = Message.objects.get()
    copy(sent, ROWS - 1, seq="n + 1", id=f"{sent.pk} + n", client_id="null", creation_digest="'x'")
    conversation, made = VoiceConversation.objects.get(), CardReview.objects.get()
    copy(conversation, ROWS - 1, id=f"{conversation.pk} + n", client_id="null")
    copy(made, ROWS - 1, id=f"{made.pk} + n", client_id="md5(n::text)::uuid")
    with connection.cursor() as cursor:
        cursor.execute("update accounts_chat set last_seq = %s", [ROWS])
        cursor.execute(
            "update accounts_participant set read_seq = %s, unread_count = %s where user_id = %s",
            [ROWS // 2, ROWS // 2, peer.user.pk],
        )
    assert wrong_counts() == []
    return chat


class Parts:
    """Counts the parts of messages of a deletion, and acts before the end of one of them."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, at: int, act: Callable[[], Any]) -> None:
        self.number = 0
        soft_delete = MessageQuerySet.soft_delete

        def counted(rows: MessageQuerySet, **options: Any) -> int:
            self.number += 1
            found = soft_delete(rows, **options)
            if self.number == at:
                act()
            return found

        monkeypatch.setattr(MessageQuerySet, "soft_delete", counted)


def delete_until_killed(person: Person, monkeypatch: pytest.MonkeyPatch, *, part: int) -> None:
    """Deletes the account. The request is killed in this part of its messages, counted from 1."""

    def kill() -> None:
        raise Killed

    with monkeypatch.context() as patched:
        Parts(patched, part, kill)
        with pytest.raises(Killed):
            delete(person)


def test_a_crash_between_two_parts_leaves_an_inaccessible_account_that_the_job_deletes(
    student: Person, stranger: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    many_rows(student, stranger)
    monkeypatch.setattr(deletion_parts, "SIZE", PART)
    delete_until_killed(student, monkeypatch, part=7)
    assert left(student) == {"messages": ROWS - 6 * PART, "conversations": ROWS, "cards": 1, "reviews": ROWS}
    assert wrong_counts() == []
    assert Participant.objects.get(user=stranger.user).unread_count == ROWS - 6 * PART
    assert client_of(student.token).get(ME).status_code == 401
    assert stranger.client.get(f"/accounts/teachers/{student.user.pk}/").status_code == 404
    assert stranger.client.get(f"/accounts/users/{student.user.pk}/").status_code == 404
    people = stranger.client.get(CHATS).json()[0]["participants"]
    assert {each["name"] for each in people} == {"Zoe", "Deleted user"}
    assert run_jobs() == []
    assert set(left(student).values()) == {0}
    assert wrong_counts() == []
    assert Participant.objects.get(user=stranger.user).unread_count == 0
    pass_time(DELETION_GRACE)
    assert run_jobs() == []
    assert User.objects.get(pk=student.user.pk).deletion_finished_at


def test_during_an_outage_the_job_deletes_what_a_killed_request_has_left(
    student: Person, stranger: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    chat = fill(student, stranger)
    for _ in range(4):
        student.write(chat)
    monkeypatch.setattr(deletion_parts, "SIZE", 2)
    delete_until_killed(student, monkeypatch, part=1)
    assert left(student)["messages"] == 5
    with outage(to_auth):
        run_jobs()
    assert set(left(student).values()) == {0}
    assert {each["content"] for each in stranger.client.get(f"{CHATS}{chat['id']}/messages/").json()} == {""}
    assert User.objects.get(pk=student.user.pk).deletion_finished_at is None


def test_a_wrong_unread_count_does_not_stop_the_deletion(
    student: Person, stranger: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    chat = fill(student, stranger)
    for _ in range(4):
        student.write(chat)
    Participant.objects.filter(user=stranger.user).update(unread_count=1)
    monkeypatch.setattr(deletion_parts, "SIZE", 2)
    assert delete(student) == 204
    assert set(left(student).values()) == {0}
    assert wrong_counts() == []


def test_the_log_of_a_change_of_a_gig_that_is_not_committed_yet_is_emptied_too(teacher: Person) -> None:
    gig = make_gig(teacher.user, "Tomás teaches")
    staff = moderator()

    def change() -> None:
        Gig.objects.filter(pk=gig.pk).update(title="Changed")
        content_type = ContentType.objects.get_for_model(Gig)
        about = {"content_type": content_type, "object_id": str(gig.pk), "object_repr": "Tomás teaches"}
        LogEntry.objects.create(user=staff, action_flag=CHANGE, change_message="rude", **about)

    assert result_of(lambda: delete(teacher), during=change) == 204
    [entry] = LogEntry.objects.all()
    assert (entry.object_repr, entry.change_message) == ("Deleted user", "")


def test_requests_of_the_peer_wait_for_one_part_only(
    student: Person, stranger: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    chat = many_rows(student, stranger)
    monkeypatch.setattr(deletion_parts, "SIZE", PART)
    path, statuses = f"{CHATS}{chat['id']}/", []
    requests = (("read/", {"seq": ROWS - 1}), ("messages/", {"content": "Hola"}))

    def write() -> None:
        try:
            for place, body in requests:
                statuses.append(client_of(stranger.token).post(f"{path}{place}", body).status_code)
        finally:
            connection.close()

    thread = threading.Thread(target=write)

    def wait() -> None:
        thread.start()
        wait_until_blocked(thread)
        transaction.on_commit(lambda: thread.join(PATIENCE))  # between this part and the next one
        transaction.on_commit(lambda: statuses.append(parts.number))

    parts = Parts(monkeypatch, 2, wait)
    assert delete(student) == 204
    assert statuses == [200, 409, 2]
    assert parts.number == ROWS // PART + 1  # the last one is that of an ordinary account
    assert set(left(student).values()) == {0}
    assert wrong_counts() == []


def test_rows_of_every_kind_are_deleted_in_parts(
    student: Person, stranger: Person, teacher: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The same rows as without parts: those of others remain, without the name of a deleted teacher."""
    monkeypatch.setattr(deletion_parts, "SIZE", 1)
    for number in range(3):
        for learner in (student, stranger):
            for model in TABLES[-2:]:  # one active share, and one declined learner
                model._default_manager.filter(learner=learner.user).delete()
            fill_learning(learner, teacher, secret=f"secret {number}")
    kept = rows_of(stranger.user)
    texts = Correction.objects.for_user(stranger.user).values_list("corrected", flat=True)
    stored = set(texts)
    assert delete(student) == 204
    assert (rows_of(student.user), rows_of(stranger.user)) == ({}, kept)
    assert delete(teacher) == 204
    assert (rows_of(teacher.user), set(texts)) == ({}, stored)
    assert not Share.objects.exists()
    assert wrong_counts() == []


def test_no_other_table_refers_to_rows_that_are_deleted_by_sql() -> None:
    """A new foreign key needs a line in ``learning_deletion.py``."""
    deleted = (VoiceConversation, Comment, Correction, Card, CardReview, Share)
    found = {
        (relation.related_model, model)
        for model in deleted
        for relation in model._meta.related_objects
        if not relation.many_to_many
    }
    assert found == {
        *((Comment, VoiceConversation), (Correction, VoiceConversation), (Share, VoiceConversation)),
        *((Correction, Comment), (CardSource, Correction), (CardSource, Card), (CardReview, Card)),
    }
