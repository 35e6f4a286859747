"""Chats and their messages: REST is the truth, a Realtime event is a hint."""

from typing import Any, cast
from uuid import UUID

from django.utils import timezone
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.decorators import action
from rest_framework.mixins import ListModelMixin, RetrieveModelMixin
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.throttling import ScopedRateThrottle
from rest_framework.viewsets import GenericViewSet

from accounts.models import Chat
from accounts.models.chats import ChatQuerySet
from accounts.rest import lookups
from accounts.rest.authentication import caller_of
from accounts.rest.pagination import SeqPage
from accounts.serializers.chats import (
    ChatSerializer,
    EditSerializer,
    MessageSerializer,
    OpeningSerializer,
    ReadSerializer,
)
from accounts.services import chats

SEQ_PARAMETERS = [
    OpenApiParameter("after_seq", int, description="Messages that follow this one."),
    OpenApiParameter("before_seq", int, description="Messages that precede this one."),
    OpenApiParameter("limit", int, description="Messages on a page, 1 to 200."),
]


class ChatViewSet(ListModelMixin, RetrieveModelMixin, GenericViewSet[Chat]):
    """The caller's chats."""

    serializer_class = ChatSerializer
    filter_backends = []
    throttle_scope = "chats"
    queryset = Chat.objects.none()  # tells the schema the type of the id
    lookup_value_regex = lookups.UUID

    def get_queryset(self) -> ChatQuerySet:
        """The caller's own, newest activity first, as the caller sees them."""
        rows = Chat.objects.for_user(caller_of(self.request)).as_seen_by(caller_of(self.request))
        return rows.with_participants().with_last_message().newest_activity_first()

    def get_serializer_context(self) -> dict[str, Any]:
        """Who looks."""
        return {**super().get_serializer_context(), "caller": getattr(self.request, "user", None)}

    def get_throttles(self) -> list[Any]:
        """Opening chats is counted for each account."""
        return [ScopedRateThrottle()] if self.action == "create" else []

    @extend_schema(request=OpeningSerializer, responses={200: ChatSerializer, 201: ChatSerializer})
    def create(self, request: Request) -> Response:
        """Opens the chat with a person; 200 with the one that is there."""
        chat, made = chats.open_chat(user=caller_of(request), **self.valid(OpeningSerializer, request))
        return Response(self.seen(chat), status=201 if made else 200)

    @extend_schema(parameters=SEQ_PARAMETERS, responses=MessageSerializer(many=True))
    @action(["get"], detail=True, pagination_class=None)
    def messages(self, request: Request, pk: str) -> Response:
        """Messages, ascending by ``seq``; the newest page where no ``seq`` is named."""
        page = SeqPage.of(request)
        rows = page.of_rows(self.own(pk).messages.all())
        return Response(MessageSerializer(rows, many=True).data)

    @extend_schema(request=MessageSerializer, responses={200: MessageSerializer, 201: MessageSerializer})
    @messages.mapping.post
    def send(self, request: Request, pk: str) -> Response:
        """Writes a message; 200 with the first one when its ``client_id`` is repeated."""
        fields = self.valid(MessageSerializer, request)
        message, made = chats.send_message(
            chats=self.own_chats(), pk=UUID(pk), sender=caller_of(request), **fields
        )
        return Response(MessageSerializer(message).data, status=201 if made else 200)

    @extend_schema(request=EditSerializer, responses=MessageSerializer)
    @action(["patch"], detail=True, url_path="messages/(?P<seq>[0-9]{1,18})")
    def message(self, request: Request, pk: str, seq: str) -> Response:
        """Changes one of the caller's own messages."""
        fields = self.valid(EditSerializer, request)
        message = chats.edit_message(
            chats=self.own_chats(),
            pk=UUID(pk),
            seq=int(seq),
            user=caller_of(request),
            at=timezone.now(),
            **fields,
        )
        return Response(MessageSerializer(message).data)

    @extend_schema(responses={204: None})
    @message.mapping.delete
    def delete_message(self, request: Request, pk: str, seq: str) -> Response:
        """Empties one of the caller's own messages."""
        caller, at = caller_of(request), timezone.now()
        chats.delete_message(chats=self.own_chats(), pk=UUID(pk), seq=int(seq), user=caller, at=at)
        return Response(status=204)

    @extend_schema(request=ReadSerializer, responses=ChatSerializer)
    @action(["post"], detail=True)
    def read(self, request: Request, pk: str) -> Response:
        """Marks messages as read up to ``seq``; a mark never moves back."""
        fields = self.valid(ReadSerializer, request)
        chat = self.own(pk)
        chat.mark_read(user=caller_of(request), **fields)
        return Response(self.seen(chat))

    @extend_schema(request=None, responses={204: None})
    @action(["post"], detail=True)
    def block(self, request: Request, pk: str) -> Response:
        """Blocks the peer: neither can write until the caller lifts it."""
        self.own(pk).block(user=caller_of(request), at=timezone.now())
        return Response(status=204)

    @extend_schema(responses={204: None})
    @block.mapping.delete
    def unblock(self, request: Request, pk: str) -> Response:
        """Lifts the caller's block."""
        self.own(pk).block(user=caller_of(request), at=None)
        return Response(status=204)

    def own_chats(self) -> ChatQuerySet:
        """The caller's chats, bare."""
        return Chat.objects.for_user(caller_of(self.request))

    def own(self, pk: str) -> Chat:
        """One of the caller's chats; raises NotFound for any other."""
        return chats.own_chat(chats=self.own_chats(), pk=UUID(pk))

    def seen(self, chat: Chat) -> dict[str, Any]:
        """A chat as the caller sees it now."""
        return cast(dict[str, Any], self.get_serializer(self.get_queryset().get(pk=chat.pk)).data)

    def valid(self, serializer_class: Any, request: Request) -> dict[str, Any]:
        """The validated body."""
        serializer = serializer_class(data=request.data)
        serializer.is_valid(raise_exception=True)
        return dict(serializer.validated_data)
