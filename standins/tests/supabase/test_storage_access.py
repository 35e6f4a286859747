"""Access to buckets and objects: row level security, keys, public URLs, CORS."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from standins.tests.fixtures.auth import CLIENT, AuthApi
from standins.tests.fixtures.storage import StorageApi, refused

OWN_FOLDER = "bucket_id = 'closed' and (storage.foldername(name))[1] = auth.uid()::text"


@pytest.fixture
def ana(auth: AuthApi) -> dict[str, Any]:
    """Ana's session."""
    return auth.sign_up()


@pytest.fixture
def eve(auth: AuthApi) -> dict[str, Any]:
    """Eve's session."""
    return auth.sign_up("eve@example.com")


def every_call(storage: StorageApi, **credentials: str) -> dict[str, httpx.Response]:
    """The response of each endpoint for a private bucket, by the name of the call."""
    return {
        "read": storage.call("GET", "/object/closed/a.txt", **credentials),
        "upload": storage.upload("closed/new.txt", **credentials),
        "bucket": storage.call("GET", "/bucket/closed", **credentials),
        "new bucket": storage.call("POST", "/bucket", {"name": "mine"}, **credentials),
    }


def test_without_policies_only_the_secret_key_has_access(storage: StorageApi, ana: dict[str, Any]) -> None:
    storage.upload("closed/a.txt", b"secret")
    key = storage.auth.keys.publishable_key
    for credentials in ({"token": ana["access_token"]}, {"key": key}):
        for name, answer in every_call(storage, **credentials).items():
            assert answer.status_code == 400, name
            assert answer.json()["statusCode"] in ("403", "404"), (name, answer.text)
        assert storage.call("GET", "/bucket", **credentials).json() == []
        assert storage.call("POST", "/object/list/closed", {"prefix": ""}, **credentials).json() == []
        assert storage.call("DELETE", "/object/closed", {"prefixes": ["a.txt"]}, **credentials).json() == []
    assert storage.call("GET", "/object/closed/a.txt").content == b"secret"
    assert storage.files() >= storage.versions() and len(storage.versions()) == 1


def test_every_user_reads_public_buckets_and_none_writes(storage: StorageApi) -> None:
    storage.upload("open/a.txt", b"news")
    assert CLIENT.get(f"{storage.url}/object/public/open/a.txt").content == b"news"
    assert storage.anonymous("GET", "/object/open/a.txt").content == b"news"
    key = storage.auth.keys.publishable_key
    refused(storage.upload("open/b.txt", key=key), 403, "Unauthorized")
    assert storage.anonymous("POST", "/object/list/open", {"prefix": ""}).json() == []


def test_private_buckets_have_no_public_url(storage: StorageApi) -> None:
    storage.upload("closed/a.txt")
    refused(CLIENT.get(f"{storage.url}/object/public/closed/a.txt"), 404, "Bucket not found")
    refused(CLIENT.get(f"{storage.url}/object/public/open/a.txt"), 404, "not_found")


@pytest.fixture
def own_folders(storage: StorageApi) -> Iterator[StorageApi]:
    """Each account has all rights in the folder named by its id (a policy of Supabase's docs)."""
    clauses = f"to authenticated using ({OWN_FOLDER}) with check ({OWN_FOLDER})"
    with storage.policy("objects", clauses):
        yield storage


