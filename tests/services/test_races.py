"""Parallel requests: no write is lost and no row is created twice."""

import threading
import uuid
from collections.abc import Callable
from contextlib import closing
from typing import Any

import pytest
from django.db import connection, transaction
from django.utils import timezone

from accounts.errors import InvalidToken
from accounts.integrations import access_tokens
from accounts.models import Gig, Teacher, User, VoiceConversation
from accounts.models.gigs import MAX_GIGS
from accounts.services import deletions, teachers, users, voice_conversations
from tests.fixtures.people import CONVERSATION, GIG, GIGS, VOICE, Person, client_of
from tests.fixtures.staff import make_gigs
from tests.fixtures.supabase import connect
from tests.fixtures.threads import at_once, wait_until_blocked

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("clean_auth")]
ME = "/accounts/users/me/"


@pytest.fixture
def meanwhile(monkeypatch: pytest.MonkeyPatch) -> Callable[[Callable[[], Any]], None]:
    """Runs a function once, between the authentication and the view of the next request."""

    def arrange(event: Callable[[], Any]) -> None:
        authenticate = users.authenticate
        events = [event]

        def authenticate_then_run(claims: Any, **options: Any) -> User:
            user = authenticate(claims, **options)
            if events:
                events.pop()()
            return user

        monkeypatch.setattr(users, "authenticate", authenticate_then_run)

    return arrange


def test_update_of_an_account_deleted_meanwhile_is_refused(student: Person, meanwhile: Any) -> None:
    meanwhile(lambda: student.client.delete(ME, {"confirm": student.user.email}))
    response = student.client.patch(ME, {"bio": "still here"})
    assert (response.status_code, response.json()["code"]) == (401, "invalid_token")
    tombstone = User.objects.get()
    assert (tombstone.name, tombstone.email, tombstone.bio) == ("Deleted user", "", "")
    assert tombstone.deleted_at and not tombstone.is_active


def test_update_keeps_other_fields_written_meanwhile(student: Person, meanwhile: Any) -> None:
    written = {"role": "teacher", "is_staff": True, "city": "Lund", "native_language_code": "xx"}
    meanwhile(lambda: User.objects.update(**written))
    response = student.client.patch(ME, {"bio": "hej"})
    assert (response.status_code, response.json()["city"], response.json()["role"]) == (
        200,
        "Lund",
        "teacher",
    )
    assert User.objects.filter(bio="hej", **written).exists()


def test_email_of_a_deleted_user_is_not_updated(student: Person) -> None:
    User.objects.update(email="old@example.com")
    stale = User.objects.get()
    deletions.delete_user(
        user=User.objects.get(),
        claims=access_tokens.verify(student.token),
        confirm="old@example.com",
        at=timezone.now(),
    )
    users.update_email(user=stale, email=student.user.email, issued_at=timezone.now())
    assert User.objects.get().email == ""


def test_nothing_is_created_for_an_account_deleted_meanwhile(student: Person, meanwhile: Any) -> None:
    meanwhile(lambda: student.client.delete(ME, {"confirm": student.user.email}))
    response = student.client.post(VOICE, CONVERSATION)
    assert (response.status_code, response.json()["code"]) == (401, "invalid_token")
    assert not VoiceConversation.objects.exists()
    with pytest.raises(InvalidToken):
        teachers.make_teacher(user=student.user)
    assert not Teacher.objects.exists()


def test_deletion_waits_for_a_creation_in_progress(student: Person) -> None:
    """The deletion also removes a row that was created, but not committed, when it began."""
    checked, statuses = threading.Event(), []

    def delete() -> None:
        checked.wait(10)
        statuses.append(student.client.delete(ME, {"confirm": student.user.email}).status_code)
        connection.close()

    deletion = threading.Thread(target=delete)
    deletion.start()
    with transaction.atomic():
        voice_conversations.create_conversation(user=student.user, fields=dict(CONVERSATION))
        checked.set()
        wait_until_blocked(deletion)
    deletion.join(10)
    assert statuses == [204]
    assert not VoiceConversation.objects.exists()


