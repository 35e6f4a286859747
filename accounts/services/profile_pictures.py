"""Profile pictures: re-encoded, stored in Supabase Storage, with their path in the user's row.

Every picture gets a new path, so that no cache shows the previous one. A path in a row always has
its file: first the upload, then the row, then the removal of the previous file. No transaction is
open during a request to Supabase. The lock of the row serialises parallel changes, and each queues the
removal of the file that it replaced, in the transaction of the row: the file is public, and neither an outage
of Storage nor a crash keeps it there. A removal of the picture does not wait for Storage.
"""

import logging
import uuid

from django.db import transaction
from django.utils import timezone
from django_tasks import task

from accounts.errors import InvalidInput, PicturesBusy, Unavailable
from accounts.integrations import supabase_storage
from accounts.models import User
from accounts.services import queueing

FIELD = "profile_picture"

logger = logging.getLogger(__name__)


def set_picture(*, user: User, content: bytes) -> User:
    """Sets the profile picture to an uploaded file. Returns the stored user.

    Raises InvalidInput if ``content`` is not an accepted picture, PicturesBusy, StorageUnavailable,
    SupabaseRejected or AccountDeleted. The user keeps the previous picture then.
    """
    from accounts.values import images  # loads Pillow, which few processes need

    try:
        picture = images.as_webp(content)
    except images.NotAPicture as reason:
        raise InvalidInput(f"{FIELD}: {reason}", errors={FIELD: [str(reason)]}) from None
    except images.DecoderBusy:
        raise PicturesBusy from None
    path = f"{folder_of(user)}/{uuid.uuid4().hex}.webp"
    # The deletion of the account may have begun while the request was read. Its last removal of files
    # waits only for uploads that began before it.
    User.objects.check_present(user.pk)
    supabase_storage.upload(path=path, content=picture, content_type=images.MIME_TYPE)
    return _replace(user, path)


def remove_picture(*, user: User) -> None:
    """Removes the profile picture; a job removes its file. Idempotent. Raises AccountDeleted."""
    _replace(user, "")


def remove_all_pictures(*, user: User) -> None:
    """Removes every picture file of an account, also those of interrupted uploads. Idempotent.

    Raises StorageUnavailable or SupabaseRejected.
    """
    supabase_storage.remove_folder(folder=folder_of(user))


def folder_of(user: User) -> str:
    """The folder of an account's picture files in Supabase Storage."""
    return f"avatars/{user.pk}"


@task()
def remove_file(path: str, attempt: int) -> None:
    """Removes a file that no row refers to. After a failure, queues the next attempt.

    The queue keeps the path of this function, so a renamed function needs an alias.
    """
    if not _try_to_remove(path):
        _queue_removal(path, attempt + 1)


def _queue_removal(path: str, attempt: int) -> None:
    run_after = timezone.now() + queueing.retry_delay(attempt)
    remove_file.using(run_after=run_after).enqueue(path, attempt)


def _replace(user: User, path: str) -> User:
    """Stores the path and queues the removal of the previous file. Removes the new file if storing fails."""
    try:
        with transaction.atomic():
            row: User = User.objects.locked_present(user.pk)
            previous = row.replace_profile_picture(path)
            if previous:
                at, backup = timezone.now(), queueing.FIRST_RETRY_DELAY
                queueing.enqueue_twice(remove_file, previous, 0, at=at, backup=backup)
    except BaseException:
        if path and not _try_to_remove(path):
            _queue_removal(path, attempt=1)
        raise
    return row


def _try_to_remove(path: str) -> bool:
    """Removes a file. Returns whether Storage has confirmed it; logs a failure."""
    try:
        supabase_storage.remove(path=path)
    except Unavailable:
        logger.warning("A picture file that no user refers to is still in storage: %s", path)
        return False
    return True
