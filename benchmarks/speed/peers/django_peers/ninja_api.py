"""Django-Ninja: schemas with resolvers, the ORM."""

from collections.abc import Callable
from datetime import datetime
from decimal import Decimal
from typing import Any, Literal
from uuid import UUID

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import path
from ninja import NinjaAPI, Schema
from ninja.errors import HttpError
from ninja.renderers import JSONRenderer
from ninja.security import HttpBearer
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.utils.encoders import JSONEncoder

from benchmarks.speed.peers import shapes
from benchmarks.speed.peers.django_peers import work
from benchmarks.speed.peers.django_peers.authentication import user_of
from benchmarks.speed.peers.django_peers.models import User


class Bearer(HttpBearer):
    def authenticate(self, request: HttpRequest, token: str) -> User | None:
        try:
            return user_of(token)
        except AuthenticationFailed:
            return None


class Renderer(JSONRenderer):
    """Writes microseconds, which Ninja's own encoder drops."""

    encoder_class = JSONEncoder


api = NinjaAPI(auth=Bearer(), renderer=Renderer(), docs_url=None)


class ConversationInput(Schema):
    topic: str
    transcription: Any
    native_language: str
    target_language: str
    conversation_type: Literal[*shapes.TYPES] = "practice"  # type: ignore[valid-type]
    duration_minutes: int | None = None
    ai_feedback: dict[str, Any] = {}
    client_id: UUID | None = None


class ConversationOutput(Schema):
    id: int
    user: UUID
    user_name: str
    user_email: str
    topic: str
    transcription: Any
    native_language: str
    native_language_code: str
    target_language: str
    target_language_code: str
    conversation_type: str
    conversation_type_display: str
    duration_minutes: int | None
    ai_feedback: dict[str, Any]
    generated_feedback: dict[str, Any] | None
    feedback_status: str
    feedback_error: str
    client_id: UUID | None
    session: int | None
    reported_usage: dict[str, Any] | None
    comments_count: int
    created_at: datetime
    updated_at: datetime

    @staticmethod
    def resolve_user(row: Any) -> UUID:
        return row.user_id

    @staticmethod
    def resolve_user_name(row: Any) -> str:
        return row.user.name

    @staticmethod
    def resolve_user_email(row: Any) -> str:
        return row.user.email

    @staticmethod
    def resolve_conversation_type_display(row: Any) -> str:
        return row.get_conversation_type_display()


class MessageInput(Schema):
    content: str
    client_id: UUID | None = None


class MessageOutput(Schema):
    id: int
    seq: int
    sender: UUID
    content: str
    client_id: UUID | None
    created_at: datetime
    edited_at: datetime | None
    deleted_at: datetime | None
    removed_by_staff: bool

    @staticmethod
    def resolve_sender(row: Any) -> UUID:
        return row.sender_id


class SentMessageOutput(MessageOutput):
    corrections: list[Any] = []


class PersonOutput(Schema):
    id: UUID
    name: str
    email: str | None
    role: str
    profile_picture: str | None


class ChannelOutput(Schema):
    topic: str
    event: str


class ChatOutput(Schema):
    id: UUID
    participants: list[PersonOutput]
    last_message: MessageOutput | None
    last_seq: int
    unread_count: int
    my_read_seq: int
    peer_read_seq: int
    blocked_by_me: bool
    realtime: ChannelOutput
    created_at: datetime
    updated_at: datetime


class TeacherOutput(Schema):
    id: UUID
    name: str
    profile_picture: str | None
    headline: str
    experience_years: int
    is_verified: bool

    @staticmethod
    def resolve_id(row: Any) -> UUID:
        return row.user_id

    @staticmethod
    def resolve_name(row: Any) -> str:
        return row.user.name

    @staticmethod
    def resolve_profile_picture(row: Any) -> str | None:
        return shapes.picture(row.user.profile_picture)


class GigOutput(Schema):
    id: int
    teacher: TeacherOutput
    title: str
    description: str
    language: str
    language_code: str
    price_per_session: str
    currency: str
    session_minutes: int
    tags: list[str]
    what_is_included: str
    status: str
    suspension_reason: str | None
    created_at: datetime
    updated_at: datetime

    @staticmethod
    def resolve_price_per_session(row: Any) -> str:
        return str(row.price_per_session)

    @staticmethod
    def resolve_suspension_reason(row: Any) -> str | None:
        return row.suspension_reason or None


def same(rows: list[Any]) -> list[Any]:
    return rows


def page(
    request: HttpRequest,
    response: HttpResponse,
    rows: QuerySet[Any],
    limit: int,
    order: tuple[str, str] = ("created_at", "pk"),
    complete: Callable[[list[Any]], list[Any]] = same,
) -> list[Any]:
    found = list(rows[: limit + 1])
    if len(found) > limit:
        found = found[:limit]
        cursor = shapes.cursor(*(getattr(found[-1], name) for name in order))
        url = request.build_absolute_uri("?")
        response["Link"] = f'<{url}?cursor={cursor}&limit={limit}>; rel="next"'
    return complete(found)


@api.get("/voice-conversations/", response=list[ConversationOutput])
def conversations(request: Any, response: HttpResponse, limit: int = 50) -> Any:
    return page(request, response, work.conversations(request.auth), limit)


@api.post("/voice-conversations/", response={201: ConversationOutput})
def create_conversation(request: Any, data: ConversationInput) -> Any:
    try:
        return 201, work.create_conversation(request.auth, data.dict())
    except (ValueError, KeyError, TypeError):
        raise HttpError(400, "Unknown shape.") from None


@api.get("/voice-conversations/summary/")
def summary(request: Any) -> Any:
    return work.summary(request.auth)


@api.get("/supabase/chats/", response=list[ChatOutput])
def chats(request: Any, response: HttpResponse, limit: int = 50) -> Any:
    me = request.auth

    def complete(rows: list[Any]) -> list[dict[str, Any]]:
        return [chat(row, me) for row in work.complete(rows)]

    rows = work.participations(me)
    return page(request, response, rows, limit, order=("active_at", "chat_id"), complete=complete)


def chat(row: Any, me: User) -> dict[str, Any]:
    return {
        "id": row.chat_id,
        "participants": [person(each.user, me, row.peer_has_written) for each in row.people],
        "last_message": row.newest,
        "last_seq": row.chat.last_seq,
        "unread_count": row.unread_count,
        "my_read_seq": row.read_seq,
        "peer_read_seq": row.peer.read_seq,
        "blocked_by_me": row.blocked_at is not None,
        "realtime": shapes.channel(row.chat_id),
        "created_at": row.chat.created_at,
        "updated_at": row.chat.updated_at,
    }


def person(user: User, me: User, peer_has_written: bool) -> dict[str, Any]:
    return {
        "id": user.pk,
        "name": user.name,
        "email": user.email if peer_has_written or user.pk == me.pk else None,
        "role": user.role,
        "profile_picture": shapes.picture(user.profile_picture),
    }


@api.post("/supabase/chats/{chat_id}/messages/", response={201: SentMessageOutput})
def create_message(request: Any, chat_id: UUID, data: MessageInput) -> Any:
    return 201, work.send_message(request.auth, chat_id, data.dict())


@api.get("/gigs/", response=list[GigOutput])
def gigs(
    request: Any, response: HttpResponse, language: str, currency: str, min_price: Decimal, limit: int = 50
) -> Any:
    return page(request, response, work.gigs(language, currency, min_price), limit)


urlpatterns = [path("accounts/", api.urls)]
