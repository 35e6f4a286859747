"""REST framework as its tutorial shows it: viewsets, model serializers, the ORM."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

from django.db.models import QuerySet
from django.urls import include, path
from rest_framework import routers, serializers, viewsets
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from benchmarks.speed.peers import shapes
from benchmarks.speed.peers.django_peers import work
from benchmarks.speed.peers.django_peers.models import Conversation, Gig, Message, Participant, Teacher, User


def same(rows: list[Any]) -> list[Any]:
    return rows


def page(
    request: Request,
    rows: QuerySet[Any],
    serializer: type[serializers.BaseSerializer],
    order: tuple[str, str] = ("created_at", "pk"),
    complete: Callable[[list[Any]], list[Any]] = same,
) -> Response:
    limit = int(request.query_params.get("limit", 50))
    found = list(rows[: limit + 1])
    headers = {}
    if len(found) > limit:
        found = found[:limit]
        cursor = shapes.cursor(*(getattr(found[-1], name) for name in order))
        url = request.build_absolute_uri("?")
        headers = {"Link": f'<{url}?cursor={cursor}&limit={limit}>; rel="next"'}
    data = serializer(complete(found), many=True, context={"me": request.user}).data
    return Response(data, headers=headers)


class ConversationSerializer(serializers.ModelSerializer):
    user_name = serializers.CharField(source="user.name", read_only=True)
    user_email = serializers.CharField(source="user.email", read_only=True)
    conversation_type_display = serializers.CharField(source="get_conversation_type_display", read_only=True)

    class Meta:
        model = Conversation
        fields = shapes.CONVERSATION_FIELDS
        read_only_fields = [
            "user",
            "native_language_code",
            "target_language_code",
            "generated_feedback",
            "feedback_status",
            "feedback_error",
            "session",
            "reported_usage",
            "comments_count",
        ]

    def validate_transcription(self, value: Any) -> Any:
        try:
            shapes.spoken(value)
        except (ValueError, KeyError, TypeError):
            raise serializers.ValidationError("Unknown shape.") from None
        return value


class Conversations(viewsets.ViewSet):
    def list(self, request: Request) -> Response:
        return page(request, work.conversations(request.user), ConversationSerializer)

    def create(self, request: Request) -> Response:
        serializer = ConversationSerializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        row = work.create_conversation(request.user, serializer.validated_data)
        return Response(ConversationSerializer(row).data, status=201)

    @action(detail=False)
    def summary(self, request: Request) -> Response:
        return Response(work.summary(request.user))


class PersonSerializer(serializers.ModelSerializer):
    email = serializers.SerializerMethodField()
    profile_picture = serializers.SerializerMethodField()

    class Meta:
        model = User
        fields = ["id", "name", "email", "role", "profile_picture"]

    def get_email(self, user: User) -> str | None:
        shown = self.context["peer_has_written"] or user.pk == self.context["me"].pk
        return user.email if shown else None

    def get_profile_picture(self, user: User) -> str | None:
        return shapes.picture(user.profile_picture)


class MessageSerializer(serializers.ModelSerializer):
    class Meta:
        model = Message
        fields = shapes.MESSAGE_FIELDS
        read_only_fields = ["seq", "sender", "edited_at", "deleted_at", "removed_by_staff"]


class ChatSerializer(serializers.ModelSerializer):
    id = serializers.UUIDField(source="chat_id")
    participants = serializers.SerializerMethodField()
    last_message = serializers.SerializerMethodField()
    last_seq = serializers.IntegerField(source="chat.last_seq")
    my_read_seq = serializers.IntegerField(source="read_seq")
    peer_read_seq = serializers.IntegerField(source="peer.read_seq")
    blocked_by_me = serializers.SerializerMethodField()
    realtime = serializers.SerializerMethodField()
    created_at = serializers.DateTimeField(source="chat.created_at")
    updated_at = serializers.DateTimeField(source="chat.updated_at")

    class Meta:
        model = Participant
        fields = [
            *("id", "participants", "last_message", "last_seq", "unread_count", "my_read_seq"),
            *("peer_read_seq", "blocked_by_me", "realtime", "created_at", "updated_at"),
        ]

    def get_participants(self, row: Participant) -> Any:
        context = {**self.context, "peer_has_written": row.peer_has_written}
        return PersonSerializer([each.user for each in row.people], many=True, context=context).data

    def get_last_message(self, row: Participant) -> Any:
        return row.newest and MessageSerializer(row.newest).data

    def get_blocked_by_me(self, row: Participant) -> bool:
        return row.blocked_at is not None

    def get_realtime(self, row: Participant) -> dict[str, str]:
        return shapes.channel(row.chat_id)


class Chats(viewsets.ViewSet):
    def list(self, request: Request) -> Response:
        rows = work.participations(request.user)
        return page(request, rows, ChatSerializer, order=("active_at", "chat_id"), complete=work.complete)

    @action(detail=True, methods=["post"])
    def messages(self, request: Request, pk: str) -> Response:
        serializer = MessageSerializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        message = work.send_message(request.user, pk, serializer.validated_data)
        return Response({**MessageSerializer(message).data, "corrections": []}, status=201)


class TeacherSerializer(serializers.ModelSerializer):
    id = serializers.UUIDField(source="user_id")
    name = serializers.CharField(source="user.name")
    profile_picture = serializers.SerializerMethodField()

    class Meta:
        model = Teacher
        fields = ["id", "name", "profile_picture", "headline", "experience_years", "is_verified"]

    def get_profile_picture(self, teacher: Teacher) -> str | None:
        return shapes.picture(teacher.user.profile_picture)


class GigSerializer(serializers.ModelSerializer):
    teacher = TeacherSerializer()
    suspension_reason = serializers.SerializerMethodField()

    class Meta:
        model = Gig
        fields = [
            *("id", "teacher", "title", "description", "language", "language_code"),
            *("price_per_session", "currency", "session_minutes", "tags", "what_is_included"),
            *("status", "suspension_reason", "created_at", "updated_at"),
        ]

    def get_suspension_reason(self, gig: Gig) -> str | None:
        return gig.suspension_reason or None


class Gigs(viewsets.ViewSet):
    def list(self, request: Request) -> Response:
        query = request.query_params
        found = work.gigs(query["language"], query["currency"], Decimal(query["min_price"]))
        return page(request, found, GigSerializer)


router = routers.DefaultRouter()
router.register("voice-conversations", Conversations, "conversation")
router.register("supabase/chats", Chats, "chat")
router.register("gigs", Gigs, "gig")
urlpatterns = [path("accounts/", include(router.urls))]
