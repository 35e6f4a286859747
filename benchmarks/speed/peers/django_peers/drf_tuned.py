"""REST framework written for speed: viewsets and input serializers kept, raw SQL and orjson for the rest."""

import re
from collections.abc import Callable
from datetime import timedelta
from functools import cache
from typing import Any
from zoneinfo import ZoneInfo

import orjson
from django.db import connection, transaction
from django.http import Http404
from django.urls import include, path
from django.utils import timezone
from rest_framework import authentication, exceptions, renderers, routers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from benchmarks.speed.peers import shapes, sql, tokens
from benchmarks.speed.peers.django_peers import drf_plain
from benchmarks.speed.peers.django_peers.models import User

STORED_JSON = ("transcription", "ai_feedback", "generated_feedback")
CONVERSATIONS = sql.CONVERSATIONS
for _name in STORED_JSON:
    CONVERSATIONS = CONVERSATIONS.replace(f"v.{_name},", f"v.{_name}::text as {_name},")


def fetch(query: str, *parameters: Any) -> list[dict[str, Any]]:
    """The rows of a query with the parameters $1, $2."""
    with connection.cursor() as cursor:
        values = {f"p{number}": value for number, value in enumerate(parameters, 1)}
        cursor.execute(pyformat(query), values)
        names = [column.name for column in cursor.description]
        return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


@cache
def pyformat(query: str) -> str:
    """The query with psycopg2's parameters."""
    return re.sub(r"\$(\d+)", r"%(p\1)s", query)


class OrjsonRenderer(renderers.BaseRenderer):
    media_type = "application/json"
    format = "json"
    charset = None

    def render(self, data: Any, media_type: Any = None, context: Any = None) -> bytes:
        return orjson.dumps(data, default=str, option=orjson.OPT_UTC_Z)


class TokenAuthentication(authentication.BaseAuthentication):
    def authenticate(self, request: Any) -> tuple[User, None] | None:
        token = request.META.get("HTTP_AUTHORIZATION", "").removeprefix("Bearer ")
        if not token:
            return None
        try:
            claims = tokens.verify(token)
        except tokens.REFUSED:
            raise exceptions.AuthenticationFailed from None
        rows = fetch(sql.USER, claims.sub, claims.session_id)
        is_live = rows and rows[0].pop("session_is_live")
        is_banned = rows and rows[0].pop("banned")
        user = User(**rows[0]) if rows else None
        if not user or not is_live or user.deleted_at or is_banned or user.email != claims.email:
            raise exceptions.AuthenticationFailed
        return user, None

    def authenticate_header(self, request: Any) -> str:
        return "Bearer"


class Fast:
    authentication_classes = [TokenAuthentication]
    renderer_classes = [OrjsonRenderer]


def page(
    request: Request,
    query: str,
    *parameters: Any,
    shape: Callable[[dict[str, Any]], dict[str, Any]],
    order: tuple[str, str] = ("created_at", "id"),
) -> Response:
    limit = int(request.query_params.get("limit", 50))
    rows = fetch(query, *parameters, limit + 1)
    headers = {}
    if len(rows) > limit:
        rows = rows[:limit]
        cursor = shapes.cursor(*(rows[-1][name] for name in order))
        url = request.build_absolute_uri("?")
        headers = {"Link": f'<{url}?cursor={cursor}&limit={limit}>; rel="next"'}
    return Response([shape(row) for row in rows], headers=headers)


def columns_of(user: User) -> dict[str, Any]:
    return {name: getattr(user, name) for name in ("id", "name", "email", "role", "profile_picture")}


class Conversations(Fast, drf_plain.Conversations):
    def list(self, request: Request) -> Response:
        user = columns_of(request.user)

        def shape(row: dict[str, Any]) -> dict[str, Any]:
            for name in STORED_JSON:
                if row[name] is not None:
                    row[name] = orjson.Fragment(row[name])
            return shapes.conversation(row, user)

        return page(request, CONVERSATIONS, user["id"], shape=shape)

    @action(detail=False)
    def summary(self, request: Request) -> Response:
        user, now = request.user, timezone.now()
        rows = fetch(sql.SUMMARY, user.pk, user.timezone, now - timedelta(days=7))
        feedback = [(parsed(row["areas"]), parsed(row["topics"])) for row in fetch(sql.FEEDBACK, user.pk)]
        today = now.astimezone(ZoneInfo(user.timezone)).date()
        return Response(shapes.summary(rows, feedback, today))


def parsed(value: Any) -> Any:
    return orjson.loads(value) if isinstance(value, str) else value


class Chats(Fast, drf_plain.Chats):
    def list(self, request: Request) -> Response:
        user = columns_of(request.user)
        order = ("active_at", "id")
        return page(request, sql.CHATS, user["id"], shape=lambda row: shapes.chat(row, user), order=order)

    @action(detail=True, methods=["post"])
    def messages(self, request: Request, pk: str) -> Response:
        serializer = drf_plain.MessageSerializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        fields, me, now = serializer.validated_data, request.user.pk, timezone.now()
        with transaction.atomic():
            chats = fetch(sql.LOCK_CHAT, pk, me) if fetch(sql.LOCK_USER, me) else []
            if not chats:
                raise Http404
            (chat,) = chats
            if chat["blocked_at"] or chat["blocked_by_peer_at"] or chat["deleted_at"]:
                raise exceptions.PermissionDenied
            seq, digest = chat["last_seq"] + 1, shapes.digest(fields)
            values = (pk, seq, me, fields["content"], fields.get("client_id"), digest, now)
            (message,) = fetch(sql.CREATE_MESSAGE, *values)
            fetch(sql.RECORD_MESSAGE, pk, me, seq, now)
        return Response({**message, "corrections": []}, status=201)


class Gigs(Fast, drf_plain.Gigs):
    def list(self, request: Request) -> Response:
        query = request.query_params
        parameters = (shapes.code_of(query["language"]), query["currency"], query["min_price"])
        return page(request, sql.GIGS, *parameters, shape=shapes.gig)


router = routers.DefaultRouter()
router.register("voice-conversations", Conversations, "conversation")
router.register("supabase/chats", Chats, "chat")
router.register("gigs", Gigs, "gig")
urlpatterns = [path("accounts/", include(router.urls))]
