"""The admin's log (``django_admin_log``): the names and reasons in it are removed with the account.

An entry has the name of the row in ``object_repr``, and the reason of a suspension or a ban in
``change_message``. Entries remain after their row is deleted. The entry of a deleted gig therefore has its
owner's id.
"""

from collections.abc import Iterable
from uuid import UUID

from django.contrib.admin.models import CHANGE, DELETION, LogEntry
from django.contrib.contenttypes.models import ContentType
from django.db.models import Model, Q, QuerySet, TextField
from django.db.models.functions import Cast

from accounts.models import Gig, Teacher, User
from accounts.models.deleted_users import DELETED_NAME


def record_change(*, row: Model, by: User, note: str) -> None:
    """Records a change that a member of staff has made."""
    record_changes(rows=[row], by=by, note=note)


def record_changes(*, rows: Iterable[Model], by: User, note: str) -> None:
    """Records the same change of several rows."""
    LogEntry.objects.bulk_create(
        LogEntry(
            user=by,
            content_type=ContentType.objects.get_for_model(row),
            object_id=str(row.pk),
            object_repr=str(row)[:200],
            action_flag=CHANGE,
            change_message=note,
        )
        for row in rows
    )


def record_gig_deletion(*, gig: Gig, by: User) -> None:
    """Records the deletion of a gig. ``gig`` may be deleted already, but has its ``pk``."""
    LogEntry.objects.create(
        user=by,
        content_type=ContentType.objects.get_for_model(Gig),
        object_id=str(gig.pk),
        object_repr=str(gig)[:200],
        action_flag=DELETION,
        change_message=_note_of_owner(gig.teacher_id),
    )


def has_entries(*, gig: Gig) -> bool:
    """Whether staff have ever changed the gig."""
    return _about(Gig, [gig.pk]).exists()


def entries_about(pk: UUID) -> QuerySet[LogEntry]:
    """The entries about a user, the teaching profile and gigs that are not deleted, newest first."""
    gigs = Gig.objects.filter(teacher=pk).values_list("pk", flat=True)
    found = _about(User, [pk]) | _about(Teacher, [pk]) | _about(Gig, gigs)
    return found.select_related("user", "content_type").order_by("-action_time", "-pk")


def empty_entries(*, user: User) -> None:
    """Empties names and messages in all entries about a user, the teaching profile and gigs. Idempotent.

    The gigs must not be deleted yet. The entries of gigs deleted earlier are found by the owner's id.
    """
    deleted_gigs = LogEntry.objects.filter(change_message=_note_of_owner(user.pk)).values("object_id")
    gigs = Gig.objects.for_user(user).annotate(text_id=Cast("pk", TextField())).values("text_id")
    _empty(_of(Gig).filter(Q(object_id__in=gigs) | Q(object_id__in=deleted_gigs)))
    for model in (User, Teacher):
        _empty(_about(model, [user.pk]))


def _about(model: type[Model], pks: Iterable[object]) -> QuerySet[LogEntry]:
    """The entries about these rows."""
    return _of(model).filter(object_id__in=[str(pk) for pk in pks])


def _of(model: type[Model]) -> QuerySet[LogEntry]:
    """The entries about rows of the model."""
    meta = model._meta
    names = {"content_type__app_label": meta.app_label, "content_type__model": meta.model_name}
    return LogEntry.objects.filter(**names)


def _empty(entries: QuerySet[LogEntry]) -> None:
    entries.update(object_repr=DELETED_NAME, change_message="")


def _note_of_owner(pk: UUID) -> str:
    """The message of the entry of a deleted gig."""
    return f"Gig of user {pk}"
