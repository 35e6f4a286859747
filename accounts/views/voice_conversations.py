"""The caller's voice conversations."""

from typing import Any

from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_view
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.mixins import DestroyModelMixin, ListModelMixin, RetrieveModelMixin
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.errors import NotFound
from accounts.filters.voice_conversations import VoiceConversationFilters
from accounts.models import VoiceConversation
from accounts.models.voice_conversations import VoiceConversationQuerySet
from accounts.rest.pagination import WholeListPagination
from accounts.rest.viewsets import BaseViewSet
from accounts.serializers.voice_conversations import (
    AddFeedbackSerializer,
    FeedbackAddedSerializer,
    VoiceConversationSerializer,
)
from accounts.services import voice_conversations
from accounts.views.feedback import FeedbackActions
from accounts.views.progress import ProgressActions
from accounts.views.voice_sessions import SessionActions

TYPES = VoiceConversation.Type
FIELDS = OpenApiParameter("fields", str, description="Only these keys, separated by commas.")
KEYS = VoiceConversationSerializer.Meta.fields


@extend_schema_view(list=extend_schema(parameters=[FIELDS]))
class VoiceConversationViewSet(
    FeedbackActions,
    ProgressActions,
    SessionActions,
    ListModelMixin,
    RetrieveModelMixin,
    DestroyModelMixin,
    BaseViewSet[VoiceConversation],
):
    """Own conversations: saved, read, changed, given feedback, summed up."""

    serializer_class = VoiceConversationSerializer
    pagination_class = WholeListPagination
    filterset_class = VoiceConversationFilters
    queryset = VoiceConversation.objects.none()  # tells the schema the type of the id
    lookup_value_converter = "number"
    throttle_scopes = {"generate_feedback": "feedback"}

    def get_queryset(self) -> VoiceConversationQuerySet:
        """The caller's own, newest first."""
        own = VoiceConversation.objects.for_user(self.caller)
        return own.with_user().newest_first().showing(self.wanted_keys())

    def get_serializer(self, *args: Any, **kwargs: Any) -> Any:
        """The serializer; in lists with the wanted keys alone."""
        if kwargs.get("many"):
            kwargs["keys"] = self.wanted_keys()
        return super().get_serializer(*args, **kwargs)

    def wanted_keys(self) -> list[str]:
        """The keys named in ``?fields=``, or all; raises ValidationError for an unknown one."""
        text = self.request.query_params.get("fields") if self.is_list() else None
        keys = [key.strip() for key in (text or "").split(",") if key.strip()] or list(KEYS)
        if unknown := sorted(set(keys) - set(KEYS)):
            known = f"Unknown: {', '.join(unknown)}. Known: {', '.join(KEYS)}."
            raise serializers.ValidationError({"fields": [known]})
        return keys

    def is_list(self) -> bool:
        """Whether this action answers with an array."""
        return self.action in ("list", "by_language", "by_type")

    @extend_schema(responses={200: VoiceConversationSerializer, 201: VoiceConversationSerializer})
    def create(self, request: Request) -> Response:
        """Saves a conversation; 200 with the first one when its ``client_id`` is repeated."""
        conversation, made = voice_conversations.create_conversation(
            user=self.caller, fields=self.validated_data()
        )
        return Response(self.get_serializer(conversation).data, status=201 if made else 200)

    def update(self, request: Request, pk: int) -> Response:
        """Replaces the writable fields; optional ones that are absent stay."""
        return self.change(request, pk)

    def partial_update(self, request: Request, pk: int) -> Response:
        """Changes some fields."""
        return self.change(request, pk, partial=True)

    def change(self, request: Request, pk: int, partial: bool = False) -> Response:
        """Changes the validated fields and no others."""
        conversation = voice_conversations.update_conversation(
            conversations=self.get_queryset(),
            pk=pk,
            fields=self.validated_data(partial=partial),
        )
        return Response(self.get_serializer(conversation).data)

    @extend_schema(request=AddFeedbackSerializer, responses=FeedbackAddedSerializer)
    @action(["patch"], detail=True)
    def add_feedback(self, request: Request, pk: int) -> Response:
        """Merges feedback, key by key, into what is stored."""
        fields = self.validated_data(AddFeedbackSerializer)
        conversation = voice_conversations.add_feedback(
            conversations=self.get_queryset(),
            pk=pk,
            feedback=fields["ai_feedback"],
        )
        answer = {"message": "AI feedback added.", "conversation": conversation}
        return Response(FeedbackAddedSerializer(answer).data)

    @extend_schema(parameters=[FIELDS], responses=VoiceConversationSerializer(many=True))
    @action(["get"], detail=False, url_path="by-language/<str:language>")
    def by_language(self, request: Request, language: str) -> Response:
        """Conversations in a target language, however it is spelt."""
        return self.page_of(self.get_queryset().in_language(language))

    @extend_schema(
        parameters=[FIELDS, OpenApiParameter("type", str, "path", enum=TYPES.values)],
        responses=VoiceConversationSerializer(many=True),
    )
    @action(["get"], detail=False, url_path="by-type/<str:type>")
    def by_type(self, request: Request, type: str) -> Response:
        """Conversations of one of the seven types."""
        if type not in TYPES.values:
            raise NotFound(
                f"There is no type {type!r}. Types: {', '.join(TYPES.values)}.",
                code="unknown_conversation_type",
            )
        return self.page_of(self.get_queryset().of_type(type))

    def page_of(self, rows: VoiceConversationQuerySet) -> Response:
        """One page of ``rows``, filtered like every list."""
        page = self.paginate_queryset(self.filter_queryset(rows))
        return self.get_paginated_response(self.get_serializer(page, many=True).data)
