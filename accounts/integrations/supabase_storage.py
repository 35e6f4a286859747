"""Supabase Storage: the public bucket of uploads.

An upload creates the bucket if it is missing, so that a new project needs no preparation. Raises
StorageUnavailable or SupabaseRejected only: no failure here is the caller's fault.
"""

import logging
import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import quote

from django.conf import settings

from accounts.errors import StorageUnavailable, SupabaseUnavailable
from accounts.integrations import supabase_client

BUCKET = "user-uploads"
LIMITS: dict[str, Any] = {
    "public": True,
    "file_size_limit": 5 * 1024 * 1024,
    "allowed_mime_types": ["image/webp"],
}
# A path is used once, so its content never changes.
CACHE_SECONDS = 365 * 24 * 3600
PAGE_SIZE = 100
URL_SAFE = re.compile(r"[A-Za-z0-9_.~/-]*")
# The gateway's and Storage's own. The secret key may do everything, so another key is set.
STATUSES_OF_REFUSED_KEYS = {"401", "403"}

logger = logging.getLogger(__name__)


def public_url(path: str) -> str:
    """The public URL of a file. Makes no request."""
    safe = path if URL_SAFE.fullmatch(path) else quote(path)
    return f"{settings.SUPABASE_URL}/storage/v1/object/public/{BUCKET}/{safe}"


def upload(*, path: str, content: bytes, content_type: str) -> None:
    """Stores a new file. Creates the bucket if it is missing."""
    options: Any = {"content-type": content_type, "cache-control": str(CACHE_SECONDS)}
    with _client() as client:
        bucket = client.storage.from_(BUCKET)
        try:
            bucket.upload(path, content, options)
        except Exception as error:
            if not _is_missing(error):  # in an upload, only the bucket can be missing
                raise
            _create_bucket(client)
            bucket.upload(path, content, options)


def bucket_limits() -> dict[str, Any] | None:
    """The bucket's values of the keys of LIMITS; None if the bucket is missing."""
    with _client() as client:
        try:
            bucket = client.storage.get_bucket(BUCKET)
        except Exception as error:
            if _is_missing(error):
                return None
            raise
        return {name: getattr(bucket, name) for name in LIMITS}


def remove(*, path: str) -> None:
    """Removes a file. Idempotent, also without a bucket."""
    with _client() as client:
        _remove(client.storage.from_(BUCKET), [path])


def remove_folder(*, folder: str) -> None:
    """Removes every file directly in ``folder``. Idempotent, also without a bucket.

    Another request may remove a listed file first. Only a file that is still listed after its removal
    is a failure.
    """
    with _client() as client:
        bucket = client.storage.from_(BUCKET)
        removed: set[str] = set()
        while paths := _paths_in(bucket, folder):
            if not removed.isdisjoint(paths):
                logger.error("Supabase Storage lists files that it does not remove.")
                raise StorageUnavailable
            _remove(bucket, paths)
            removed.update(paths)


def _remove(bucket: Any, paths: list[str]) -> None:
    """Removes files. A missing file or bucket is not an error."""
    try:
        bucket.remove(paths)
    except Exception as error:
        if not _is_missing(error):
            raise


def _paths_in(bucket: Any, folder: str) -> list[str]:
    """One page of the files in ``folder``."""
    try:
        entries = bucket.list(folder, {"limit": PAGE_SIZE})
    except Exception as error:
        if _is_missing(error):
            return []
        raise
    # An entry without an id is a folder.
    return [f"{folder}/{entry['name']}" for entry in entries if entry["id"]]


def _create_bucket(client: Any) -> None:
    """Creates the bucket. It is not an error if a parallel upload has created it."""
    from storage3.exceptions import StorageApiError

    try:
        client.storage.create_bucket(BUCKET, options=LIMITS)
    except StorageApiError as error:
        if str(error.status) != "409":
            raise


def _is_missing(error: Exception) -> bool:
    """Whether a file or the bucket is missing. Storage answers 400, with the status 404 in the body."""
    return str(getattr(error, "status", "")) == "404"


@contextmanager
def _client() -> Iterator[Any]:
    """Yields a client with the secret key, and replaces its errors by domain errors."""
    import httpx
    from storage3.exceptions import StorageApiError

    try:
        with supabase_client.for_one_call(admin=True) as client:
            yield client
    except StorageApiError as error:
        if str(error.status) in STATUSES_OF_REFUSED_KEYS:
            raise supabase_client.rejected("SUPABASE_SECRET_KEY", error.message) from None
        logger.error("Supabase Storage failed: %s (status %s)", error.code, error.status)
        raise StorageUnavailable from None
    except (httpx.HTTPError, SupabaseUnavailable) as error:
        # Storage is unreachable, or the response is not from Storage.
        logger.error("Supabase Storage failed: %s", type(error).__name__)
        raise StorageUnavailable from None
