"""Profile pictures: made harmless, stored in Supabase, named in the row.

A new picture gets a new name, so that no cache shows the old one. The row names a file only while
that file is there: upload, then row, then removal of what the row named before. No transaction is
open while Supabase is asked; of parallel changes the row's lock decides, and each removes what it
displaced.
"""

import logging
import uuid
from typing import cast

from django.db import transaction

from accounts.errors import InvalidInput, InvalidToken, StorageUnavailable
from accounts.integrations import supabase_storage
from accounts.models import User
from accounts.values import images
from accounts.values.images import NotAPicture

FIELD = "profile_picture"

logger = logging.getLogger(__name__)


def set_picture(*, user: User, content: bytes) -> User:
    """Gives ``user`` the picture in a file of a stranger's making; the row as it is then.

    Raises InvalidInput for what is no picture, StorageUnavailable, and InvalidToken when the
    account has been deleted meanwhile; nothing has changed then.
    """
    try:
        picture = images.as_webp(content)
    except NotAPicture as reason:
        raise InvalidInput(f"{FIELD}: {reason}", errors={FIELD: [str(reason)]}) from None
    path = f"{folder_of(user)}/{uuid.uuid4().hex}.webp"
    supabase_storage.upload(path=path, content=picture, content_type=images.MIME_TYPE)
    return _replace(user, path)


def remove_picture(*, user: User) -> None:
    """Takes the picture away; without one, nothing happens."""
    _replace(user, "")


def remove_all(*, user: User) -> None:
    """Removes every picture file of an account, those of uploads that were cut short too."""
    supabase_storage.remove_folder(folder=folder_of(user))


def folder_of(user: User) -> str:
    """Where the picture files of an account are."""
    return f"avatars/{user.pk}"


def _replace(user: User, path: str) -> User:
    try:
        present, old = _name_in_row(user, path)
    except BaseException:
        _forget(path)
        raise
    _forget(old)
    return present


@transaction.atomic
def _name_in_row(user: User, path: str) -> tuple[User, str]:
    """The row with the new name, and the name before."""
    present = User.objects.present().select_for_update().filter(pk=user.pk).first()
    if present is None:
        raise InvalidToken("This session has ended. Sign in again.")
    old = cast(str, present.profile_picture)
    present.profile_picture = path
    present.save(update_fields=["profile_picture", "updated_at"])
    return cast(User, present), old


def _forget(path: str) -> None:
    """Removes a file that no row names any more; one that stays harms nobody."""
    if not path:
        return
    try:
        supabase_storage.remove(path=path)
    except StorageUnavailable:
        logger.warning("A picture file that no profile names was left in storage: %s", path)
