"""Files on the disk follow the rows; hostile names and bodies; many at once."""

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
from standins.supabase.storage import files, incoming, objects
from standins.supabase.storage.errors import StorageError
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


def test_files_come_and_go_with_their_rows(storage: StorageApi) -> None:
    before = storage.files()

    def new_files() -> set[str]:
        return storage.files() - before

    storage.upload("open/a", b"1")
    assert new_files() == storage.versions()
    storage.upload("open/a", b"2", x_upsert="true")
    storage.upload("open/a", b"3", method="PUT")
    assert len(new_files()) == 1 and new_files() == storage.versions()
    keys = {"bucketId": "open", "sourceKey": "a", "destinationKey": "b"}
    storage.call("POST", "/object/copy", keys)
    storage.call("POST", "/object/move", keys | {"destinationKey": "c"})
    assert len(new_files()) == 2 and new_files() == storage.versions()
    storage.call("DELETE", "/object/open", {"prefixes": ["b"]})
    storage.call("DELETE", "/object/open/c")
    assert new_files() == set()
    (made,) = [storage.upload("open/a", b"1")]
    storage.call("POST", "/bucket/open/empty")
    assert made.status_code == 200 and new_files() == set()


def test_what_is_refused_leaves_no_file(storage: StorageApi) -> None:
    storage.upload("open/a", b"1")
    before = storage.files()
    storage.call("PUT", "/bucket/closed", {"file_size_limit": 1})
    keys = {"bucketId": "open", "sourceKey": "a", "destinationKey": "a"}
    refused(storage.upload("open/a", b"2"), 409, "Duplicate")
    refused(storage.upload("open/b", b"2", method="PUT"), 404, "not_found")
    refused(storage.upload("closed/b", b"22"), 413, "Payload too large")
    refused(storage.anonymous("POST", "/object/closed/b", content=b"2"), 403, "Unauthorized")
    storage.upload("open/b", b"1")
    refused(storage.call("POST", "/object/copy", keys | {"destinationKey": "b"}), 409, "Duplicate")
    assert len(storage.files() - before) == 1


def test_files_are_private_to_their_owner(storage: StorageApi) -> None:
    storage.upload("open/a", b"1")
    (version,) = storage.versions()
    assert STORAGE_DIR.stat().st_mode & 0o777 == 0o700
    assert (STORAGE_DIR / version).stat().st_mode & 0o777 == 0o600


def test_a_failure_while_writing_leaves_the_old_content(
    storage: StorageApi, monkeypatch: pytest.MonkeyPatch
) -> None:
    storage.upload("open/a", b"old")
    before = storage.files()

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as broken:
        broken.setattr(files.os, "fsync", full)
        refused(storage.upload("open/a", b"new", x_upsert="true"), 503, "InternalError")
        refused(storage.upload("open/b", b"new"), 503, "InternalError")
    assert storage.files() == before
    assert storage.call("GET", "/object/open/a").content == b"old"


def test_a_database_that_fails_leaves_the_old_content(
    storage: StorageApi, monkeypatch: pytest.MonkeyPatch
) -> None:
    storage.upload("open/a", b"old")
    before = storage.files()

    def away(*_: Any, **__: Any) -> None:
        raise psycopg2.OperationalError("away")

    with monkeypatch.context() as broken:
        broken.setattr(objects, "insert", away)
        refused(storage.upload("open/a", b"new", x_upsert="true"), 503, "DatabaseError")
    assert storage.files() == before
    assert storage.call("GET", "/object/open/a").content == b"old"


def test_a_row_whose_file_is_gone_is_not_found(storage: StorageApi) -> None:
    storage.upload("open/a", b"1")
    (version,) = storage.versions()
    (STORAGE_DIR / version).unlink()
    refused(storage.call("GET", "/object/open/a"), 404, "not_found")
    keys = {"bucketId": "open", "sourceKey": "a", "destinationKey": "b"}
    refused(storage.call("POST", "/object/copy", keys), 404, "not_found")
    assert storage.names("open") == ["a"]
    assert storage.upload("open/a", b"2", x_upsert="true").status_code == 200


def test_a_download_goes_on_though_the_object_is_removed(storage: StorageApi) -> None:
    content = os.urandom(8 * 1024 * 1024)
    storage.upload("open/a", content)
    with CLIENT.stream("GET", f"{storage.url}/object/public/open/a") as answer:
        chunks = answer.iter_bytes(64 * 1024)
        start = next(chunks)
        assert storage.call("DELETE", "/object/open/a").status_code == 200
        assert start + b"".join(chunks) == content


