"""What Storage does for the secret key: buckets, uploads, downloads, lists, changes."""

import base64
import json
from typing import Any

import pytest

from standins.tests.fixtures.auth import CLIENT
from standins.tests.fixtures.storage import StorageApi, refused

PNG = b"\x89PNG\r\n\x1a\n" + bytes(range(256))


def test_buckets_are_made_read_changed_and_deleted(storage: StorageApi) -> None:
    limits = {"file_size_limit": "5MB", "allowed_mime_types": ["image/webp"]}
    assert storage.call("POST", "/bucket", {"name": "new", **limits}).json() == {"name": "new"}
    bucket = storage.call("GET", "/bucket/new").json()
    assert set(bucket) == {
        *("id", "name", "owner", "public", "type", "file_size_limit", "allowed_mime_types"),
        *("created_at", "updated_at"),
    }
    assert (bucket["owner"], bucket["public"], bucket["file_size_limit"]) == ("", False, 5_000_000)
    changed = storage.call("PUT", "/bucket/new", {"public": True, "file_size_limit": None})
    assert changed.json() == {"message": "Successfully updated"}
    bucket = storage.call("GET", "/bucket/new").json()
    assert (bucket["public"], bucket["file_size_limit"]) == (True, None)
    assert bucket["allowed_mime_types"] == ["image/webp"]
    assert [each["id"] for each in storage.call("GET", "/bucket").json()] == ["closed", "new", "open"]
    assert storage.call("DELETE", "/bucket/new").json() == {"message": "Successfully deleted"}
    for method, path in (("GET", ""), ("PUT", ""), ("DELETE", ""), ("POST", "/empty")):
        refused(storage.call(method, f"/bucket/new{path}", {}), 404, "Bucket not found")


def test_a_bucket_is_deleted_only_when_empty(storage: StorageApi) -> None:
    storage.upload("open/a.txt")
    storage.upload("open/b/c.txt")
    refused(storage.call("DELETE", "/bucket/open"), 409, "ResourceNotEmpty")
    assert storage.call("POST", "/bucket/open/empty").json() == {"message": "Successfully emptied"}
    assert (storage.names("open"), storage.files() & storage.versions()) == ([], set())
    assert storage.call("DELETE", "/bucket/open").status_code == 200


@pytest.mark.parametrize(
    ("body", "status", "error"),
    [
        ({"id": "open"}, 409, "Duplicate"),
        ({"id": "other", "name": "open"}, 409, "Duplicate"),
        ({}, 400, "Invalid Input"),
        ({"id": "a/b"}, 400, "Invalid Input"),
        ({"id": ".."}, 400, "Invalid Input"),
        ({"id": "x" * 101}, 400, "Invalid Input"),
        ({"id": 5}, 400, "InvalidRequest"),
        ({"id": "new", "public": "yes"}, 400, "InvalidRequest"),
        ({"id": "new", "file_size_limit": "many"}, 400, "InvalidRequest"),
        ({"id": "new", "file_size_limit": -1}, 400, "InvalidRequest"),
        ({"id": "new", "file_size_limit": 1.5}, 400, "InvalidRequest"),
        ({"id": "new", "file_size_limit": True}, 400, "InvalidRequest"),
        ({"id": "new", "file_size_limit": "1GB"}, 413, "Payload too large"),
        ({"id": "new", "allowed_mime_types": "image/png"}, 400, "InvalidRequest"),
        ({"id": "new", "allowed_mime_types": [1]}, 400, "InvalidRequest"),
    ],
)
def test_a_wrong_bucket_is_refused(storage: StorageApi, body: Any, status: int, error: str) -> None:
    refused(storage.call("POST", "/bucket", body), status, error)
    assert len(storage.call("GET", "/bucket").json()) == 2


# The file part of storage-js has an empty name, that of storage3 is "file".
@pytest.mark.parametrize("part_name", ["", "file"])
@pytest.mark.parametrize("method", ["POST", "PUT"])
def test_multipart_uploads_come_back(storage: StorageApi, method: str, part_name: str) -> None:
    if method == "PUT":
        storage.upload("open/u1/a b.png", b"old")
    files = [
        ("cacheControl", (None, "60")),
        ("metadata", (None, json.dumps({"by": "Ana"}))),
        (part_name, ("blob", PNG, "image/png")),
    ]
    answer = storage.call(method, "/object/open/u1/a%20b.png", files=files).json()
    assert set(answer) == {"Id", "Key"} and answer["Key"] == "open/u1/a b.png"
    found = CLIENT.get(f"{storage.url}/object/public/open/u1/a%20b.png")
    assert (found.status_code, found.content) == (200, PNG)
    assert (found.headers["content-type"], found.headers["cache-control"]) == ("image/png", "max-age=60")
    info = storage.call("GET", "/object/info/open/u1/a%20b.png").json()
    assert (info["id"], info["name"], info["metadata"]) == (answer["Id"], "u1/a b.png", {"by": "Ana"})
    assert (info["size"], info["content_type"], info["etag"]) == (264, "image/png", found.headers["etag"])


