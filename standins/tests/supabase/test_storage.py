"""Storage with the secret key: buckets, uploads, downloads, lists, removals."""

from typing import Any

import pytest

from standins.tests.fixtures.auth import CLIENT
from standins.tests.fixtures.storage import StorageApi, refused

PNG = b"\x89PNG\r\n\x1a\n" + bytes(range(256))


def test_buckets_are_created_read_and_listed(storage: StorageApi) -> None:
    limits = {"file_size_limit": "5MB", "allowed_mime_types": ["image/webp"]}
    assert storage.call("POST", "/bucket", {"name": "new", **limits}).json() == {"name": "new"}
    bucket = storage.call("GET", "/bucket/new").json()
    assert set(bucket) == {
        *("id", "name", "owner", "public", "type", "file_size_limit", "allowed_mime_types"),
        *("created_at", "updated_at"),
    }
    assert (bucket["owner"], bucket["public"], bucket["file_size_limit"]) == ("", False, 5_000_000)
    assert bucket["allowed_mime_types"] == ["image/webp"]
    assert [each["id"] for each in storage.call("GET", "/bucket").json()] == ["closed", "new", "open"]
    refused(storage.call("GET", "/bucket/unknown"), 404, "Bucket not found")


@pytest.mark.parametrize(
    ("body", "status", "error"),
    [
        ({"name": "open"}, 409, "Duplicate"),
        ({"id": "other", "name": "open"}, 409, "Duplicate"),
        ({}, 400, "InvalidRequest"),
        ({"id": "new"}, 400, "InvalidRequest"),
        ({"name": ""}, 400, "Invalid Input"),
        ({"name": "a/b"}, 400, "Invalid Input"),
        ({"name": ".."}, 400, "Invalid Input"),
        ({"name": "x" * 101}, 400, "Invalid Input"),
        ({"name": 5}, 400, "InvalidRequest"),
        ({"name": "new", "public": "yes"}, 400, "InvalidRequest"),
        ({"name": "new", "file_size_limit": "many"}, 400, "InvalidRequest"),
        ({"name": "new", "file_size_limit": -1}, 400, "InvalidRequest"),
        ({"name": "new", "file_size_limit": 1.5}, 400, "InvalidRequest"),
        ({"name": "new", "file_size_limit": True}, 400, "InvalidRequest"),
        ({"name": "new", "file_size_limit": "1GB"}, 413, "Payload too large"),
        ({"name": "new", "allowed_mime_types": "image/png"}, 400, "InvalidRequest"),
        ({"name": "new", "allowed_mime_types": [1]}, 400, "InvalidRequest"),
    ],
)
def test_invalid_bucket_is_refused(storage: StorageApi, body: Any, status: int, error: str) -> None:
    refused(storage.call("POST", "/bucket", body), status, error)
    assert len(storage.call("GET", "/bucket").json()) == 2


# The file part has an empty name in storage-js and the name "file" in storage3.
@pytest.mark.parametrize("part_name", ["", "file"])
def test_uploaded_file_is_downloaded_with_its_headers(storage: StorageApi, part_name: str) -> None:
    files = [("cacheControl", (None, "60")), (part_name, ("blob", PNG, "image/png"))]
    answer = storage.call("POST", "/object/open/u1/a%20b.png", files=files).json()
    assert set(answer) == {"Id", "Key"} and answer["Key"] == "open/u1/a b.png"
    found = CLIENT.get(f"{storage.url}/object/public/open/u1/a%20b.png")
    assert (found.status_code, found.content) == (200, PNG)
    assert (found.headers["content-type"], found.headers["cache-control"]) == ("image/png", "max-age=60")
    assert (found.headers["content-length"], bool(found.headers["etag"])) == ("264", True)


def test_empty_file_is_stored(storage: StorageApi) -> None:
    assert storage.upload("closed/empty", b"").status_code == 200
    assert storage.call("GET", "/object/closed/empty").content == b""


def test_existing_name_is_a_duplicate(storage: StorageApi) -> None:
    storage.upload("open/a.txt", b"1")
    refused(storage.upload("open/a.txt", b"2"), 409, "Duplicate")
    refused(storage.upload("open/a.txt", b"2", x_upsert="true"), 409, "Duplicate")
    assert storage.call("GET", "/object/open/a.txt").content == b"1"


def test_upload_needs_a_bucket(storage: StorageApi) -> None:
    refused(storage.upload("nowhere/a.txt"), 404, "Bucket not found")


