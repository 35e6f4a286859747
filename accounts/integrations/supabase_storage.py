"""Supabase Storage over supabase-py: the one public bucket of uploads.

The bucket is made when an upload finds none, so a new project, or one whose bucket somebody
removed, needs no preparation. Raises StorageUnavailable only: nothing here is the caller's fault.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from django.conf import settings

from accounts.errors import StorageUnavailable, SupabaseUnavailable
from accounts.integrations import supabase_client

if TYPE_CHECKING:
    from supabase import Client

BUCKET = "user-uploads"
LIMITS: dict[str, Any] = {
    "public": True,
    "file_size_limit": 5 * 1024 * 1024,
    "allowed_mime_types": ["image/webp"],
}
# A name is used once, so what it holds never changes.
CACHE_SECONDS = 365 * 24 * 3600
PAGE = 100

logger = logging.getLogger(__name__)


def public_url(path: str) -> str:
    """Where anybody reads a file; nothing is asked of the network."""
    return f"{settings.SUPABASE_URL}/storage/v1/object/public/{BUCKET}/{quote(path)}"


def upload(*, path: str, content: bytes, content_type: str) -> None:
    """Stores a new file, and makes the bucket if there is none."""
    options: Any = {"content-type": content_type, "cache-control": str(CACHE_SECONDS)}
    with _client() as client:
        bucket = client.storage.from_(BUCKET)
        try:
            bucket.upload(path, content, options)
        except Exception as error:
            if not _is_missing(error):  # nothing but the bucket can be
                raise
            _make_bucket(client)
            bucket.upload(path, content, options)


def remove(*, path: str) -> None:
    """Removes a file; one already gone is no error."""
    with _client() as client:
        client.storage.from_(BUCKET).remove([path])


def remove_folder(*, folder: str) -> None:
    """Removes every file directly in ``folder``; none, or no bucket, is no error."""
    with _client() as client:
        bucket = client.storage.from_(BUCKET)
        while paths := _paths_in(bucket, folder):
            if not bucket.remove(paths):
                logger.error("Supabase Storage lists files that it does not remove.")
                raise StorageUnavailable


def _paths_in(bucket: Any, folder: str) -> list[str]:
    """One page of the files in ``folder``."""
    try:
        entries = bucket.list(folder, {"limit": PAGE})
    except Exception as error:
        if _is_missing(error):
            return []
        raise
    # An entry without an id is a folder.
    return [f"{folder}/{entry['name']}" for entry in entries if entry["id"]]


def _make_bucket(client: Client) -> None:
    """Makes the bucket, unless somebody else just did."""
    from storage3.exceptions import StorageApiError

    try:
        client.storage.create_bucket(BUCKET, options=LIMITS)  # type: ignore[arg-type]
    except StorageApiError as error:
        if str(error.status) != "409":
            raise


def _is_missing(error: Exception) -> bool:
    """Whether Storage says that something is not there; the status stands in the body alone."""
    return str(getattr(error, "status", "")) == "404"


@contextmanager
def _client() -> Iterator[Client]:
    """A client with the secret key for one call, its errors turned into ours."""
    import httpx
    from storage3.exceptions import StorageApiError

    try:
        with supabase_client.for_one_call(admin=True) as client:
            yield client
    except StorageApiError as error:
        logger.error("Supabase Storage failed: %s (status %s)", error.code, error.status)
        raise StorageUnavailable from None
    except (httpx.HTTPError, SupabaseUnavailable, ValueError, KeyError, TypeError) as error:
        # Not there, or something else answers in its place.
        logger.error("Supabase Storage failed: %s", type(error).__name__)
        raise StorageUnavailable from None