def test_policies_apply_to_each_user(
    own_folders: StorageApi, ana: dict[str, Any], eve: dict[str, Any]
) -> None:
    storage, folder = own_folders, f"closed/{ana['user']['id']}"
    mine, hers = {"token": ana["access_token"]}, {"token": eve["access_token"]}
    assert storage.upload(f"{folder}/a.txt", b"1", **mine).status_code == 200
    refused(storage.upload(f"{folder}/b.txt", **hers), 403, "Unauthorized")
    assert storage.call("GET", f"/object/{folder}/a.txt", **mine).content == b"1"
    refused(storage.call("GET", f"/object/{folder}/a.txt", **hers), 404, "not_found")
    prefix = {"prefix": ana["user"]["id"]}
    assert len(storage.call("POST", "/object/list/closed", prefix, **mine).json()) == 1
    assert storage.call("POST", "/object/list/closed", prefix, **hers).json() == []
    paths = {"prefixes": [f"{ana['user']['id']}/a.txt"]}
    assert storage.call("DELETE", "/object/closed", paths, **hers).json() == []
    (removed,) = storage.call("DELETE", "/object/closed", paths, **mine).json()
    assert removed["owner"] == ana["user"]["id"]


def test_policy_for_insert_allows_only_uploads(storage: StorageApi, ana: dict[str, Any]) -> None:
    mine = {"token": ana["access_token"]}
    with storage.policy("objects", "for insert to authenticated with check (true)"):
        assert storage.upload("closed/a.txt", **mine).status_code == 200
        refused(storage.upload("closed/a.txt", **mine), 409, "Duplicate")
        refused(storage.call("GET", "/object/closed/a.txt", **mine), 404, "not_found")
        refused(storage.upload("closed/b.txt", key=storage.auth.keys.publishable_key), 403, "Unauthorized")


def test_failing_policy_is_an_invalid_request(storage: StorageApi) -> None:
    with storage.policy("objects", "using ((storage.foldername(name))[1]::uuid = auth.uid())"):
        storage.upload("closed/no-uuid/a.txt")
        refused(storage.anonymous("GET", "/object/closed/no-uuid/a.txt"), 400, "InvalidRequest")


@pytest.mark.parametrize(
    "claims",
    [
        {"role": "postgres"},
        {"role": "none"},
        {"role": None},
        {"role": ["service_role"]},
        {"role": "service_role", "exp": 1},
        {"url": "closed/a.txt", "purpose": "download"},
    ],
)
def test_token_without_a_known_role_is_refused(storage: StorageApi, claims: dict[str, Any]) -> None:
    storage.upload("closed/a.txt")
    soon = int((datetime.now(UTC) + timedelta(hours=1)).timestamp())
    token = storage.auth.keys.sign({"sub": "x", "exp": soon} | claims)
    refused(storage.call("GET", "/object/closed/a.txt", token=token), 403, "Unauthorized")
    refused(storage.call("GET", "/object/closed/a.txt", token="a.b.c"), 403, "Unauthorized")


def test_only_public_urls_need_no_key(storage: StorageApi) -> None:
    storage.upload("open/a.txt")
    assert CLIENT.get(f"{storage.url}/object/open/a.txt").status_code == 401
    assert CLIENT.get(f"{storage.url}/bucket").status_code == 401
    headers = {"user-agent": "Mozilla/5.0 (X11)"}
    assert CLIENT.get(f"{storage.url}/object/public/open/a.txt", headers=headers).status_code == 200
    assert storage.call("GET", "/bucket", user_agent="Mozilla/5.0 (X11)").status_code == 401


def test_cors_allows_uploads_from_every_origin(storage: StorageApi) -> None:
    sent = {
        "apikey",
        "authorization",
        "cache-control",
        "content-type",
        "x-client-info",
        "x-upsert",
    }
    headers = {"origin": "http://localhost:3000", "access-control-request-method": "POST"}
    headers["access-control-request-headers"] = ",".join(sorted(sent))
    preflight = CLIENT.options(f"{storage.url}/object/open/a.txt", headers=headers)
    assert preflight.status_code == 204 and preflight.headers["access-control-allow-origin"] == "*"
    assert sent <= set(preflight.headers["access-control-allow-headers"].split(", "))
    shown = CLIENT.get(f"{storage.url}/object/public/open/a.txt", headers={"origin": "http://localhost:3000"})
    assert shown.headers["access-control-allow-origin"] == "*"
