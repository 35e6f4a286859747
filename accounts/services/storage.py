"""The limit of what an account stores: STORAGE_BYTES_PER_USER.

Services call ``check_room`` before they store a row that a user wrote, and make a user's changes within
``limited_change``. The row that crosses the limit is stored. What the server writes by itself is never
refused: the conversation of a voice session, AI feedback, and the cards of corrections.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from django.conf import settings

from accounts.errors import StorageFull
from accounts.models import StoredBytes, User


def check_room(user: User) -> None:
    """Raises StorageFull if the user stores as much as allowed."""
    used = _known_bytes(user)
    if _is_full(used):
        raise StorageFull(used=used, allowed=settings.STORAGE_BYTES_PER_USER)


@contextmanager
def limited_change(user: User) -> Iterator[None]:
    """Raises StorageFull if the user's account is full and the statements within make its rows larger.

    Needs a transaction, which the error rolls back.
    """
    if not _is_full(_known_bytes(user)):
        yield
        return
    before = StoredBytes.objects.of_user(user.pk)
    yield
    if _is_full(before) and StoredBytes.objects.of_user(user.pk) > before:
        raise StorageFull(used=before, allowed=settings.STORAGE_BYTES_PER_USER)


def _is_full(used: int) -> bool:
    return 0 < settings.STORAGE_BYTES_PER_USER <= used


def _known_bytes(user: User) -> int:
    """The user's bytes at the beginning of the request; outside of requests, as they are now."""
    if settings.STORAGE_BYTES_PER_USER == 0:
        return 0
    return StoredBytes.objects.of_user(user.pk) if user.stored_bytes is None else user.stored_bytes
