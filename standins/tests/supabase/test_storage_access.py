"""Who may do what with files: PostgreSQL's policies decide, as in production; signed addresses."""

from collections.abc import Iterator
from contextlib import ExitStack
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


def every_call(storage: StorageApi, **who: str) -> dict[str, httpx.Response]:
    """Each thing that one can try with a private object, tried by somebody."""
    keys = {"bucketId": "closed", "sourceKey": "a.txt", "destinationKey": "b.txt"}
    return {
        "read": storage.call("GET", "/object/closed/a.txt", **who),
        "read authenticated": storage.call("GET", "/object/authenticated/closed/a.txt", **who),
        "info": storage.call("GET", "/object/info/closed/a.txt", **who),
        "upload": storage.upload("closed/new.txt", **who),
        "upsert": storage.upload("closed/a.txt", x_upsert="true", **who),
        "replace": storage.upload("closed/a.txt", method="PUT", **who),
        "move": storage.call("POST", "/object/move", keys, **who),
        "copy": storage.call("POST", "/object/copy", keys, **who),
        "remove one": storage.call("DELETE", "/object/closed/a.txt", **who),
        "sign": storage.call("POST", "/object/sign/closed/a.txt", {"expiresIn": 60}, **who),
        "sign upload": storage.call("POST", "/object/upload/sign/closed/new.txt", {}, **who),
        "bucket": storage.call("GET", "/bucket/closed", **who),
        "new bucket": storage.call("POST", "/bucket", {"id": "mine"}, **who),
        "change bucket": storage.call("PUT", "/bucket/closed", {"public": True}, **who),
        "empty bucket": storage.call("POST", "/bucket/closed/empty", **who),
        "delete bucket": storage.call("DELETE", "/bucket/closed", **who),
    }


def test_without_policies_only_the_secret_key_gets_anywhere(storage: StorageApi, ana: dict[str, Any]) -> None:
    storage.upload("closed/a.txt", b"secret")
    key = storage.auth.keys.publishable_key
    for who in ({"token": ana["access_token"]}, {"key": key}):
        for name, answer in every_call(storage, **who).items():
            assert answer.status_code == 400, name
            assert answer.json()["statusCode"] in ("403", "404"), (name, answer.text)
        assert storage.call("GET", "/bucket", **who).json() == []
        assert storage.call("POST", "/object/list/closed", {"prefix": ""}, **who).json() == []
        paths = {"prefixes": ["a.txt"], "paths": ["a.txt"], "expiresIn": 60}
        assert storage.call("DELETE", "/object/closed", paths, **who).json() == []
        (signed,) = storage.call("POST", "/object/sign/closed", paths, **who).json()
        assert signed["signedURL"] is None and signed["error"]
    assert storage.call("GET", "/object/closed/a.txt").content == b"secret"
    assert storage.files() >= storage.versions() and len(storage.versions()) == 1


def test_public_buckets_are_read_by_everybody_and_written_by_nobody(storage: StorageApi) -> None:
    storage.upload("open/a.txt", b"news")
    for path in ("public/open/a.txt", "info/public/open/a.txt"):
        assert CLIENT.get(f"{storage.url}/object/{path}").status_code == 200
    for path in ("open/a.txt", "authenticated/open/a.txt", "info/open/a.txt"):
        assert storage.anonymous("GET", f"/object/{path}").status_code == 200
    refused(storage.anonymous("POST", "/object/open/b.txt", content=b"x"), 403, "Unauthorized")
    refused(storage.anonymous("PUT", "/object/open/a.txt", content=b"x"), 404, "not_found")
    assert storage.anonymous("POST", "/object/list/open", {"prefix": ""}).json() == []


def test_private_buckets_have_no_public_address(storage: StorageApi) -> None:
    storage.upload("closed/a.txt")
    refused(CLIENT.get(f"{storage.url}/object/public/closed/a.txt"), 404, "Bucket not found")
    refused(CLIENT.get(f"{storage.url}/object/info/public/closed/a.txt"), 404, "Bucket not found")
    refused(CLIENT.get(f"{storage.url}/object/public/open/a.txt"), 404, "not_found")


@pytest.fixture
def own_folders(storage: StorageApi) -> Iterator[StorageApi]:
    """Everybody may do everything in the folder of the own id, by the policy of Supabase's docs."""
    clauses = f"to authenticated using ({OWN_FOLDER}) with check ({OWN_FOLDER})"
    with storage.policy("objects", clauses):
        yield storage