def raw_status(storage: StorageApi, method: str, path: str, content: bytes | None = None) -> int:
    """The status of a request whose path no client has made sensible."""
    headers = {"apikey": storage.auth.keys.secret_key, "content-type": "application/json"}
    connection = http.client.HTTPConnection("127.0.0.1", urlsplit(storage.url).port or 0, timeout=20)
    with closing(connection):
        connection.request(method, f"/storage/v1{path}", content, headers)
        return connection.getresponse().status


@pytest.mark.parametrize("name", NAMES)
def test_no_name_leads_elsewhere_or_fails(storage: StorageApi, name: str) -> None:
    before = storage.files()
    for method in ("POST", "PUT", "GET", "HEAD", "DELETE"):
        assert raw_status(storage, method, f"/object/open/{name}", b"{}") == 400, method
    for folder in ("public", "authenticated", "info", "info/public", "sign"):
        assert raw_status(storage, "GET", f"/object/{folder}/open/{name}") == 400
    for path in (f"/object/sign/open/{name}", f"/object/upload/sign/open/{name}"):
        assert raw_status(storage, "POST", path, b'{"expiresIn": 5}') == 400
    decoded = httpx.URL(f"http://x/?n={name}").params.get("n", "")
    keys = {"bucketId": "open", "sourceKey": decoded, "destinationKey": decoded}
    if not any("\ud800" <= letter <= "\udfff" for letter in decoded):
        for path in ("/object/move", "/object/copy"):
            assert storage.call("POST", path, keys).status_code == 400
    assert storage.files() == before and storage.versions() == set()


@pytest.mark.parametrize("bucket", ["..", "%2e%2e", "%00", "%c3%bc", "x" * 101, "%20", "a%0ab"])
def test_no_bucket_name_leads_elsewhere_or_fails(storage: StorageApi, bucket: str) -> None:
    for method in ("GET", "PUT", "DELETE"):
        assert raw_status(storage, method, f"/bucket/{bucket}", b"{}") == 400
    assert raw_status(storage, "POST", f"/object/{bucket}/a", b"{}") == 400
    assert raw_status(storage, "POST", f"/object/list/{bucket}", b"{}") == 400
    assert raw_status(storage, "DELETE", f"/object/{bucket}", b"{}") == 400


def multipart(*parts: bytes, boundary: bytes = b"B", end: bytes = b"--B--\r\n") -> bytes:
    return b"".join(b"--" + boundary + b"\r\n" + part + b"\r\n" for part in parts) + end


FILE = b'Content-Disposition: form-data; name=""; filename="a.txt"\r\nContent-Type: text/plain\r\n\r\nx'
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
    "metadata that is no JSON": (
        "multipart/form-data; boundary=B",
        multipart(b'Content-Disposition: form-data; name="metadata"\r\n\r\n{', FILE),
    ),
    "metadata with NUL": (
        "multipart/form-data; boundary=B",
        multipart(b'Content-Disposition: form-data; name="metadata"\r\n\r\n{"a": "\\u0000"}', FILE),
    ),
}


@pytest.mark.parametrize("name", BODIES)
def test_hostile_multipart_is_refused(storage: StorageApi, name: str) -> None:
    content_type, content = BODIES[name]
    before = storage.files()
    for method in ("POST", "PUT"):
        answer = storage.upload("open/a", content, method=method, content_type=content_type)
        refused(answer, 400, "InvalidRequest")
    assert storage.files() == before


def test_hostile_headers_are_refused_or_replaced(storage: StorageApi) -> None:
    refused(storage.upload("open/a", x_metadata="%%%"), 400, "InvalidRequest")
    refused(storage.upload("open/a", x_metadata="/w=="), 400, "InvalidRequest")
    part = b'Content-Disposition: form-data; name="cacheControl"\r\n\r\n\xc3\xbc\x01'
    body = multipart(part, FILE.replace(b"a.txt", b"\x00\xff../../a"))
    assert storage.upload("open/a", body, content_type="multipart/form-data; boundary=B").status_code == 200
    assert storage.call("GET", "/object/open/a").headers["cache-control"] == "no-cache"


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", "/bucket"),
        ("PUT", "/bucket/open"),
        ("POST", "/object/list/open"),
        ("POST", "/object/sign/open"),
        ("POST", "/object/sign/open/a"),
        ("POST", "/object/move"),
        ("POST", "/object/copy"),
        ("DELETE", "/object/open"),
    ],
)
def test_hostile_json_is_refused(storage: StorageApi, method: str, path: str) -> None:
    storage.upload("open/a")
    for content in (b"{", b"[]", b"\xff", b'{"a": NaN}', b'{"prefix": "\\u0000"}', b'{"a": "\\ud800"}'):
        refused(storage.call(method, path, content=content), 400, "InvalidRequest")
    for name in ("prefix", "search", "prefixes", "paths", "expiresIn", "limit", "offset", "sortBy", "id"):
        for value in (True, -1, 10**30, 1.5, [1], {"a": 1}, "x" * 10_000, [["x"]], {"column": [1]}):
            body = {"id": "open", "expiresIn": 60, "sourceKey": "b", name: value}
            assert storage.call(method, path, body).status_code in (200, 400, 413), body


