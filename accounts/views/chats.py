"""Chats and their messages: REST is the truth, a Realtime event is a hint."""

from typing import Any, cast
from uuid import UUID

from django.utils import timezone
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.decorators import action
from rest_framework.mixins import ListModelMixin, RetrieveModelMixin
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.models import Chat
from accounts.models.chats import ChatQuerySet
from accounts.rest.pagination import SeqPage
from accounts.rest.viewsets import BaseViewSet
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


class ChatViewSet(ListModelMixin, RetrieveModelMixin, BaseViewSet[Chat]):
    """The caller's chats."""

    serializer_class = ChatSerializer
    filter_backends = []
    throttle_scopes = {"create": "chats"}
    queryset = Chat.objects.none()  # tells the schema the type of the id
    lookup_value_converter = "any_uuid"

    def get_queryset(self) -> ChatQuerySet:
        """The caller's own, newest activity first, as the caller sees them."""
        rows = Chat.objects.for_user(self.caller).as_seen_by(self.caller)
        return rows.with_participants().with_last_message().newest_activity_first()

    def get_serializer_context(self) -> dict[str, Any]:
        """Who looks."""
        return {**super().get_serializer_context(), "caller": getattr(self.request, "user", None)}

    @extend_schema(request=OpeningSerializer, responses={200: ChatSerializer, 201: ChatSerializer})
    def create(self, request: Request) -> Response:
        """Opens the chat with a person; 200 with the one that is there."""
        chat, made = chats.open_chat(user=self.caller, **self.validated_data(OpeningSerializer))
        return Response(self.seen(chat), status=201 if made else 200)

    @extend_schema(parameters=SEQ_PARAMETERS, responses=MessageSerializer(many=True))
    @action(["get"], detail=True, pagination_class=None)
    def messages(self, request: Request, pk: UUID) -> Response:
        """Messages, ascending by ``seq``; the newest page where no ``seq`` is named."""
        page = SeqPage.of(request)
        rows = page.of_rows(self.own(pk).messages.all())
        return Response(MessageSerializer(rows, many=True).data)

    @extend_schema(request=MessageSerializer, responses={200: MessageSerializer, 201: MessageSerializer})
    @messages.mapping.post
    def send(self, request: Request, pk: UUID) -> Response:
        """Writes a message; 200 with the first one when its ``client_id`` is repeated."""
        fields = self.validated_data(MessageSerializer)
        message, made = chats.send_message(chats=self.own_chats(), pk=pk, sender=self.caller, **fields)
        return Response(MessageSerializer(message).data, status=201 if made else 200)

    @extend_schema(request=EditSerializer, responses=MessageSerializer)
    @action(["patch"], detail=True, url_path="messages/<number:seq>")
    def message(self, request: Request, pk: UUID, seq: int) -> Response:
        """Changes one of the caller's own messages."""
        fields = self.validated_data(EditSerializer)
        message = chats.edit_message(
            chats=self.own_chats(),
            pk=pk,
            seq=seq,
            user=self.caller,
            at=timezone.now(),
            **fields,
        )
        return Response(MessageSerializer(message).data)

    @extend_schema(responses={204: None})
    @message.mapping.delete
    def delete_message(self, request: Request, pk: UUID, seq: int) -> Response:
        """Empties one of the caller's own messages."""
        caller, at = self.caller, timezone.now()
        chats.delete_message(chats=self.own_chats(), pk=pk, seq=seq, user=caller, at=at)
        return Response(status=204)

    @extend_schema(request=ReadSerializer, responses=ChatSerializer)
    @action(["post"], detail=True)
    def read(self, request: Request, pk: UUID) -> Response:
        """Marks messages as read up to ``seq``; a mark never moves back."""
        fields = self.validated_data(ReadSerializer)
        chat = self.own(pk)
        chat.mark_read(user=self.caller, **fields)
        return Response(self.seen(chat))

    @extend_schema(request=None, responses={204: None})
    @action(["post"], detail=True)
    def block(self, request: Request, pk: UUID) -> Response:
        """Blocks the peer: neither can write until the caller lifts it."""
        self.own(pk).block(user=self.caller, at=timezone.now())
        return Response(status=204)

    @extend_schema(responses={204: None})
    @block.mapping.delete
    def unblock(self, request: Request, pk: UUID) -> Response:
        """Lifts the caller's block."""
        self.own(pk).block(user=self.caller, at=None)
        return Response(status=204)

    def own_chats(self) -> ChatQuerySet:
        """The caller's chats, bare."""
        return Chat.objects.for_user(self.caller)

    def own(self, pk: UUID) -> Chat:
        """One of the caller's chats; raises NotFound for any other."""
        return chats.own_chat(chats=self.own_chats(), pk=pk)

    def seen(self, chat: Chat) -> dict[str, Any]:
        """A chat as the caller sees it now."""
        return cast(dict[str, Any], self.get_serializer(self.get_queryset().get(pk=chat.pk)).data)
