"""Deletion of accounts: during outages of Supabase and uploads, and with killed workers."""

import uuid
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import hypothesis
import pytest
from django.core.management import call_command
from django.db import connection
from django.utils import timezone
from django_tasks_db.models import DBTaskResult

from accounts.integrations import supabase_auth, supabase_storage
from accounts.models import Gig, Message, Revocation, Teacher, User, VoiceConversation, VoiceSession
from accounts.models.deleted_users import DELETION_GRACE
from accounts.services import profile_pictures
from tests.fixtures import outages
from tests.fixtures.jobs import pass_time, run_jobs
from tests.fixtures.outages import outage
from tests.fixtures.people import Person, client_of
from tests.fixtures.pictures import Bucket, picture, put
from tests.fixtures.threads import at_once

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("clean_auth")]

ME = "/accounts/users/me/"
HOUR = timedelta(hours=1)
OUTAGES = [outages.to_nothing, outages.to_any, outages.to_auth, outages.to_storage, outages.to_remove]
TRIES, THOROUGH_TRIES = 10, 200


class Killed(BaseException):
    """Simulates SIGKILL: no handler runs."""


@pytest.fixture
def active(make_person: Callable[..., Person], stranger: Person) -> Callable[[], Person]:
    """Makes teachers with a conversation, a voice session, a gig and a message to the stranger."""

    def make() -> Person:
        person = make_person("Tea", bio="secret bio", phone_number="+4612345")
        assert person.client.post("/accounts/teachers/", {"headline": "secret"}).status_code == 201
        person.save_conversation(topic="secret topic")
        person.offer(title="secret title")
        person.write(person.open_chat(stranger), "secret message", client_id=str(uuid.uuid4()))
        VoiceSession.objects.create(user=person.user, created_at=timezone.now())
        return person

    return make


def delete(person: Person) -> int:
    response = client_of(person.token).delete(ME, {"confirm": person.user.email})
    return int(response.status_code)


def assert_nothing_readable(person: Person) -> None:
    """No row of the person has content, and the token is refused."""
    tombstone = User.objects.get(pk=person.user.pk)
    assert (tombstone.name, tombstone.email, tombstone.bio) == ("Deleted user", "", "")
    assert (tombstone.phone_number, tombstone.profile_picture) == ("", "")
    for model in (VoiceConversation, VoiceSession, Teacher):
        assert not model.objects.for_user(tombstone).exists()
    assert not Gig.objects.filter(teacher_id=tombstone.pk).exists()
    sent = Message.objects.by_sender(tombstone)
    assert set(sent.values_list("content", "creation_digest")) == {("", "")}
    assert client_of(person.token).get(ME).status_code == 401


def accounts_of(person: Person) -> int:
    with connection.cursor() as cursor:
        cursor.execute("select count(*) from auth.users where id = %s", [person.user.pk])
        return int(cursor.fetchone()[0])


def is_finished(person: Person) -> bool:
    return User.objects.get(pk=person.user.pk).deletion_finished_at is not None


@pytest.mark.parametrize("of", OUTAGES)
def test_rows_are_deleted_in_the_request_whether_or_not_supabase_answers(
    active: Callable[[], Person], bucket: Bucket, of: Any
) -> None:
    person = active()
    assert put(person, picture()).status_code == 200
    with outage(of):
        assert delete(person) == 204
    assert_nothing_readable(person)
    assert Revocation.objects.filter(user_id=person.user.pk).count() == 1
    assert not is_finished(person)


def test_a_failure_in_the_deletion_of_rows_changes_nothing(
    active: Callable[[], Person], monkeypatch: pytest.MonkeyPatch
) -> None:
    person = active()
    with monkeypatch.context() as broken:
        broken.setattr(Message.objects, "by_sender", lambda user: 1 / 0)
        assert delete(person) == 500
    assert person.client.get(ME).json()["bio"] == "secret bio"
    assert not DBTaskResult.objects.exists()
    assert delete(person) == 204


def test_deletion_sends_no_request_to_supabase(
    active: Callable[[], Person], monkeypatch: pytest.MonkeyPatch
) -> None:
    person = active()
    with monkeypatch.context() as patched:
        patched.setattr("httpx.Client.send", lambda *args, **named: pytest.fail("a request was sent"))
        assert delete(person) == 204
    assert_nothing_readable(person)


def test_account_and_files_are_deleted_by_the_first_run(active: Callable[[], Person], bucket: Bucket) -> None:
    person = active()
    assert put(person, picture()).status_code == 200
    assert delete(person) == 204
    assert (accounts_of(person), len(bucket.names())) == (1, 1)
    assert run_jobs() == []
    assert (accounts_of(person), bucket.names(), is_finished(person)) == (0, [], False)
    pass_time(DELETION_GRACE)
    assert run_jobs() == []
    assert is_finished(person)


