"""Profile pictures during outages of Supabase, parallel changes and the deletion of the account."""

import threading
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import httpx
import pytest
from django.db import connection, transaction
from django.utils import timezone
from django_tasks_db.models import DBTaskResult

from accounts.errors import InvalidToken, StorageUnavailable
from accounts.integrations import supabase_storage
from accounts.models import User
from accounts.services import profile_pictures, queueing
from tests.fixtures.jobs import pass_time, run_jobs
from tests.fixtures.outages import outage, to_remove, to_storage
from tests.fixtures.people import Person, client_of
from tests.fixtures.pictures import PICTURE, Bucket, picture, put
from tests.fixtures.threads import at_once

ME = "/accounts/users/me/"


@contextmanager
def answering(status: int, content: bytes) -> Iterator[int]:
    """Yields the port of a server with one answer for every request."""

    class Handler(BaseHTTPRequestHandler):
        def answer(self) -> None:
            self.rfile.read(int(self.headers.get("Content-Length") or 0))
            self.send_response(status)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        do_GET = do_POST = do_PUT = do_DELETE = answer

        def log_message(self, *args: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    try:
        yield server.server_port
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


ANSWERS = {
    "failure": (500, b""),
    "page": (200, b"<html>Bad gateway"),
    "nothing": (200, b""),
    "key of no project": (401, b'{"message": "Invalid API key"}'),
    "publishable key": (400, b'{"statusCode": "403", "error": "Unauthorized", "message": "No."}'),
}
CODES = {"key of no project": "supabase_rejected", "publishable key": "supabase_rejected"}


@pytest.fixture(params=["closed", *ANSWERS])
def wrong_port(request: pytest.FixtureRequest) -> Iterator[int]:
    """The port of a server that is not Supabase, or a closed port."""
    if request.param == "closed":
        yield 9
        return
    with answering(*ANSWERS[request.param]) as port:
        yield port


def storage_at(port: int) -> AbstractContextManager[None]:
    """Redirects requests to Storage, and no others, to this port."""
    return outage(to_storage, port)


def test_failure_of_storage_is_a_503_and_changes_nothing(
    student: Person, bucket: Bucket, wrong_port: int, request: pytest.FixtureRequest
) -> None:
    put(student, picture())
    before, files = student.client.get(ME).json(), bucket.names()
    with storage_at(wrong_port):
        answer = put(student, picture())
    kind = request.node.callspec.params["wrong_port"]
    expected = CODES.get(kind, "storage_unavailable")
    assert (answer.status_code, answer.json()["code"]) == (503, expected)
    assert answer["Retry-After"]
    assert student.client.get(ME).json() == before
    assert bucket.names() == files


@pytest.mark.slow
def test_failed_removal_of_the_previous_file_is_logged_and_repeated_until_it_succeeds(
    student: Person, bucket: Bucket, wrong_port: int, caplog: pytest.LogCaptureFixture
) -> None:
    put(student, picture())
    (name,) = bucket.names()
    with storage_at(wrong_port):
        assert student.client.delete(PICTURE).status_code == 204
        assert student.client.get(ME).json()["profile_picture"] is None
        assert run_jobs() == []
        assert name in caplog.text
        for _ in range(3):
            pass_time(queueing.MAX_RETRY_DELAY)
            assert run_jobs() == []
            assert bucket.names() == [name]
    pass_time(queueing.MAX_RETRY_DELAY)
    assert run_jobs() == []
    assert bucket.names() == []
    assert not DBTaskResult.objects.filter(status="READY").exists()


def test_a_worker_that_dies_in_the_first_run_does_not_keep_the_previous_file(
    student: Person, bucket: Bucket, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(student, picture())
    assert student.client.delete(PICTURE).status_code == 204
    with monkeypatch.context() as broken:
        broken.setattr(supabase_storage, "remove", lambda **named: 1 / 0)
        assert len(run_jobs()) == 1
    DBTaskResult.objects.failed().delete()
    pass_time(queueing.FIRST_RETRY_DELAY)
    assert run_jobs() == []
    assert bucket.names() == []


def test_upload_creates_a_missing_bucket_with_its_limits(student: Person, bucket: Bucket) -> None:
    for _ in range(2):
        assert put(student, picture()).status_code == 200
        limits = bucket.sql("select id, public, file_size_limit, allowed_mime_types from storage.buckets")
        assert limits == [("user-uploads", True, 5 * 1024 * 1024, ["image/webp"])]
        bucket.empty()


def test_removal_of_a_missing_file_or_folder_is_not_an_error(student: Person, bucket: Bucket) -> None:
    supabase_storage.remove(path="avatars/none.webp")
    supabase_storage.remove_folder(folder="avatars/none")
    put(student, picture())
    supabase_storage.remove(path="avatars/none.webp")
    supabase_storage.remove_folder(folder="avatars/none")
    assert len(bucket.names()) == 1


def test_removal_in_a_missing_bucket_is_not_an_error() -> None:
    refusal = b'{"statusCode": "404", "error": "Bucket not found", "message": "Bucket not found"}'
    with answering(400, refusal) as port, storage_at(port):
        supabase_storage.remove_folder(folder="avatars/none")
        supabase_storage.remove(path="avatars/none.webp")


def test_a_removal_that_storage_refuses_is_an_error() -> None:
    refusal = b'{"statusCode": "500", "error": "Internal", "message": "Internal error"}'
    with answering(400, refusal) as port, storage_at(port):
        with pytest.raises(StorageUnavailable):
            supabase_storage.remove_folder(folder="avatars/none")
        with pytest.raises(StorageUnavailable):
            supabase_storage.remove(path="avatars/none.webp")


def test_a_listed_file_that_another_request_removes_first_is_not_an_error(
    student: Person, bucket: Bucket, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(student, picture())
    send = httpx.Client.send

    def send_late(client: httpx.Client, request: httpx.Request, **more: Any) -> httpx.Response:
        if request.method == "DELETE":
            bucket.sql("delete from storage.objects")
        return send(client, request, **more)

    monkeypatch.setattr(httpx.Client, "send", send_late)
    profile_pictures.remove_all_pictures(user=student.user)
    assert bucket.names() == []


def test_a_file_that_storage_lists_but_does_not_remove_is_an_error(bucket: Bucket) -> None:
    listed = b'[{"name": "a.webp", "id": "6f9619ff-8b86-4d11-b42d-00c04fc964ff"}]'
    with answering(200, listed) as port, storage_at(port), pytest.raises(StorageUnavailable):
        supabase_storage.remove_folder(folder="avatars/none")


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("clean_auth")
class TestCommitted:
    def test_eight_parallel_uploads_leave_one_file(self, student: Person, bucket: Bucket) -> None:
        """The bucket does not exist at first: the eight also create it in parallel."""

        def send(_: int) -> int:
            person = Person(student.user, student.session_id, student.token, client_of(student.token))
            return int(put(person, picture()).status_code)

        for _ in range(3):
            assert at_once(8, send) == [200] * 8
            assert run_jobs() == []
            assert bucket.names() == [User.objects.get(pk=student.user.pk).profile_picture]

    def test_no_request_is_sent_in_a_transaction(
        self, student: Person, bucket: Bucket, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        student.client.get(ME)  # fetches the signing keys
        methods: list[str] = []
        send = httpx.Client.send

        def watched(client: httpx.Client, request: httpx.Request, **more: Any) -> httpx.Response:
            assert not connection.in_atomic_block
            methods.append(request.method)
            return send(client, request, **more)

        monkeypatch.setattr(httpx.Client, "send", watched)
        for _ in range(2):
            assert put(student, picture()).status_code == 200
        assert student.client.delete(PICTURE).status_code == 204
        assert methods == ["POST"] * 4  # upload without a bucket, bucket, upload; upload
        assert run_jobs() == []
        assert methods[4:] == ["DELETE", "DELETE"]
        with transaction.atomic(), pytest.raises(AssertionError):
            supabase_storage.remove(path="avatars/none.webp")

    def test_upload_for_a_deleted_account_leaves_no_file(self, student: Person, bucket: Bucket) -> None:
        User.objects.get(pk=student.user.pk).anonymise(at=timezone.now())
        with outage(to_storage), pytest.raises(InvalidToken):
            profile_pictures.set_picture(user=student.user, content=picture())
        assert bucket.names() == []

    def test_file_of_a_refused_upload_is_removed_after_an_outage(
        self, student: Person, bucket: Bucket, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        upload = supabase_storage.upload

        def upload_during_deletion(**named: Any) -> None:
            upload(**named)
            User.objects.get(pk=student.user.pk).anonymise(at=timezone.now())

        monkeypatch.setattr(supabase_storage, "upload", upload_during_deletion)
        with outage(to_remove), pytest.raises(InvalidToken):
            profile_pictures.set_picture(user=student.user, content=picture())
        assert len(bucket.names()) == 1
        pass_time(queueing.FIRST_RETRY_DELAY)
        assert run_jobs() == []
        assert bucket.names() == []

    def test_deletion_of_the_account_removes_every_file_of_its_folder(
        self, student: Person, stranger: Person, bucket: Bucket, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(supabase_storage, "PAGE_SIZE", 5)
        put(student, picture())
        put(stranger, picture())
        for number in range(11):  # more than two pages
            path = f"{profile_pictures.folder_of(student.user)}/left-{number}.webp"
            supabase_storage.upload(path=path, content=b"x", content_type="image/webp")
        confirm = {"confirm": student.user.email}
        assert student.client.delete(ME, confirm).status_code == 204
        assert run_jobs() == []
        assert bucket.names() == [User.objects.get(pk=stranger.user.pk).profile_picture]
