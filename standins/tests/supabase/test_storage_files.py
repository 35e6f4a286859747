"""Files on disk: consistency with the rows, hostile names and bodies, concurrent requests."""

import asyncio
import http.client
import io
import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from typing import Any
from urllib.parse import urlsplit
from uuid import uuid4

import httpx
import psycopg2
import pytest
from starlette.requests import Request

from standins.supabase.realtime import listener
from standins.supabase.storage import files, objects
from standins.supabase.storage.errors import StorageError
from standins.supabase.storage.multipart import receive
from standins.tests.fixtures.auth import CLIENT, STORAGE_DIR, serve
from standins.tests.fixtures.storage import StorageApi, refused

NAMES = [
    *(
        "../a",
        "a/../../b",
        "%2e%2e/%2e%2e/etc/passwd",
        "..%2f..%2fetc%2fpasswd",
        "a/./b",
        "..",
        "%00",
        "a%00b",
    ),
    *("a%0d%0ab", "a%5cb", "%c3%bc", "%ff", "%ed%a0%80", "x" * 1025, "a%22b", "a<b>", "", "a%7f"),
]


def test_files_are_stored_and_removed_with_their_rows(storage: StorageApi) -> None:
    before = storage.files()
    storage.upload("open/a", b"1")
    storage.upload("open/b", b"2")
    assert len(storage.files() - before) == 2 and storage.files() - before == storage.versions()
    storage.call("DELETE", "/object/open", {"prefixes": ["a", "b"]})
    assert storage.files() == before and storage.versions() == set()


def test_refused_upload_leaves_no_file(storage: StorageApi) -> None:
    storage.upload("open/a", b"1")
    storage.call("POST", "/bucket", {"name": "small", "file_size_limit": 1})
    before = storage.files()
    refused(storage.upload("open/a", b"2"), 409, "Duplicate")
    refused(storage.upload("small/b", b"22"), 413, "Payload too large")
    refused(storage.upload("closed/b", key=storage.auth.keys.publishable_key), 403, "Unauthorized")
    assert storage.files() == before


def test_files_are_readable_only_by_their_owner(storage: StorageApi) -> None:
    storage.upload("open/a", b"1")
    (version,) = storage.versions()
    assert STORAGE_DIR.stat().st_mode & 0o777 == 0o700
    assert (STORAGE_DIR / version).stat().st_mode & 0o777 == 0o600


def test_full_disk_is_a_503_and_leaves_no_file(storage: StorageApi, monkeypatch: pytest.MonkeyPatch) -> None:
    before = storage.files()

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as broken:
        broken.setattr(files.os, "fsync", full)
        refused(storage.upload("open/a", b"new"), 503, "InternalError")
    assert storage.files() == before and storage.versions() == set()