@pytest.mark.parametrize(
    ("of", "accounts", "files"),
    [(outages.to_any, 1, 1), (outages.to_auth, 1, 0), (outages.to_storage, 0, 1), (outages.to_remove, 1, 1)],
)
def test_account_and_files_are_deleted_after_an_outage_and_independently(
    active: Callable[[], Person], bucket: Bucket, of: Any, accounts: int, files: int
) -> None:
    person = active()
    assert put(person, picture()).status_code == 200
    assert delete(person) == 204
    with outage(of):
        for period in (timedelta(0), DELETION_GRACE, HOUR, HOUR):
            pass_time(period)
            assert run_jobs() == []
            assert (accounts_of(person), len(bucket.names())) == (accounts, files)
    assert not is_finished(person)
    pass_time(HOUR)
    assert run_jobs() == []
    assert (accounts_of(person), bucket.names(), is_finished(person)) == (0, [], True)
    pass_time(HOUR)
    assert run_jobs() == []
    assert not DBTaskResult.objects.filter(status="READY").exists()


def test_a_file_that_arrives_after_the_first_run_is_removed(
    active: Callable[[], Person], bucket: Bucket
) -> None:
    person = active()
    assert delete(person) == 204
    assert run_jobs() == []
    path = f"{profile_pictures.folder_of(person.user)}/late.webp"
    supabase_storage.upload(path=path, content=b"x", content_type="image/webp")
    pass_time(DELETION_GRACE)
    assert run_jobs() == []
    assert (bucket.names(), is_finished(person)) == ([], True)


def test_a_killed_worker_does_not_end_the_job(
    active: Callable[[], Person], monkeypatch: pytest.MonkeyPatch
) -> None:
    def kill(**_: Any) -> None:
        raise Killed

    person = active()
    assert delete(person) == 204
    for period in (timedelta(0), DELETION_GRACE, HOUR):
        pass_time(period)
        with monkeypatch.context() as broken:
            broken.setattr(supabase_auth, "delete_account", kill)
            assert run_jobs(), "the run is killed"
    pass_time(HOUR)
    run_jobs()
    assert (accounts_of(person), is_finished(person)) == (0, True)


def test_the_queue_keeps_the_id_of_the_account_alone(active: Callable[[], Person]) -> None:
    person = active()
    assert delete(person) == 204
    queued = list(DBTaskResult.objects.values_list("task_path", "args_kwargs"))
    arguments = {"args": [str(person.user.pk)], "kwargs": {}}
    assert queued == [("accounts.services.deletions.finish_deletion", arguments)] * 2


def test_finish_deletions_completes_a_deletion_without_queued_runs(
    active: Callable[[], Person], bucket: Bucket
) -> None:
    person = active()
    assert put(person, picture()).status_code == 200
    assert delete(person) == 204
    DBTaskResult.objects.all().delete()
    call_command("finish_deletions")
    assert accounts_of(person) == 1, "a recent deletion has its first run before it"
    pass_time(DELETION_GRACE)
    call_command("finish_deletions")
    call_command("finish_deletions")
    assert (accounts_of(person), bucket.names(), is_finished(person)) == (0, [], True)


def test_finish_deletions_deletes_the_rows_that_an_earlier_version_left(active: Callable[[], Person]) -> None:
    person = active()
    User.objects.get(pk=person.user.pk).anonymise(at=timezone.now() - HOUR)
    call_command("finish_deletions")
    assert_nothing_readable(person)
    assert is_finished(person)


@pytest.mark.slow
def test_deletions_during_uploads_and_outages_leave_nothing(
    active: Callable[[], Person], bucket: Bucket
) -> None:
    thorough = hypothesis.settings.get_current_profile_name() == "thorough"
    for number in range(THOROUGH_TRIES if thorough else TRIES):
        person = active()
        statuses = delete_during_upload(person, OUTAGES[number % len(OUTAGES)])
        assert_nothing_readable(person)
        for period in (timedelta(0), DELETION_GRACE):
            pass_time(period)
            assert run_jobs() == []
        assert (accounts_of(person), bucket.names(), is_finished(person)) == (0, [], True), statuses


def delete_during_upload(person: Person, of: Any) -> list[int]:
    """Uploads two pictures and deletes the account in parallel, and runs the job, during an outage."""

    def act(number: int) -> int:
        if number == 0:
            return delete(person)
        sent = Person(person.user, person.session_id, person.token, client_of(person.token))
        return int(put(sent, picture()).status_code)

    with outage(of):
        statuses = at_once(3, act)
        assert statuses[0] == 204
        assert set(statuses[1:]) <= {200, 401, 503}
        assert run_jobs() == []
    return statuses
