"""Reports: filed by people. Copies of reported texts are removed some time after the handling.

Lock order: users in the order of their ids, then reports in the order of theirs, then what is reported.
"""

from datetime import datetime

from django.db import transaction
from django.utils import timezone
from django_tasks import task

from accounts.errors import InvalidInput
from accounts.models import Notice, Report, User
from accounts.services.reported_things import visible_thing


@transaction.atomic
def file_report(
    *, user: User, kind: str, reported_id: str, reason: str, text: str, at: datetime
) -> tuple[Report, bool]:
    """Reports something that the user can see, unless the user has an open report of it.

    Returns the report and whether it is new; an open report stays as it is. Raises NotFound, InvalidInput
    for what belongs to the user, Conflict (message deleted), AccountDeleted.
    """
    User.objects.lock_present(user.pk)
    filed = Report.objects.for_user(user).about(kind, reported_id).open().first()
    if filed is not None:
        return filed, False
    thing = visible_thing(user=user, kind=kind, reported_id=reported_id)
    if thing.owner == user:
        message = "You cannot report yourself, or what is your own."
        raise InvalidInput(message, errors={"id": [message]})
    report = Report.objects.create(
        reporter=user,
        kind=kind,
        reported_id=reported_id,
        reported_user=thing.owner,
        reason=reason,
        text=text,
        copied_text=thing.text,
    )
    return report, True


def forget_user(user: User) -> None:
    """Removes an anonymised user from reports, and the user's notices. Idempotent.

    Open reports about the user keep their copies and ids until they are handled.
    """
    filed, received = Report.objects.for_user(user), Report.objects.about_user(user).handled()
    (filed | received).lock_in_order()
    filed.forget_reporter()
    received.forget_reported()
    Notice.objects.for_user(user).delete()


@task()
def forget_copies() -> None:
    """Removes the copies of texts in reports that were handled long enough ago.

    The queue keeps the path of this function, so a renamed function needs an alias.
    """
    expired = Report.objects.with_expired_copy(timezone.now())
    with transaction.atomic():
        expired.lock_in_order()
        expired.update(copied_text="")