def test_policies_decide_for_each_person(
    own_folders: StorageApi, ana: dict[str, Any], eve: dict[str, Any]
) -> None:
    storage, folder = own_folders, f"closed/{ana['user']['id']}"
    mine, hers = {"token": ana["access_token"]}, {"token": eve["access_token"]}
    for content, more in ((b"1", {}), (b"2", {"x_upsert": "true"}), (b"3", {"method": "PUT"})):
        assert storage.upload(f"{folder}/a.txt", content, **mine, **more).status_code == 200
        refused(storage.upload(f"{folder}/b.txt", **hers), 403, "Unauthorized")
    assert storage.call("GET", f"/object/{folder}/a.txt", **mine).content == b"3"
    refused(storage.call("GET", f"/object/{folder}/a.txt", **hers), 404, "not_found")
    refused(storage.upload(f"{folder}/a.txt", x_upsert="true", **hers), 403, "Unauthorized")
    prefix = {"prefix": ana["user"]["id"]}
    assert len(storage.call("POST", "/object/list/closed", prefix, **mine).json()) == 1
    assert storage.call("POST", "/object/list/closed", prefix, **hers).json() == []

    source = f"{ana['user']['id']}/a.txt"
    away = {"bucketId": "closed", "sourceKey": source, "destinationKey": f"{eve['user']['id']}/a.txt"}
    refused(storage.call("POST", "/object/move", away, **mine), 403, "Unauthorized")
    refused(storage.call("POST", "/object/copy", away, **mine), 403, "Unauthorized")
    refused(storage.call("POST", "/object/move", away, **hers), 404, "not_found")
    paths = {"prefixes": [source]}
    assert storage.call("DELETE", "/object/closed", paths, **hers).json() == []
    (removed,) = storage.call("DELETE", "/object/closed", paths, **mine).json()
    assert removed["owner"] == ana["user"]["id"]


def test_a_policy_for_inserting_alone_lets_insert(storage: StorageApi, ana: dict[str, Any]) -> None:
    mine = {"token": ana["access_token"]}
    with storage.policy("objects", "for insert to authenticated with check (true)"):
        assert storage.upload("closed/a.txt", **mine).status_code == 200
        refused(storage.upload("closed/a.txt", **mine), 409, "Duplicate")
        refused(storage.upload("closed/a.txt", x_upsert="true", **mine), 403, "Unauthorized")
        refused(storage.anonymous("POST", "/object/closed/b.txt", content=b"x"), 403, "Unauthorized")


def test_what_one_may_not_delete_stays_in_the_bucket(storage: StorageApi, ana: dict[str, Any]) -> None:
    storage.upload("closed/a.txt", b"1")
    mine = {"token": ana["access_token"]}
    with ExitStack() as policies:
        policies.enter_context(storage.policy("buckets", "to authenticated using (true)"))
        refused(storage.call("POST", "/bucket/closed/empty", **mine), 409, "InvalidRequest")
        refused(storage.call("DELETE", "/bucket/closed", **mine), 409, "ResourceNotEmpty")
        assert storage.call("DELETE", "/bucket/open", **mine).status_code == 200
    assert storage.call("GET", "/object/closed/a.txt").content == b"1"


def test_a_policy_that_fails_is_no_failure_of_ours(storage: StorageApi) -> None:
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
def test_a_token_of_another_role_is_refused(storage: StorageApi, claims: dict[str, Any]) -> None:
    storage.upload("closed/a.txt")
    soon = int((datetime.now(UTC) + timedelta(hours=1)).timestamp())
    token = storage.auth.keys.sign({"sub": "x", "exp": soon} | claims)
    refused(storage.call("GET", "/object/closed/a.txt", token=token), 403, "Unauthorized")
    refused(storage.call("GET", "/object/closed/a.txt", token="a.b.c"), 403, "Unauthorized")


def test_a_key_is_asked_for_except_where_pages_show_files(storage: StorageApi) -> None:
    storage.upload("open/a.txt")
    assert CLIENT.get(f"{storage.url}/object/open/a.txt").status_code == 401
    assert CLIENT.get(f"{storage.url}/bucket").status_code == 401
    headers = {"user-agent": "Mozilla/5.0 (X11)"}
    assert CLIENT.get(f"{storage.url}/object/public/open/a.txt", headers=headers).status_code == 200
    assert storage.call("GET", "/bucket", user_agent="Mozilla/5.0 (X11)").status_code == 401


def test_browsers_of_other_origins_may_upload(storage: StorageApi) -> None:
    sent = {
        "apikey",
        "authorization",
        "cache-control",
        "content-type",
        "x-client-info",
        "x-metadata",
        "x-upsert",
    }
    asked = {"origin": "http://localhost:3000", "access-control-request-method": "POST"}
    asked["access-control-request-headers"] = ",".join(sorted(sent))
    preflight = CLIENT.options(f"{storage.url}/object/open/a.txt", headers=asked)
    assert preflight.status_code == 204 and preflight.headers["access-control-allow-origin"] == "*"
    assert sent <= set(preflight.headers["access-control-allow-headers"].split(", "))
    shown = CLIENT.get(f"{storage.url}/object/public/open/a.txt", headers={"origin": "http://localhost:3000"})
    assert shown.headers["access-control-allow-origin"] == "*"