def test_raw_uploads_come_back(storage: StorageApi) -> None:
    metadata = base64.b64encode(json.dumps({"by": "Ana"}).encode()).decode()
    headers = {"content_type": "image/png", "cache_control": "max-age=5", "x_metadata": metadata}
    assert storage.upload("closed/a.png", PNG, **headers).status_code == 200
    found = storage.call("GET", "/object/closed/a.png")
    assert (found.content, found.headers["content-type"]) == (PNG, "image/png")
    assert found.headers["cache-control"] == "max-age=5"
    assert storage.call("GET", "/object/info/closed/a.png").json()["metadata"] == {"by": "Ana"}
    assert storage.upload("closed/empty", b"").status_code == 200
    assert storage.call("GET", "/object/authenticated/closed/empty").content == b""


def test_a_name_is_taken_once_unless_upsert_says_so(storage: StorageApi) -> None:
    first = storage.upload("open/a.txt", b"1").json()
    refused(storage.upload("open/a.txt", b"2"), 409, "Duplicate")
    refused(storage.upload("open/a.txt", b"2", x_upsert="false"), 409, "Duplicate")
    assert storage.call("GET", "/object/open/a.txt").content == b"1"
    again = storage.upload("open/a.txt", b"3", x_upsert="true").json()
    assert again == first
    assert storage.call("GET", "/object/open/a.txt").content == b"3"
    assert storage.upload("open/new.txt", b"4", x_upsert="true").status_code == 200


def test_replacing_needs_something_to_replace(storage: StorageApi) -> None:
    refused(storage.upload("open/a.txt", method="PUT"), 404, "not_found")
    refused(storage.upload("nowhere/a.txt", method="PUT"), 404, "Bucket not found")
    refused(storage.upload("nowhere/a.txt"), 404, "Bucket not found")


def test_a_bucket_limits_size_and_types(storage: StorageApi) -> None:
    limits = {"file_size_limit": 10, "allowed_mime_types": ["image/png", "audio/*"]}
    storage.call("PUT", "/bucket/open", limits)
    for name, content, mime_type in (
        ("a", b"x" * 10, "image/png"),
        ("b", b"x", "Audio/MPEG"),
        ("c", b"x", "image/png; charset=binary"),
    ):
        assert storage.upload(f"open/{name}", content, content_type=mime_type).status_code == 200
    refused(storage.upload("open/d", b"x" * 11, content_type="image/png"), 413, "Payload too large")
    for mime_type in ("image/webp", "text/plain", "image", "image/png\tx", "imäge/png", "x" * 300 + "/y"):
        header = mime_type.encode("latin-1")
        answer = storage.upload("open/d", content_type=header)  # type: ignore[arg-type]
        refused(answer, 415, "invalid_mime_type")
    part = {"file": ("a.html", b"x", "text/html")}
    refused(storage.call("POST", "/object/open/d", files=part), 415, "invalid_mime_type")
    assert storage.names("open") == ["a", "b", "c"]


def test_no_file_is_larger_than_fifty_megabytes(storage: StorageApi) -> None:
    def chunks() -> Any:
        for _ in range(51):
            yield bytes(1024 * 1024)

    refused(storage.upload("open/large", chunks()), 413, "Payload too large")  # type: ignore[arg-type]
    part = {"": ("large", bytes(51 * 1024 * 1024), "text/plain")}
    refused(storage.call("POST", "/object/open/large", files=part), 413, "Payload too large")
    assert storage.names("open") == []


@pytest.fixture
def folders(storage: StorageApi) -> StorageApi:
    """Storage with files in folders of the bucket "open"."""
    for name in ("u2/z.txt", "u1/b.txt", "u1/a.txt", "u1/deep/er/c.txt", "Top.txt", "u1.txt", "u_1/x.txt"):
        assert storage.upload(f"open/{name}", name.encode()).status_code == 200
    return storage


def test_lists_show_folders_first_and_then_files(folders: StorageApi) -> None:
    assert folders.names("open") == ["u1", "u2", "u_1", "Top.txt", "u1.txt"]
    assert folders.names("open", "u1") == folders.names("open", "u1/") == ["deep", "a.txt", "b.txt"]
    assert folders.names("open", "u1/deep") == ["er"]
    assert folders.names("open", "nothing") == folders.names("nowhere") == []
    entries = folders.call("POST", "/object/list/open", {"prefix": "u1"}).json()
    keys = {"name", "id", "metadata", "updated_at", "created_at", "last_accessed_at"}
    assert [set(entry) for entry in entries] == [keys] * 3
    assert entries[0] == dict.fromkeys(keys) | {"name": "deep"}
    assert entries[1]["metadata"]["size"] == 8 and entries[1]["id"]


