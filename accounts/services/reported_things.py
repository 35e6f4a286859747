"""What people report: who may see it, its owner, and its text."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, cast
from uuid import UUID

from django.db.models import Model, QuerySet

from accounts.errors import Conflict, NotFound
from accounts.models import Comment, Gig, Message, Participant, Report, User


@dataclass(frozen=True)
class Thing:
    """A reported row. ``owner`` is the user, or the owner or author; None after that account was deleted."""

    row: Model
    owner: User | None
    text: str


def visible_thing(*, user: User, kind: str, reported_id: str) -> Thing:
    """The thing with this id, which ``user`` can see.

    Raises NotFound, Conflict for a deleted message: its text is not stored any more.
    """
    return FINDERS[Report.Kind(kind)](user, reported_id)


def _visible_user(user: User, reported_id: str) -> Thing:
    """A listed user, or the other participant of one of the user's chats."""
    pk = UUID(reported_id)
    partners = Participant.objects.peers_of(user).filter(user=pk)
    found = User.objects.present().with_teacher().filter(pk=pk).first()
    listed = User.objects.listed().filter(pk=pk)
    if found is None or not (found.pk == user.pk or listed.exists() or partners.exists()):
        raise NotFound
    return thing_of(found)


def _visible_gig(user: User, reported_id: str) -> Thing:
    return _thing(Gig.objects.visible_to(user).with_teacher().filter(pk=reported_id).first())


def _visible_message(user: User, reported_id: str) -> Thing:
    message = Message.objects.for_user(user).select_related("sender").filter(pk=reported_id).first()
    if message and message.deleted_at:
        sentence = "This message has been deleted. Report the person instead."
        raise Conflict(sentence, code="message_deleted")
    return _thing(message)


def _visible_comment(user: User, reported_id: str) -> Thing:
    return _thing(Comment.objects.visible_to(user).with_author().filter(pk=reported_id).first())


FINDERS: dict[Report.Kind, Callable[[User, str], Thing]] = {
    Report.Kind.USER: _visible_user,
    Report.Kind.GIG: _visible_gig,
    Report.Kind.MESSAGE: _visible_message,
    Report.Kind.COMMENT: _visible_comment,
}


def existing_thing(report: Report) -> Thing | None:
    """What the report is about, as it is now, with its text. None if it is deleted."""
    row = _existing_rows(report).first()
    return row and thing_of(row)


def exists(report: Report) -> bool:
    """Whether what the report is about exists. Reads no text."""
    return _existing_rows(report).exists()


def read_row(report: Report) -> Model:
    """The row that the log of readings names: the message, whose chat is read too, or the report."""
    if report.kind == Report.Kind.MESSAGE and report.reported_id:
        return Message(pk=int(report.reported_id))
    return report


def _existing_rows(report: Report) -> QuerySet[Any]:
    """The reported row; none if it is deleted, or if the report has lost its id."""
    rows: dict[Report.Kind, QuerySet[Any]] = {
        Report.Kind.USER: User.objects.present().with_teacher(),
        Report.Kind.GIG: Gig.objects.with_teacher(),
        Report.Kind.MESSAGE: Message.objects.filter(deleted_at=None).select_related("sender"),
        Report.Kind.COMMENT: Comment.objects.with_author(),
    }
    return rows[Report.Kind(report.kind)].filter(pk=report.reported_id or None)


def _thing(row: Model | None) -> Thing:
    """Raises NotFound if there is no row."""
    if row is None:
        raise NotFound
    return thing_of(row)


def thing_of(row: Model) -> Thing:
    """Owner and text of a row. The text has only words of its owner."""
    if isinstance(row, Gig):
        return Thing(
            row, row.teacher.user, lines(row.title, row.description, row.what_is_included, *row.tags)
        )
    if isinstance(row, Message):
        return Thing(row, row.sender, row.content)
    if isinstance(row, Comment):
        return Thing(row, row.author, lines(row.text, row.corrected))
    user = cast(User, row)
    teacher = user.teaching_profile
    taught = (teacher.headline, teacher.about) if teacher else ()  # type: ignore[attr-defined]
    return Thing(user, user, lines(user.name, user.bio, *taught))


def lines(*texts: str) -> str:
    """The texts that are not empty, one below the other."""
    return "\n".join(filter(None, texts))
