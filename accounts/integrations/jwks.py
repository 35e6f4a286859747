"""Supabase's public signing keys (JWKS), cached so that a token is verified without a request.

Source of the times: supabase.com/docs/guides/auth/signing-keys. Supabase's edge caches the set for
ten minutes, and its guide says that clients should not cache it longer.
"""

import logging
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import jwt
from django.conf import settings

from accounts.errors import KeysUnavailable
from accounts.integrations import supabase_client

TTL_SECONDS = 600
MAX_STALE_SECONDS = 3600
SECONDS_BETWEEN_FETCHES = 30
FETCH_TIMEOUT_SECONDS = 3
MAX_BYTES = 64 * 1024  # a key has less than 1 KB

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Snapshot:
    """A fetched key set. ``fetched_at`` is in seconds of the monotonic clock."""

    keys: dict[str, jwt.PyJWK]
    fetched_at: float


class FetchFailed(Exception):
    """The key set could not be fetched. The message is a short reason for the log."""


class JwksStore:
    """One process's copy of the key set of one project. Safe to share between threads.

    The set is fetched when the copy is older than TTL_SECONDS or lacks a key, by one thread at a
    time, and at least SECONDS_BETWEEN_FETCHES after the last attempt: many unknown key ids cost one
    fetch. While Supabase is down, or publishes no usable key, the copy is used for MAX_STALE_SECONDS. A new
    process has no copy: a restart of all processes refuses a revoked key at once.
    """

    def __init__(self, url: str, clock: Callable[[], float] = time.monotonic) -> None:
        self.url = url
        self._clock = clock
        self._snapshot: Snapshot | None = None
        self._attempted_at: float | None = None
        self._fetching = threading.Lock()

    def key(self, kid: str) -> jwt.PyJWK | None:
        """The key with this id; None if the project has no such key.

        Raises KeysUnavailable if there is no copy, or only one older than MAX_STALE_SECONDS.
        """
        if not self._is_fresh() or kid not in self._known():
            self._refresh()
        if self._snapshot is None or self._age() > MAX_STALE_SECONDS:
            raise KeysUnavailable
        return self._known().get(kid)

    def is_ready(self) -> bool:
        """Whether tokens can be verified now. Fetches the set if the copy is old."""
        if not self._is_fresh():
            self._refresh()
        return self._snapshot is not None and self._age() <= MAX_STALE_SECONDS

    def _known(self) -> dict[str, jwt.PyJWK]:
        return self._snapshot.keys if self._snapshot else {}

    def _age(self) -> float:
        return self._clock() - self._snapshot.fetched_at if self._snapshot else float("inf")

    def _is_fresh(self) -> bool:
        return self._age() < TTL_SECONDS

    def _may_fetch(self) -> bool:
        last = self._attempted_at
        return last is None or self._clock() - last >= SECONDS_BETWEEN_FETCHES

    def _refresh(self) -> None:
        """Fetches the set, unless the last attempt is recent. Without a copy, waits for a parallel fetch."""
        if not self._may_fetch() and not self._fetching.locked():
            return
        wait = 0 if self._snapshot else FETCH_TIMEOUT_SECONDS
        if not self._fetching.acquire(blocking=wait > 0, timeout=wait or -1):
            return
        try:
            if self._may_fetch():
                self._attempted_at = self._clock()
                self._snapshot = Snapshot(self._fetched(), self._clock())
        except FetchFailed as error:
            logger.warning("The signing keys could not be fetched: %s", error)
        finally:
            self._fetching.release()

    def _fetched(self) -> dict[str, jwt.PyJWK]:
        """The usable keys. Raises FetchFailed if there are none, so that no such set replaces a good one.

        Without a good one, an empty set is right for a project that signs with the legacy secret alone.
        """
        keys = fetch(self.url)
        if not keys and (self._known() or not settings.SUPABASE_JWT_SECRET):
            raise FetchFailed("the set has no usable key")
        return keys


def fetch(url: str) -> dict[str, jwt.PyJWK]:
    """Fetches the key set at ``url``: its usable keys, by key id. Raises FetchFailed."""
    import httpx  # at the first call, which keeps the start of commands short

    from accounts.integrations import bounded_http

    try:
        with bounded_http.limited(seconds=FETCH_TIMEOUT_SECONDS, max_bytes=MAX_BYTES):
            response = supabase_client.http().get(url)
        document = response.raise_for_status().json()
    except (httpx.HTTPError, httpx.InvalidURL, ValueError, RecursionError) as error:
        raise FetchFailed(type(error).__name__) from error
    entries = document.get("keys") if isinstance(document, dict) else None
    if response.status_code != 200 or not isinstance(entries, list):
        raise FetchFailed("not a key set")
    return {str(key.key_id): key for entry in entries if (key := parse(entry)) and is_usable(key)}


def is_usable(key: jwt.PyJWK) -> bool:
    """Whether tokens may be signed with the key: it has an id, and an algorithm with a public key."""
    accepted = set(settings.SUPABASE_JWT_ALGORITHMS) - {"HS256"}
    named = isinstance(key.key_id, str) and key.key_id != ""
    return named and key.algorithm_name in accepted and key.public_key_use in (None, "sig")


def parse(entry: Any) -> jwt.PyJWK | None:
    """One key of the set; None for an unsupported kind, so that the other keys stay usable."""
    try:
        return jwt.PyJWK(entry)
    except (jwt.PyJWTError, ValueError, TypeError, AttributeError):
        return None


@lru_cache
def store_of(supabase_url: str) -> JwksStore:
    """The store of the project at ``supabase_url``."""
    return JwksStore(f"{supabase_url}/auth/v1/.well-known/jwks.json")