def test_lists_search_sort_and_page(folders: StorageApi) -> None:
    assert folders.names("open", search="to") == ["Top.txt"]
    assert folders.names("open", search="u_") == ["u_1"]
    assert folders.names("open", search="%") == []
    assert folders.names("open", "u1", search="A.") == ["a.txt"]
    by = {"column": "name", "order": "desc"}
    assert folders.names("open", "u1", sortBy=by) == ["deep", "b.txt", "a.txt"]
    by = {"column": "created_at", "order": "asc"}
    assert folders.names("open", "u1", sortBy=by) == ["deep", "b.txt", "a.txt"]
    whole = folders.names("open")
    assert [folders.names("open", limit=2, offset=skip) for skip in (0, 2, 4, 6)] == [
        whole[:2],
        whole[2:4],
        whole[4:],
        [],
    ]
    for body in (
        {"sortBy": {"column": "id; drop"}},
        {"sortBy": {"order": "up"}},
        {"limit": -1},
        {"limit": "x"},
    ):
        answer = folders.call("POST", "/object/list/open", {"prefix": "", **body})
        refused(answer, 400, "InvalidRequest")


def test_objects_are_moved_copied_and_removed(folders: StorageApi) -> None:
    keys = {"bucketId": "open", "sourceKey": "u1/a.txt", "destinationKey": "u3/moved.txt"}
    assert folders.call("POST", "/object/move", keys).json() == {"message": "Successfully moved"}
    assert folders.call("GET", "/object/open/u3/moved.txt").content == b"u1/a.txt"
    refused(folders.call("GET", "/object/open/u1/a.txt"), 404, "not_found")
    refused(folders.call("POST", "/object/move", keys), 404, "not_found")

    keys = {"bucketId": "open", "sourceKey": "u3/moved.txt", "destinationKey": "u3/copy.txt"}
    assert folders.call("POST", "/object/copy", keys).json()["Key"] == "open/u3/copy.txt"
    refused(folders.call("POST", "/object/copy", keys), 409, "Duplicate")
    refused(folders.call("POST", "/object/move", keys), 409, "Duplicate")
    elsewhere = keys | {"destinationBucket": "closed"}
    assert folders.call("POST", "/object/copy", elsewhere).json()["Key"] == "closed/u3/copy.txt"
    nowhere = keys | {"destinationBucket": "nowhere"}
    refused(folders.call("POST", "/object/move", nowhere), 404, "Bucket not found")

    paths = {"prefixes": ["u3/moved.txt", "u3/nothing.txt", "u1"]}
    removed = folders.call("DELETE", "/object/open", paths).json()
    assert [row["name"] for row in removed] == ["u3/moved.txt"]
    assert folders.call("DELETE", "/object/open", paths).json() == []
    assert folders.call("GET", "/object/open/u3/copy.txt").content == b"u1/a.txt"
    assert folders.call("DELETE", "/object/open/u3/copy.txt").status_code == 200
    refused(folders.call("DELETE", "/object/open/u3/copy.txt"), 404, "not_found")
    assert folders.names("open", "u1") == ["deep", "b.txt"]


def test_moving_to_itself_changes_nothing(folders: StorageApi) -> None:
    keys = {"bucketId": "open", "sourceKey": "u1/a.txt", "destinationKey": "u1/a.txt"}
    assert folders.call("POST", "/object/move", keys).status_code == 200
    assert folders.call("GET", "/object/open/u1/a.txt").content == b"u1/a.txt"


def test_head_tells_whether_an_object_exists(storage: StorageApi) -> None:
    storage.upload("closed/a.txt", b"abc")
    found = storage.call("HEAD", "/object/closed/a.txt")
    assert (found.status_code, found.headers["content-length"], found.content) == (200, "3", b"")
    assert storage.call("HEAD", "/object/closed/b.txt").status_code == 400
    assert storage.call("HEAD", "/object/info/closed/a.txt").status_code == 200


def test_nothing_served_acts_as_a_page_of_ours(storage: StorageApi) -> None:
    pages = {
        "text/html": "text/plain",
        "Application/XHTML+xml": "text/plain",
        "image/svg+xml": "image/svg+xml",
    }
    for mime_type, served_as in pages.items():
        storage.upload("open/page", b"<script>1</script>", content_type=mime_type, x_upsert="true")
        found = CLIENT.get(f"{storage.url}/object/public/open/page")
        assert found.headers["content-type"] == served_as
        assert found.headers["x-content-type-options"] == "nosniff"
        policy = found.headers["content-security-policy"].split("; ")
        assert "default-src 'none'" in policy and "sandbox" in policy


def test_a_download_is_named(storage: StorageApi) -> None:
    storage.upload("open/a.txt")
    url = f"{storage.url}/object/public/open/a.txt"
    assert "content-disposition" not in CLIENT.get(url).headers
    assert CLIENT.get(f"{url}?download=").headers["content-disposition"] == "attachment"
    named = CLIENT.get(url, params={"download": 'a"\r\nb: c ä.txt'}).headers["content-disposition"]
    assert named.startswith("attachment; filename=a%22%0D%0Ab%3A%20c%20%C3%A4.txt;")
