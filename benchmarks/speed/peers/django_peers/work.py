"""Queries and writes of plain REST framework and of Django-Ninja, with the plain ORM."""

from collections.abc import Mapping
from datetime import timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db import transaction
from django.db.models import Avg, Count, Exists, F, Max, Min, OuterRef, Q, QuerySet, Sum
from django.db.models.functions import Now, TruncDate
from django.http import Http404
from django.utils import timezone

from benchmarks.speed.peers import shapes
from benchmarks.speed.peers.django_peers.models import (
    Chat,
    Conversation,
    Gig,
    Message,
    Participant,
    ScoredConversation,
    User,
)


def conversations(user: User) -> QuerySet[Conversation]:
    return Conversation.objects.filter(user=user).select_related("user").order_by("-created_at", "-id")


def gigs(language: str, currency: str, min_price: Decimal) -> QuerySet[Gig]:
    not_banned = Q(teacher__user__banned_until=None) | Q(teacher__user__banned_until__lte=Now())
    found = Gig.objects.filter(
        not_banned,
        teacher__user__deleted_at=None,
        teacher__user__is_staff=False,
        status="active",
        language_code=shapes.code_of(language),
        currency=currency,
        price_per_session__gte=min_price,
    )
    return found.select_related("teacher__user").order_by("-created_at", "-id")


def participations(user: User) -> QuerySet[Participant]:
    """The user's chats, the most recent first."""
    theirs = Message.objects.filter(chat=OuterRef("chat")).exclude(sender=user)
    found = Participant.objects.filter(user=user, active_at__isnull=False).select_related("chat")
    return found.annotate(peer_has_written=Exists(theirs)).order_by("-active_at", "-chat_id")


def complete(rows: list[Participant]) -> list[Participant]:
    """Loads the newest message and the participants of a page of chats."""
    chats = [row.chat_id for row in rows]
    newest = {each.chat_id: each for each in Message.objects.filter(chat__in=chats, seq=F("chat__last_seq"))}
    people: dict[UUID, list[Participant]] = {}
    for each in Participant.objects.filter(chat__in=chats).select_related("user").order_by("user"):
        people.setdefault(each.chat_id, []).append(each)
    for row in rows:
        row.newest, row.people = newest.get(row.chat_id), people[row.chat_id]
        row.peer = next(each for each in row.people if each.pk != row.pk)
    return rows


def summary(user: User) -> dict[str, Any]:
    rows, now, zone = ScoredConversation.objects.filter(user=user), timezone.now(), ZoneInfo(user.timezone)
    total = rows.aggregate(
        count=Count("id"),
        minutes=Sum("duration_minutes"),
        mean_minutes=Avg("duration_minutes"),
        grammar=Avg("grammar_score"),
        pronunciation=Avg("pronunciation_score"),
        recent=Count("id", filter=Q(created_at__gte=now - timedelta(days=7))),
        first_at=Min("created_at"),
        last_at=Max("created_at"),
    )
    languages = rows.values("target_language_code", "target_language").annotate(
        count=Count("id"), last_at=Max("created_at")
    )
    types = rows.values("conversation_type").annotate(count=Count("id"))
    days = rows.annotate(day=TruncDate("created_at", tzinfo=zone)).values_list("day", flat=True).distinct()
    grouped: list[dict[str, Any]] = [{**total, "grouping": shapes.TOTAL}]
    for row in languages:
        spelling = {"code": row["target_language_code"], "language": row["target_language"]}
        counted = {"count": row["count"], "last_at": row["last_at"], "grouping": shapes.BY_LANGUAGE}
        grouped.append({**spelling, **counted})
    for row in types:
        kind = row["conversation_type"]
        grouped.append({"type": kind, "count": row["count"], "grouping": shapes.BY_TYPE})
    grouped += [{"day": day, "grouping": shapes.BY_DAY} for day in days]
    newest = rows.order_by("-created_at", "-id").values_list("ai_feedback", flat=True)[:100]
    feedback = [(each.get("areas_for_improvement"), each.get("suggested_next_topics")) for each in newest]
    return shapes.summary(grouped, feedback, now.astimezone(zone).date())


def lock(user: User) -> None:
    """Raises Http404 if the account is deleted."""
    present = User.objects.select_for_update(no_key=True).filter(pk=user.pk, deleted_at=None)
    if not present.exists():
        raise Http404


@transaction.atomic
def create_conversation(user: User, fields: Mapping[str, Any]) -> Conversation:
    lock(user)
    return Conversation.objects.create(
        user=user,
        **fields,
        native_language_code=shapes.code_of(fields["native_language"]),
        target_language_code=shapes.code_of(fields["target_language"]),
        creation_digest=shapes.digest(fields),
        search_text=shapes.searched(fields["topic"], fields["transcription"]),
    )


@transaction.atomic
def send_message(user: User, chat_id: UUID, fields: Mapping[str, Any]) -> Message:
    lock(user)
    pair = Participant.objects.filter(chat=chat_id, chat__participants__user=user)
    rows = list(pair.select_related("chat", "user").select_for_update(of=("chat", "self")))
    if not rows:
        raise Http404
    own, peer = rows if rows[0].user_id == user.pk else reversed(rows)
    if own.blocked_at or peer.blocked_at or peer.user.deleted_at:
        raise Http404
    chat = own.chat
    message = Message.objects.create(
        chat=chat, seq=chat.last_seq + 1, sender=user, creation_digest=shapes.digest(fields), **fields
    )
    Chat.objects.filter(pk=chat.pk).update(last_seq=message.seq, updated_at=message.created_at)
    Participant.objects.filter(pk=own.pk).update(read_seq=message.seq, active_at=message.created_at)
    Participant.objects.filter(pk=peer.pk).update(
        unread_count=F("unread_count") + 1, active_at=message.created_at
    )
    return message