def test_unknown_routes_answer_in_the_same_shape(storage: StorageApi) -> None:
    refused(storage.call("GET", "/nothing"), 404, "not_found")
    refused(storage.call("PATCH", "/bucket"), 405, "method_not_allowed")
    refused(storage.call("POST", "/upload/resumable"), 404, "not_found")


def test_a_database_that_is_away_is_a_503(storage: StorageApi, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(listener, "START_SECONDS", 0)  # a start would wait for the database

    def away() -> Any:
        raise psycopg2.OperationalError("away")

    with serve(away, storage.auth.keys) as running:
        refused(StorageApi(running).call("GET", "/bucket"), 503, "DatabaseError")


def at_once(count: int, call: Callable[[int], httpx.Response]) -> list[int]:
    with ThreadPoolExecutor(count) as pool:
        return sorted(answer.status_code for answer in pool.map(call, range(count)))


def test_many_upserts_of_one_name_leave_one_whole_file(storage: StorageApi) -> None:
    before, size = storage.files(), 300_000
    contents = [bytes([number]) * size for number in range(8)]
    for _ in range(3):
        statuses = at_once(8, lambda number: storage.upload("open/a", contents[number], x_upsert="true"))
        assert statuses == [200] * 8
        assert storage.call("GET", "/object/open/a").content in contents
        assert storage.files() - before == storage.versions() and len(storage.versions()) == 1


def test_of_many_first_uploads_one_wins(storage: StorageApi) -> None:
    before = storage.files()
    assert at_once(8, lambda number: storage.upload("open/a", bytes([number]))) == [200] + [400] * 7
    assert storage.files() - before == storage.versions()


def test_changes_beside_each_other_leave_no_file_behind(storage: StorageApi) -> None:
    before = storage.files()
    keys = {"bucketId": "open", "sourceKey": "a", "destinationKey": "b"}
    calls: list[Callable[[], httpx.Response]] = [
        lambda: storage.upload("open/a", b"1", x_upsert="true"),
        lambda: storage.upload("open/b", b"2", x_upsert="true"),
        lambda: storage.call("POST", "/object/move", keys),
        lambda: storage.call("POST", "/object/copy", keys),
        lambda: storage.call("DELETE", "/object/open", {"prefixes": ["a", "b"]}),
        lambda: storage.call("POST", "/bucket/open/empty"),
    ]
    for _ in range(5):
        assert set(at_once(12, lambda number: calls[number % 6]())) <= {200, 400}
    assert storage.files() - before == storage.versions()


def test_a_version_is_written_once(tmp_path: Any) -> None:
    version, folder = uuid4(), files.Files(tmp_path / "new")
    folder.store(version, io.BytesIO(b"1"))
    with pytest.raises(FileExistsError):
        folder.store(version, io.BytesIO(b"2"))
    with folder.open(version) as file:
        assert file.read() == b"1"
    folder.remove(version)
    folder.remove(version)


@pytest.mark.parametrize("content_type", ["text/plain", "multipart/form-data; boundary=B"])
def test_no_more_is_read_than_allowed(content_type: str) -> None:
    read = 0

    async def endless() -> dict[str, Any]:
        nonlocal read
        read += 1
        assert read <= 60, "it would be read for ever"
        start = b"--B\r\n" + FILE if read == 1 and "B" in content_type else b""
        return {"type": "http.request", "body": start + bytes(1024 * 1024), "more_body": True}

    headers = [(b"content-type", content_type.encode())]
    with pytest.raises(StorageError) as refused:
        asyncio.run(incoming.receive(Request({"type": "http", "headers": headers}, endless)))
    assert (refused.value.status, read) == (413, 51)