def test_bucket_limits_size_and_types(storage: StorageApi) -> None:
    limits = {"file_size_limit": 10, "allowed_mime_types": ["image/png", "audio/*"]}
    storage.call("POST", "/bucket", {"name": "small", **limits})
    for name, content, mime_type in (
        ("a", b"x" * 10, "image/png"),
        ("b", b"x", "Audio/MPEG"),
        ("c", b"x", "image/png; charset=binary"),
    ):
        assert storage.upload(f"small/{name}", content, content_type=mime_type).status_code == 200
    refused(storage.upload("small/d", b"x" * 11, content_type="image/png"), 413, "Payload too large")
    for mime_type in ("image/webp", "text/plain", "image", "image/png\tx", "imäge/png", "x" * 300 + "/y"):
        refused(storage.upload("small/d", content_type=mime_type), 415, "invalid_mime_type")
    assert storage.names("small") == ["a", "b", "c"]


def test_file_has_at_most_fifty_megabytes(storage: StorageApi) -> None:
    refused(storage.upload("open/large", bytes(51 * 1024 * 1024)), 413, "Payload too large")
    refused(storage.upload("open/large", bytes(50 * 1024 * 1024 + 1)), 413, "Payload too large")
    assert storage.names("open") == []


@pytest.fixture
def folders(storage: StorageApi) -> StorageApi:
    """Storage with files in folders of the bucket "open"."""
    for name in ("u2/z.txt", "u1/b.txt", "u1/a.txt", "u1/deep/er/c.txt", "Top.txt", "u1.txt", "u_1/x.txt"):
        assert storage.upload(f"open/{name}", name.encode()).status_code == 200
    return storage


def test_lists_have_folders_before_files(folders: StorageApi) -> None:
    assert folders.names("open") == ["u1", "u2", "u_1", "Top.txt", "u1.txt"]
    assert folders.names("open", "u1") == folders.names("open", "u1/") == ["deep", "a.txt", "b.txt"]
    assert folders.names("open", "u1/deep") == ["er"]
    assert folders.names("open", "nothing") == folders.names("nowhere") == []
    entries = folders.call("POST", "/object/list/open", {"prefix": "u1"}).json()
    keys = {"name", "id", "metadata", "updated_at", "created_at", "last_accessed_at"}
    assert [set(entry) for entry in entries] == [keys] * 3
    assert entries[0] == dict.fromkeys(keys) | {"name": "deep"}
    assert entries[1]["metadata"]["size"] == 8 and entries[1]["id"]


def test_lists_have_pages(folders: StorageApi) -> None:
    whole = folders.names("open", sortBy={"column": "name", "order": "asc"})
    assert [folders.names("open", limit=2, offset=skip) for skip in (0, 2, 4, 6)] == [
        whole[:2],
        whole[2:4],
        whole[4:],
        [],
    ]


@pytest.mark.parametrize(
    "body",
    [
        {"sortBy": {"column": "id; drop"}},
        {"sortBy": {"column": "created_at", "order": "asc"}},
        {"search": "a"},
        {"limit": -1},
        {"limit": "x"},
    ],
)
def test_lists_refuse_other_options(storage: StorageApi, body: Any) -> None:
    answer = storage.call("POST", "/object/list/open", {"prefix": "", **body})
    refused(answer, 400, "InvalidRequest")


def test_objects_are_removed_by_their_full_names(folders: StorageApi) -> None:
    paths = {"prefixes": ["u1/a.txt", "u1/nothing.txt", "u2"]}
    removed = folders.call("DELETE", "/object/open", paths).json()
    assert [row["name"] for row in removed] == ["u1/a.txt"]
    refused(folders.call("GET", "/object/open/u1/a.txt"), 404, "not_found")
    assert folders.call("DELETE", "/object/open", paths).json() == []
    assert folders.names("open", "u1") == ["deep", "b.txt"]
    assert folders.names("open", "u2") == ["z.txt"]


def test_head_returns_only_the_headers(storage: StorageApi) -> None:
    storage.upload("closed/a.txt", b"abc")
    found = storage.call("HEAD", "/object/closed/a.txt")
    assert (found.status_code, found.headers["content-length"], found.content) == (200, "3", b"")
    assert storage.call("HEAD", "/object/closed/b.txt").status_code == 400


def test_browsers_do_not_run_uploaded_files_as_pages(storage: StorageApi) -> None:
    pages = {
        "text/html": "text/plain",
        "Application/XHTML+xml": "text/plain",
        "image/svg+xml": "image/svg+xml",
    }
    for number, (mime_type, served_as) in enumerate(pages.items()):
        storage.upload(f"open/{number}", b"<script>1</script>", content_type=mime_type)
        found = CLIENT.get(f"{storage.url}/object/public/open/{number}")
        assert found.headers["content-type"] == served_as
        assert found.headers["x-content-type-options"] == "nosniff"
        policy = found.headers["content-security-policy"].split("; ")
        assert "default-src 'none'" in policy and "sandbox" in policy
