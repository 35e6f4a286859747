"""Chats and their messages. REST is complete; Realtime events are hints, which may be lost."""

from typing import Any
from uuid import UUID

from django.utils import timezone
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.errors import NotFound
from accounts.models import Participant
from accounts.models.message_corrections import with_corrections
from accounts.rest import total_counts
from accounts.rest.error_codes import error_codes
from accounts.rest.pagination import LIMIT, MAX_LIMIT, SeqPage
from accounts.rest.viewsets import BaseViewSet
from accounts.serializers.chats import (
    ChatSerializer,
    CorrectedMessageSerializer,
    EditMessageSerializer,
    MarkReadSerializer,
    MessageSerializer,
    OpenChatSerializer,
    UnreadSerializer,
)
from accounts.serializers.listings import Listing
from accounts.services import chats

SEQ = {"type": "integer", "minimum": 0}
SEQ_PARAMETERS = [
    OpenApiParameter("after_seq", SEQ, description="Messages with a greater ``seq``."),
    OpenApiParameter("before_seq", SEQ, description="Messages with a smaller ``seq``."),
    OpenApiParameter(
        "limit",
        LIMIT,
        description=f"Messages per page, at most {MAX_LIMIT}. A page ends before it exceeds 4 MB too.",
    ),
]
MINE = Listing(ChatSerializer, lambda: Participant.objects.with_chat().newest_activity_first())
MESSAGE = MessageSerializer()
MESSAGES = Listing(CorrectedMessageSerializer, with_corrections)


class ChatViewSet(BaseViewSet[Participant]):
    """The caller's chats."""

    serializer_class = ChatSerializer
    filter_backends = []
    throttle_scopes = {"create": "chats", "send": "messages", "message": "messages"}
    queryset = Participant.objects.none()  # drf-spectacular reads the type of the id from it
    lookup_field, lookup_url_kwarg = "chat", "pk"
    lookup_value_converter = "any_uuid"

    def list(self, request: Request) -> Response:
        """List my chats. Ordered by the newest message, descending. A chat without messages is listed for
        those who have opened it.
        """
        return self.page_of(MINE.rows().for_user(self.caller).active(), self.write)

    def retrieve(self, request: Request, pk: UUID) -> Response:
        """Get a chat. As the list has it: participants, last message, unread count."""
        return Response(self.representation(pk))

    @error_codes("not_found")
    @extend_schema(request=OpenChatSerializer, responses={200: ChatSerializer, 201: ChatSerializer})
    def create(self, request: Request) -> Response:
        """Open a chat with another user. Returns 200 with the chat if the two users already have one."""
        chat, is_new = chats.open_chat(
            user=self.caller, at=timezone.now(), **self.validated_data(OpenChatSerializer)
        )
        return Response(self.representation(chat.pk), status=201 if is_new else 200)

    @extend_schema(responses=UnreadSerializer)
    @action(["get"], detail=False, pagination_class=None)
    def unread(self, request: Request) -> Response:
        """Count my unread messages. In all chats, and the chats that have any."""
        return Response(Participant.objects.for_user(self.caller).unread_totals())

    @extend_schema(
        parameters=[*SEQ_PARAMETERS, *total_counts.PARAMETERS],
        responses=CorrectedMessageSerializer(many=True),
    )
    @action(["get"], detail=True, pagination_class=None)
    def messages(self, request: Request, pk: UUID) -> Response:
        """List messages. In ascending order of ``seq``; without parameters, the newest page."""
        page = SeqPage.of(request)
        selected = page.selected(MESSAGES.rows().for_user(self.caller).in_chat(pk))
        rows = page.of_rows(selected)
        if not rows:
            self.representation(pk)  # raises NotFound
        return page.answer(MESSAGES.write(rows), headers=total_counts.headers_of(request, selected))

    @error_codes("blocked", "client_id_reused", "participant_deleted", "storage_full")
    @extend_schema(
        request=MessageSerializer,
        responses={200: CorrectedMessageSerializer, 201: CorrectedMessageSerializer},
    )
    @messages.mapping.post
    def send(self, request: Request, pk: UUID) -> Response:
        """Send a message. Returns 200 with the first message if its ``client_id`` is repeated."""
        fields = self.validated_data(MessageSerializer)
        message, is_new = chats.send_message(user=self.caller, chat_id=pk, **fields)
        if is_new:
            return Response({**MESSAGE.to_representation(message), "corrections": []}, status=201)
        return self.message_at(pk, message.seq)

    @error_codes("blocked", "message_deleted", "participant_deleted", "storage_full")
    @extend_schema(
        operation_id="chats_edit_message",
        request=EditMessageSerializer,
        responses=CorrectedMessageSerializer,
    )
    @action(["patch"], detail=True, url_path="messages/<number:seq>")
    def message(self, request: Request, pk: UUID, seq: int) -> Response:
        """Edit one of my messages. Sets `edited_at`. The message keeps its `seq`."""
        fields = self.validated_data(EditMessageSerializer)
        chats.edit_message(user=self.caller, chat_id=pk, seq=seq, at=timezone.now(), **fields)
        return self.message_at(pk, seq)

    @extend_schema(responses={204: None})
    @message.mapping.delete
    def delete_message(self, request: Request, pk: UUID, seq: int) -> Response:
        """Delete one of my messages. The message keeps its ``seq`` and loses its content."""
        chats.delete_message(user=self.caller, chat_id=pk, seq=seq, at=timezone.now())
        return Response(status=204)

    @extend_schema(request=MarkReadSerializer, responses=ChatSerializer)
    @action(["post"], detail=True)
    def read(self, request: Request, pk: UUID) -> Response:
        """Mark messages as read. Up to ``seq``; a smaller ``seq`` than before changes nothing."""
        chats.mark_read(user=self.caller, chat_id=pk, **self.validated_data(MarkReadSerializer))
        return Response(self.representation(pk))

    @extend_schema(request=None, responses={204: None})
    @action(["post"], detail=True)
    def block(self, request: Request, pk: UUID) -> Response:
        """Block a chat. Neither participant can write until the caller unblocks it."""
        chats.block_chat(user=self.caller, chat_id=pk, at=timezone.now())
        return Response(status=204)

    @extend_schema(responses={204: None})
    @block.mapping.delete
    def unblock(self, request: Request, pk: UUID) -> Response:
        """Unblock a chat. A block of the other participant remains."""
        chats.unblock_chat(user=self.caller, chat_id=pk)
        return Response(status=204)

    def message_at(self, chat_id: UUID, seq: int) -> Response:
        """The message as it is now, with its corrections."""
        [message] = MESSAGES.write(MESSAGES.rows().for_user(self.caller).in_chat(chat_id).at_seq(seq)[:1])
        return Response(message)

    def representation(self, chat_id: UUID) -> dict[str, Any]:
        """The chat as it is now, as the caller sees it. Raises NotFound."""
        rows = MINE.rows().for_user(self.caller).in_chat(chat_id)[:1]
        if not rows:
            raise NotFound
        found: dict[str, Any] = self.write(rows)[0]
        return found

    def write(self, rows: Any) -> Any:
        """Rows of ``MINE`` as JSON values."""
        return ChatSerializer.complete(MINE.write(rows), self.caller)
