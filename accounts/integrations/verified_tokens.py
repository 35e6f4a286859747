"""Remembers verified access tokens, so that not each request verifies a signature."""

import hashlib
import threading
from collections import OrderedDict
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Verified:
    """A token's claims, its ``exp`` in Unix seconds, and the key that verified it.

    ``algorithm`` and ``key_id`` are those of the token's header, which select the key.
    """

    claims: Any
    expires_at: float
    algorithm: str
    key_id: str | None
    key: Any


class VerifiedTokens:
    """The most recently used tokens, at most ``size``; none if that is 0. Safe to share between threads.

    Tokens are stored as SHA-256 hashes only. The caller decides whether an entry still holds.
    """

    def __init__(self, size: int) -> None:
        self._size = size
        self._entries: OrderedDict[bytes, Verified] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, token: str) -> Verified | None:
        """The entry of ``token``, or None."""
        digest = _digest(token)
        with self._lock:
            entry = self._entries.get(digest)
            if entry is not None:
                self._entries.move_to_end(digest)
        return entry

    def add(self, token: str, entry: Verified) -> None:
        """Stores the entry, and removes the least recently used one if there are too many."""
        with self._lock:
            self._entries[_digest(token)] = entry
            while len(self._entries) > self._size:
                self._entries.popitem(last=False)


def _digest(token: str) -> bytes:
    return hashlib.sha256(token.encode(errors="surrogatepass")).digest()
