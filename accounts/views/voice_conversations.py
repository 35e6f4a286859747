"""The caller's voice conversations."""

from collections.abc import Callable
from functools import partial
from typing import Any

from django.http.response import HttpResponseBase
from django.utils import timezone
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_view
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.mixins import RetrieveModelMixin
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.errors import NotFound
from accounts.filters.voice_conversations import VoiceConversationFilters
from accounts.models import VoiceConversation
from accounts.models.voice_conversations import VoiceConversationQuerySet
from accounts.rest.error_codes import error_codes
from accounts.rest.pagination import WholeListPagination
from accounts.rest.viewsets import BaseViewSet
from accounts.serializers.listings import Listing
from accounts.serializers.voice_conversations import VoiceConversationSerializer
from accounts.services import voice_conversations
from accounts.views.feedback import FeedbackMixin
from accounts.views.progress import ProgressMixin
from accounts.views.shares import SharesMixin

TYPES = VoiceConversation.Type
CARDS_PARAMETER = OpenApiParameter(
    "cards",
    str,
    enum=["delete"],
    description="`delete`: also deletes the cards that come from this conversation alone.",
)
FIELDS = VoiceConversationSerializer.Meta.fields
FIELDS_PARAMETER = OpenApiParameter(
    "fields",
    {"type": "array", "items": {"type": "string", "enum": FIELDS}},
    style="form",
    explode=False,
    description="Only these keys, separated by commas. The others are then missing from the answer.",
)
CONVERSATION = VoiceConversationSerializer()
CONVERSATIONS = Listing(
    VoiceConversationSerializer,
    lambda: VoiceConversation.objects.with_sort_minutes().newest_first(),
    given=("user", "user_name", "user_email"),
)


@extend_schema_view(
    retrieve=extend_schema(description="Get a conversation. With its transcription and all feedback."),
)
class VoiceConversationViewSet(
    FeedbackMixin,
    ProgressMixin,
    SharesMixin,
    RetrieveModelMixin,
    BaseViewSet[VoiceConversation],
):
    """The caller's voice conversations."""

    serializer_class = VoiceConversationSerializer
    pagination_class = WholeListPagination
    filterset_class = VoiceConversationFilters
    queryset = VoiceConversation.objects.none()  # drf-spectacular reads the type of the id from it
    lookup_value_converter = "number"
    throttle_scopes = {"generate_feedback": "feedback", "share": "chats"}

    def get_queryset(self) -> VoiceConversationQuerySet:
        """The caller's conversations."""
        return VoiceConversation.objects.for_user(self.caller).with_user()

    def own_page(self, restrict: Callable[[Any], Any] = lambda rows: rows) -> HttpResponseBase:
        """The caller's conversations, newest first, that ``restrict`` leaves: a page, or the whole list."""
        fields = self.requested_fields()
        rows = restrict(CONVERSATIONS.rows(fields).for_user(self.caller))
        owner = (self.caller.pk, self.caller.name, self.caller.email)
        answer: HttpResponseBase = self.paginated(rows).page_or_list(
            partial(CONVERSATIONS.write, fields=fields, given=owner)
        )
        return answer

    def requested_fields(self) -> list[str]:
        """The fields named in ``?fields=``, or all. Raises ValidationError for an unknown field."""
        text = self.request.query_params.get("fields", "")
        names = [name.strip() for name in text.split(",") if name.strip()] or list(FIELDS)
        if unknown := sorted(set(names) - set(FIELDS)):
            known = f"Unknown: {', '.join(unknown)}. Known: {', '.join(FIELDS)}."
            raise serializers.ValidationError({"fields": [known]})
        return names

    @extend_schema(parameters=[FIELDS_PARAMETER])
    def list(self, request: Request) -> HttpResponseBase:
        """List my conversations. Newest first.

        Without ``limit`` and ``cursor``, up to 500, which end before they exceed 20 MB.
        """
        return self.own_page()

    @error_codes("client_id_reused", "storage_full")
    @extend_schema(responses={200: VoiceConversationSerializer, 201: VoiceConversationSerializer})
    def create(self, request: Request) -> Response:
        """Save a conversation.

        If its ``client_id`` was used before, returns the first conversation with status 200.
        """
        conversation, is_new = voice_conversations.create_conversation(
            user=self.caller, fields=self.validated_data()
        )
        return Response(CONVERSATION.to_representation(conversation), status=201 if is_new else 200)

    @error_codes("storage_full")
    def update(self, request: Request, pk: int, *, partial: bool = False) -> Response:
        """Replace a conversation.

        Optional fields that are absent do not change.
        """
        conversation = voice_conversations.update_conversation(
            user=self.caller, pk=pk, fields=self.validated_data(partial=partial)
        )
        return Response(CONVERSATION.to_representation(conversation))

    @error_codes("storage_full")
    def partial_update(self, request: Request, pk: int) -> Response:
        """Change a conversation. Fields that are absent keep their values."""
        return self.update(request, pk, partial=True)

    @extend_schema(parameters=[CARDS_PARAMETER], responses={204: None})
    def destroy(self, request: Request, pk: int) -> Response:
        """Delete a conversation.

        Deletes its corrections and comments too, and ends its shares. Its cards remain, unless
        ``cards=delete`` deletes those that come from this conversation alone.
        """
        cards = request.query_params.get("cards")
        if cards not in (None, "delete"):
            raise serializers.ValidationError({"cards": ["Expected delete, or no value."]})
        voice_conversations.delete_conversation(
            user=self.caller, pk=pk, at=timezone.now(), delete_cards=cards == "delete"
        )
        return Response(status=204)

    @extend_schema(parameters=[FIELDS_PARAMETER], responses=VoiceConversationSerializer(many=True))
    @action(["get"], detail=False, url_path="by-language/<str:language_name>")
    def by_language(self, request: Request, language_name: str) -> HttpResponseBase:
        """List my conversations in a language.

        The target language, in any spelling.
        """
        return self.own_page(lambda rows: rows.in_language(language_name))

    @error_codes("unknown_conversation_type")
    @extend_schema(
        parameters=[FIELDS_PARAMETER, OpenApiParameter("type_name", str, "path", enum=TYPES.values)],
        responses=VoiceConversationSerializer(many=True),
    )
    @action(["get"], detail=False, url_path="by-type/<str:type_name>")
    def by_type(self, request: Request, type_name: str) -> HttpResponseBase:
        """List my conversations of a type. Newest first. An unknown type is a 404."""
        if type_name not in TYPES.values:
            raise NotFound(
                f"There is no type {type_name!r}. Types: {', '.join(TYPES.values)}.",
                code="unknown_conversation_type",
            )
        return self.own_page(lambda rows: rows.of_type(type_name))
