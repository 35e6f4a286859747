"""Notices of staff to users. A database trigger announces each (``private.announce_notice``)."""

from datetime import datetime

from django.db import transaction

from accounts.models import Notice, User


@transaction.atomic
def mark_read(*, user: User, pk: int, at: datetime) -> Notice:
    """Marks one of the user's notices as read. Raises NotFound."""
    notice: Notice = Notice.objects.for_user(user).locked(pk=pk)
    notice.mark_read(at=at)
    return notice
