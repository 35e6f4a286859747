"""The stand-in's Storage over HTTP, for the tests of its contract."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import httpx
import pytest

from tests.supabase_fixtures import CLIENT, STORAGE_DIR, AuthApi

BUCKETS = ({"id": "open", "public": True}, {"id": "closed"})


@dataclass(frozen=True)
class StorageApi:
    """A running stand-in; calls hold the secret key unless they say otherwise."""

    auth: AuthApi

    @property
    def url(self) -> str:
        return f"{self.auth.url}/storage/v1"

    def call(
        self,
        method: str,
        path: str,
        body: Any = None,
        *,
        key: str = "",
        token: str = "",
        content: Any = None,
        files: Any = None,
        **headers: str,
    ) -> httpx.Response:
        """A request below /storage/v1; ``headers`` write - as _."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        key = key or (self.auth.keys.publishable_key if token else self.auth.keys.secret_key)
        named = {"apikey": key, "authorization": f"Bearer {token or key}"} | named
        if body is not None:
            content = json.dumps(body).encode()
        return CLIENT.request(method, self.url + path, headers=named, content=content, files=files)

    def anonymous(self, method: str, path: str, body: Any = None, **more: Any) -> httpx.Response:
        """A request with the publishable key alone."""
        return self.call(method, path, body, key=self.auth.keys.publishable_key, **more)

    def upload(self, path: str, content: bytes = b"x", **more: Any) -> httpx.Response:
        """A raw upload; ``path`` begins with the bucket."""
        more.setdefault("content_type", "text/plain")
        return self.call(more.pop("method", "POST"), f"/object/{path}", content=content, **more)

    def names(self, bucket: str, prefix: str = "", **body: Any) -> list[str]:
        """What a list names."""
        answer = self.call("POST", f"/object/list/{bucket}", {"prefix": prefix, **body})
        assert answer.status_code == 200, answer.text
        return [entry["name"] for entry in answer.json()]

    def files(self) -> set[str]:
        """The versions that have a file."""
        return {path.name for path in STORAGE_DIR.iterdir()} if STORAGE_DIR.exists() else set()

    def versions(self) -> set[str]:
        """The versions that a row refers to."""
        return {version for (version,) in self.auth.sql("select version from storage.objects")}

    @contextmanager
    def policy(self, table: str, clauses: str) -> Iterator[None]:
        """A policy for a while."""
        self.auth.sql(f"create policy trial on storage.{table} {clauses}")
        try:
            yield
        finally:
            self.auth.sql(f"drop policy trial on storage.{table}")


def refused(answer: httpx.Response, status: int, error: str) -> httpx.Response:
    """The answer, which must be this refusal in the one shape."""
    body = answer.json()
    assert (body["statusCode"], body["error"]) == (str(status), error), answer.text
    assert set(body) == {"statusCode", "error", "message"} and isinstance(body["message"], str)
    assert answer.status_code == (status if status in (405, 413, 503) else 400)
    return answer


@pytest.fixture
def storage(no_accounts: None, auth: AuthApi) -> StorageApi:
    """Storage with a public bucket "open" and a private one, "closed"."""
    api = StorageApi(auth)
    for bucket in BUCKETS:
        assert api.call("POST", "/bucket", bucket).json() == {"name": bucket["id"]}
    return api