def test_database_failure_is_a_503_and_leaves_no_file(
    storage: StorageApi, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = storage.files()

    def away(*_: Any, **__: Any) -> None:
        raise psycopg2.OperationalError("away")

    with monkeypatch.context() as broken:
        broken.setattr(objects, "insert", away)
        refused(storage.upload("open/a", b"new"), 503, "DatabaseError")
    assert storage.files() == before


def test_row_without_its_file_is_not_found(storage: StorageApi) -> None:
    storage.upload("open/a", b"1")
    (version,) = storage.versions()
    (STORAGE_DIR / version).unlink()
    refused(storage.call("GET", "/object/open/a"), 404, "not_found")
    assert storage.names("open") == ["a"]
    removed = storage.call("DELETE", "/object/open", {"prefixes": ["a"]})
    assert [row["name"] for row in removed.json()] == ["a"]


def test_download_continues_after_the_object_is_removed(storage: StorageApi) -> None:
    content = os.urandom(8 * 1024 * 1024)
    storage.upload("open/a", content)
    with CLIENT.stream("GET", f"{storage.url}/object/public/open/a") as answer:
        chunks = answer.iter_bytes(64 * 1024)
        start = next(chunks)
        assert storage.call("DELETE", "/object/open", {"prefixes": ["a"]}).status_code == 200
        assert start + b"".join(chunks) == content


def raw_status(
    storage: StorageApi, method: str, path: str, content: bytes | None = None, kind: str = "application/json"
) -> int:
    """The status of a request. Its path is sent unchanged; httpx would normalise it."""
    headers = {"apikey": storage.auth.keys.secret_key, "content-type": kind}
    connection = http.client.HTTPConnection("127.0.0.1", urlsplit(storage.url).port or 0, timeout=20)
    with closing(connection):
        connection.request(method, f"/storage/v1{path}", content, headers)
        return connection.getresponse().status


@pytest.mark.parametrize("name", NAMES)
def test_hostile_object_name_is_refused(storage: StorageApi, name: str) -> None:
    before = storage.files()
    form = multipart(FILE)
    assert raw_status(storage, "POST", f"/object/open/{name}", form, FORM) == 400
    for method, folder in (("GET", ""), ("HEAD", ""), ("GET", "public/")):
        assert raw_status(storage, method, f"/object/{folder}open/{name}") == 400
    assert storage.files() == before and storage.versions() == set()


@pytest.mark.parametrize("bucket", ["..", "%2e%2e", "%00", "%c3%bc", "x" * 101, "%20", "a%0ab"])
def test_hostile_bucket_name_is_refused(storage: StorageApi, bucket: str) -> None:
    assert raw_status(storage, "GET", f"/bucket/{bucket}") == 400
    assert raw_status(storage, "POST", f"/object/{bucket}/a", multipart(FILE), FORM) == 400
    assert raw_status(storage, "POST", f"/object/list/{bucket}", b"{}") == 400
    assert raw_status(storage, "DELETE", f"/object/{bucket}", b"{}") == 400


def multipart(*parts: bytes, boundary: bytes = b"B", end: bytes = b"--B--\r\n") -> bytes:
    return b"".join(b"--" + boundary + b"\r\n" + part + b"\r\n" for part in parts) + end


FILE = b'Content-Disposition: form-data; name=""; filename="a.txt"\r\nContent-Type: text/plain\r\n\r\nx'
FORM = "multipart/form-data; boundary=B"
FIELD = b'Content-Disposition: form-data; name="f"\r\n\r\nx'
BODIES: dict[str, tuple[str, bytes]] = {
    "no boundary": ("multipart/form-data", multipart(FILE)),
    "empty boundary": ("multipart/form-data; boundary=", multipart(FILE)),
    "another boundary": ("multipart/form-data; boundary=C", multipart(FILE)),
    "no end": ("multipart/form-data; boundary=B", multipart(FILE[:-1], end=b"")),
    "no body": ("multipart/form-data; boundary=B", b""),
    "no file": ("multipart/form-data; boundary=B", multipart(FIELD)),
    "two files": ("multipart/form-data; boundary=B", multipart(FILE, FILE)),
    "a thousand fields": ("multipart/form-data; boundary=B", multipart(*[FIELD] * 1000, FILE)),
    "part without a name": ("multipart/form-data; boundary=B", multipart(b"A: b\r\n\r\nx")),
    "header without end": ("multipart/form-data; boundary=B", b"--B\r\n" + b"A" * 100_000),
    "header that is none": ("multipart/form-data; boundary=B", multipart(b"\x00\xff: b\r\n\r\nx")),
    "no form": ("text/plain", b"x"),
}


@pytest.mark.parametrize("name", BODIES)
def test_hostile_body_is_refused(storage: StorageApi, name: str) -> None:
    content_type, content = BODIES[name]
    before = storage.files()
    refused(storage.raw_upload("open/a", content, content_type), 400, "InvalidRequest")
    assert storage.files() == before


def test_hostile_form_fields_are_replaced(storage: StorageApi) -> None:
    part = b'Content-Disposition: form-data; name="cacheControl"\r\n\r\n\xc3\xbc\x01'
    body = multipart(part, FILE.replace(b"a.txt", b"\x00\xff../../a"))
    assert storage.raw_upload("open/a", body, FORM).status_code == 200
    assert storage.call("GET", "/object/open/a").headers["cache-control"] == "no-cache"


@pytest.mark.parametrize(
    ("method", "path"), [("POST", "/bucket"), ("POST", "/object/list/open"), ("DELETE", "/object/open")]
)
def test_hostile_json_is_refused(storage: StorageApi, method: str, path: str) -> None:
    storage.upload("open/a")
    for content in (b"{", b"[]", b"\xff", b'{"a": NaN}', b'{"prefix": "\\u0000"}', b'{"a": "\\ud800"}'):
        refused(storage.call(method, path, content=content), 400, "InvalidRequest")
    for name in ("prefix", "search", "prefixes", "limit", "offset", "sortBy", "id", "file_size_limit"):
        for value in (True, -1, 10**30, 1.5, [1], {"a": 1}, "x" * 10_000, [["x"]], {"column": [1]}):
            body = {"name": "open", name: value}
            assert storage.call(method, path, body).status_code in (200, 400, 413), body


def test_unknown_routes_have_the_same_error_format(storage: StorageApi) -> None:
    refused(storage.call("GET", "/nothing"), 404, "not_found")
    refused(storage.call("PATCH", "/bucket"), 405, "method_not_allowed")
    refused(storage.call("POST", "/upload/resumable"), 404, "not_found")
    refused(storage.call("PUT", "/object/open/a"), 405, "method_not_allowed")


def test_unreachable_database_is_a_503(storage: StorageApi, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(listener, "START_SECONDS", 0)  # otherwise the start waits for the database

    def away() -> Any:
        raise psycopg2.OperationalError("away")

    with serve(away, storage.auth.keys) as running:
        refused(StorageApi(running).call("GET", "/bucket"), 503, "DatabaseError")


def at_once(count: int, call: Callable[[int], httpx.Response]) -> list[int]:
    with ThreadPoolExecutor(count) as pool:
        return sorted(answer.status_code for answer in pool.map(call, range(count)))


def test_one_of_several_first_uploads_is_stored(storage: StorageApi) -> None:
    before = storage.files()
    assert at_once(8, lambda number: storage.upload("open/a", bytes([number]))) == [200] + [400] * 7
    assert storage.files() - before == storage.versions()


def test_concurrent_uploads_and_removals_leave_no_unused_file(storage: StorageApi) -> None:
    before = storage.files()
    calls: list[Callable[[], httpx.Response]] = [
        lambda: storage.upload("open/a", b"1"),
        lambda: storage.upload("open/b", b"2"),
        lambda: storage.call("DELETE", "/object/open", {"prefixes": ["a", "b"]}),
    ]
    for _ in range(5):
        assert set(at_once(12, lambda number: calls[number % 3]())) <= {200, 400}
    assert storage.files() - before == storage.versions()


def test_version_is_written_once(tmp_path: Any) -> None:
    version, folder = uuid4(), files.Files(tmp_path / "new")
    folder.store(version, io.BytesIO(b"1"))
    with pytest.raises(FileExistsError):
        folder.store(version, io.BytesIO(b"2"))
    with folder.open(version) as file:
        assert file.read() == b"1"
    folder.remove(version)
    folder.remove(version)


def test_body_beyond_the_limit_is_not_read() -> None:
    read = 0

    async def endless() -> dict[str, Any]:
        nonlocal read
        read += 1
        assert read <= 60, "the whole body would be read"
        start = b"--B\r\n" + FILE if read == 1 else b""
        return {"type": "http.request", "body": start + bytes(1024 * 1024), "more_body": True}

    headers = [(b"content-type", FORM.encode())]
    with pytest.raises(StorageError) as refused:
        asyncio.run(receive(Request({"type": "http", "headers": headers}, endless)))
    assert (refused.value.status, read) == (413, 51)
