"""The unmodified storage client of supabase-py against the stand-in."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from storage3.exceptions import StorageApiError
from supabase import Client, create_client
from supabase.lib.client_options import SyncClientOptions

from standins.tests.fixtures.auth import CLIENT, AuthApi
from standins.tests.fixtures.storage import StorageApi

pytestmark = pytest.mark.usefixtures("no_accounts")

TEXT = {"content-type": "text/plain"}


@pytest.fixture
def make_client(auth: AuthApi) -> Iterator[Callable[[str], Client]]:
    """Creates clients without timers that share one connection pool."""
    with httpx.Client(timeout=20) as pool:

        def make(key: str) -> Client:
            options = SyncClientOptions(auto_refresh_token=False, httpx_client=pool)
            return create_client(auth.url, key, options=options)

        yield make


@pytest.fixture
def admin(make_client: Callable[[str], Client], auth: AuthApi) -> Client:
    """A client with the secret key."""
    return make_client(auth.keys.secret_key)


@pytest.fixture
def bucket(admin: Client) -> Any:
    """A private bucket."""
    admin.storage.create_bucket("files")
    return admin.storage.from_("files")


def refusal(refused: pytest.ExceptionInfo[StorageApiError]) -> tuple[str, str]:
    return str(refused.value.status), refused.value.code


def test_buckets_are_created_read_and_listed(admin: Client) -> None:
    options: Any = {"public": True, "file_size_limit": 1000, "allowed_mime_types": ["image/webp"]}
    admin.storage.create_bucket("pictures", options=options)
    made = admin.storage.get_bucket("pictures")
    assert (made.id, made.name, made.owner, made.public) == ("pictures", "pictures", "", True)
    assert (made.file_size_limit, made.allowed_mime_types) == (1000, ["image/webp"])
    assert [(each.id, each.public) for each in admin.storage.list_buckets()] == [("pictures", True)]
    with pytest.raises(StorageApiError) as refused:
        admin.storage.create_bucket("pictures")
    assert refusal(refused) == ("409", "Duplicate")
    with pytest.raises(StorageApiError) as refused:
        admin.storage.get_bucket("unknown")
    assert refusal(refused) == ("404", "Bucket not found")


def test_file_is_uploaded_once_and_downloaded(bucket: Any, tmp_path: Path) -> None:
    assert bucket.upload("u1/a b.txt", b"1", TEXT).full_path == "files/u1/a b.txt"
    with pytest.raises(StorageApiError) as refused:
        bucket.upload("u1/a b.txt", b"2", TEXT)
    assert refusal(refused) == ("409", "Duplicate")
    assert bucket.download("u1/a b.txt") == b"1"
    path = tmp_path / "file"
    path.write_bytes(b"4" * 2_000_000)
    bucket.upload("u1/large.txt", path, TEXT)
    assert bucket.download("u1/large.txt") == path.read_bytes()
    with pytest.raises(StorageApiError) as refused:
        bucket.download("u1/b.txt")
    assert refusal(refused) == ("404", "not_found")


def test_limits_of_a_bucket_are_applied(admin: Client) -> None:
    options: Any = {"file_size_limit": 10, "allowed_mime_types": ["text/plain"]}
    admin.storage.create_bucket("small", options=options)
    bucket: Any = admin.storage.from_("small")
    for content, kind, status in ((b"x" * 11, "text/plain", "413"), (b"x", "image/png", "415")):
        with pytest.raises(StorageApiError) as refused:
            bucket.upload("a", content, {"content-type": kind})
        assert refusal(refused)[0] == status


def test_files_are_listed_and_removed(bucket: Any) -> None:
    for name in ("u1/a.txt", "u1/b.txt", "u1/c/d.txt"):
        bucket.upload(name, name.encode(), TEXT)
    assert [entry["name"] for entry in bucket.list("u1")] == ["c", "a.txt", "b.txt"]
    assert [entry["name"] for entry in bucket.list("u1", {"limit": 1, "offset": 1})] == ["a.txt"]
    assert [row["name"] for row in bucket.remove(["u1/b.txt", "u1/none.txt"])] == ["u1/b.txt"]
    assert [entry["name"] for entry in bucket.list("u1")] == ["c", "a.txt"]


def test_public_files_are_read_without_a_key(admin: Client) -> None:
    admin.storage.create_bucket("open", options={"public": True})
    bucket: Any = admin.storage.from_("open")
    bucket.upload("u1/a b.txt", b"1", TEXT)
    answer = CLIENT.get(bucket.get_public_url("u1/a b.txt"))
    assert (answer.status_code, answer.content) == (200, b"1")
    assert answer.headers["cache-control"] == "max-age=3600"


def test_policies_apply_to_each_user(
    auth: AuthApi, admin: Client, make_client: Callable[[str], Client]
) -> None:
    admin.storage.create_bucket("files")
    client = make_client(auth.keys.publishable_key)
    user = client.auth.sign_up({"email": "ana@example.com", "password": "secret1"}).user
    assert user is not None
    files: Any = client.storage.from_("files")
    with pytest.raises(StorageApiError) as refused:
        files.upload(f"{user.id}/a.txt", b"1", TEXT)
    assert refusal(refused) == ("403", "Unauthorized")
    with StorageApi(auth).policy("objects", "using ((storage.foldername(name))[1] = auth.uid()::text)"):
        files.upload(f"{user.id}/a.txt", b"1", TEXT)
        assert files.download(f"{user.id}/a.txt") == b"1"
        with pytest.raises(StorageApiError):
            files.upload("other/a.txt", b"1", TEXT)