@pytest.mark.parametrize("lock", ["lock_present", "locked_present", "locked_among"])
def test_a_locked_user_may_be_referred_to_by_other_transactions(student: Person, lock: str) -> None:
    with transaction.atomic(), closing(connect()) as other, other.cursor() as cursor:
        getattr(User.objects, lock)(student.user.pk)
        # This is how a foreign key locks the row that it refers to.
        cursor.execute("select from accounts_user where id = %s for key share nowait", [str(student.user.pk)])
        assert cursor.rowcount == 1


def test_parallel_updates_of_different_fields_are_both_stored(student: Person) -> None:
    for turn in range(10):

        def write(number: int, turn: int = turn) -> int:
            change = {("bio", "city")[number]: f"turn {turn}"}
            return int(client_of(student.token).patch(ME, change).status_code)

        assert at_once(2, write) == [200, 200]
        assert User.objects.filter(bio=f"turn {turn}", city=f"turn {turn}").exists()


def test_two_parallel_add_feedback_requests_lose_no_key(student: Person) -> None:
    path = f"{VOICE}{student.save_conversation(ai_feedback={})['id']}/"
    for turn in range(10):

        def add(number: int, turn: int = turn) -> int:
            body = {"ai_feedback": {f"key-{turn}-{number}": number}}
            return int(client_of(student.token).patch(f"{path}add_feedback/", body).status_code)

        assert at_once(2, add) == [200, 200]
    assert len(student.client.get(path).json()["ai_feedback"]) == 20


def test_parallel_change_and_add_feedback_are_both_stored(student: Person) -> None:
    path = f"{VOICE}{student.save_conversation(ai_feedback={})['id']}/"
    for turn in range(10):

        def write(number: int, turn: int = turn) -> int:
            client = client_of(student.token)
            if number:
                return int(client.patch(path, {"topic": f"topic {turn}"}).status_code)
            body = {"ai_feedback": {f"key-{turn}": turn}}
            return int(client.patch(f"{path}add_feedback/", body).status_code)

        assert at_once(2, write) == [200, 200]
    stored = student.client.get(path).json()
    assert (stored["topic"], len(stored["ai_feedback"])) == ("topic 9", 10)


def test_eight_posts_with_one_client_id_create_one_row(student: Person) -> None:
    body = {**CONVERSATION, "client_id": str(uuid.uuid4())}

    def post(_: int) -> tuple[int, int]:
        response = client_of(student.token).post(VOICE, body)
        return response.status_code, response.json()["id"]

    answers = at_once(8, post)
    assert sorted(status for status, _ in answers) == [200] * 7 + [201]
    assert {pk for _, pk in answers} == {VoiceConversation.objects.get().pk}


def test_eight_parallel_gigs_of_a_teacher_do_not_exceed_the_limit(teacher: Person, make_teacher: Any) -> None:
    other = make_teacher("Eva")
    make_gigs(teacher.user, MAX_GIGS - 2)
    make_gigs(other.user, MAX_GIGS - 2)

    def post(number: int) -> tuple[str, int]:
        person = (teacher, other)[number % 2]
        return person.user.name, client_of(person.token).post(GIGS, GIG).status_code

    answers = at_once(16, post)
    for person in (teacher, other):
        statuses = sorted(status for name, status in answers if name == person.user.name)
        assert statuses == [201] * 2 + [409] * 6
        assert Gig.objects.for_user(person.user).count() == MAX_GIGS


def test_thirty_two_parallel_first_requests_create_one_user(student: Person) -> None:
    User.objects.filter(pk=student.user.pk).delete()
    statuses = at_once(32, lambda _: client_of(student.token).get(ME).status_code)
    assert statuses == [200] * 32
    assert User.objects.get().pk == student.user.pk