@pytest.mark.parametrize("seconds", [60, "60"])
def test_a_signed_address_reads_one_object_for_a_while(storage: StorageApi, seconds: Any) -> None:
    storage.upload("closed/u1/a.txt", b"secret")
    storage.upload("closed/u1/b.txt", b"other")
    address = storage.call("POST", "/object/sign/closed/u1/a.txt", {"expiresIn": seconds}).json()["signedURL"]
    assert address.startswith("/object/sign/closed/u1/a.txt?token=")
    found = CLIENT.get(storage.url + address)
    assert (found.status_code, found.content) == (200, b"secret")
    over = datetime.strptime(found.headers["expires"], "%a, %d %b %Y %H:%M:%S GMT").replace(tzinfo=UTC)
    assert timedelta(seconds=50) < over - datetime.now(UTC) <= timedelta(seconds=60)
    other = CLIENT.get(storage.url + address.replace("a.txt?", "b.txt?"))
    refused(other, 400, "InvalidSignature")
    refused(CLIENT.get(storage.url + address[:-5]), 400, "InvalidJWT")
    refused(CLIENT.get(storage.url + address.split("?")[0]), 400, "InvalidJWT")


def test_a_signature_ends_and_serves_one_purpose(storage: StorageApi, ana: dict[str, Any]) -> None:
    storage.upload("closed/a.txt", b"1")
    read = storage.call("POST", "/object/sign/closed/a.txt", {"expiresIn": 60}).json()["signedURL"]
    write = storage.call("POST", "/object/upload/sign/closed/b.txt", {}).json()["url"]
    assert CLIENT.put(storage.url + write.replace("b.txt?", "a.txt?"), content=b"x").status_code == 400
    refused(
        CLIENT.put(f"{storage.url}{read.replace('/sign/', '/upload/sign/')}", content=b"x"),
        400,
        "InvalidSignature",
    )
    refused(CLIENT.get(f"{storage.url}{write.replace('/upload/sign/', '/sign/')}"), 400, "InvalidSignature")
    person = f"{storage.url}/object/sign/closed/a.txt?token={ana['access_token']}"
    refused(CLIENT.get(person), 400, "InvalidSignature")
    past = {"purpose": "download", "url": "closed/a.txt", "iat": 1, "exp": 2}
    old = CLIENT.get(f"{storage.url}/object/sign/closed/a.txt?token={storage.auth.keys.sign(past)}")
    assert "exp" in refused(old, 400, "InvalidJWT").json()["message"]
    assert storage.call("GET", "/object/closed/a.txt").content == b"1"


def test_several_addresses_are_signed_at_once(storage: StorageApi) -> None:
    storage.upload("closed/a.txt", b"1")
    body = {"expiresIn": "60", "paths": ["a.txt", "none.txt", "../a.txt"]}
    first, *others = storage.call("POST", "/object/sign/closed", body).json()
    assert (first["error"], first["path"]) == (None, "a.txt")
    assert CLIENT.get(storage.url + first["signedURL"]).content == b"1"
    assert [other["signedURL"] for other in others] == [None, None]
    assert all(other["error"] for other in others)


@pytest.mark.parametrize(
    "body", [{}, {"expiresIn": 0}, {"expiresIn": "soon"}, {"expiresIn": -1}, {"expiresIn": 10**18}]
)
def test_a_signature_needs_a_sensible_end(storage: StorageApi, body: Any) -> None:
    storage.upload("closed/a.txt")
    refused(storage.call("POST", "/object/sign/closed/a.txt", body), 400, "InvalidRequest")
    refused(storage.call("POST", "/object/sign/closed", body | {"paths": ["a.txt"]}), 400, "InvalidRequest")


def test_a_signed_upload_is_made_once_by_anybody(
    own_folders: StorageApi, ana: dict[str, Any], eve: dict[str, Any]
) -> None:
    storage, path = own_folders, f"closed/{ana['user']['id']}/a.txt"
    mine = {"token": ana["access_token"]}
    refused(
        storage.call("POST", f"/object/upload/sign/{path}", {}, token=eve["access_token"]),
        403,
        "Unauthorized",
    )
    signed = storage.call("POST", f"/object/upload/sign/{path}", {}, **mine).json()
    assert signed["url"] == f"/object/upload/sign/{path}?token={signed['token']}"
    url = storage.url + signed["url"]
    assert storage.names("closed") == [], "signing makes nothing"
    assert CLIENT.put(url, files={"": ("blob", b"1", "text/plain")}).json()["Key"] == path
    refused(CLIENT.put(url, content=b"2", headers={"content-type": "text/plain"}), 409, "Duplicate")
    assert storage.call("GET", f"/object/{path}", **mine).content == b"1"
    assert storage.auth.sql("select owner_id from storage.objects") == [(ana["user"]["id"],)]
    refused(storage.call("POST", f"/object/upload/sign/{path}", {}, **mine), 409, "Duplicate")
    again = storage.call("POST", f"/object/upload/sign/{path}", {}, x_upsert="true", **mine).json()
    assert CLIENT.put(storage.url + again["url"], content=b"3").status_code == 200
    assert storage.call("GET", f"/object/{path}", **mine).content == b"3"
