"""Conversations that learners have opened to the caller, a teacher, and the caller's comments on them."""

from typing import Any, ClassVar
from uuid import UUID

from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework.decorators import action
from rest_framework.permissions import IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.errors import NotFound
from accounts.models import Comment, DeclinedLearner, Share
from accounts.rest.error_codes import error_codes
from accounts.rest.permissions import TeachersOnly
from accounts.rest.viewsets import BaseViewSet
from accounts.serializers.comments import EditCommentSerializer, OwnCommentSerializer
from accounts.serializers.listings import Listing
from accounts.serializers.shares import (
    CommentedConversationSerializer,
    DeclinedLearnerSerializer,
    SharedConversationSerializer,
)
from accounts.services import comments, shares

COMMENT = OwnCommentSerializer()
CONVERSATION = CommentedConversationSerializer()
SHARED = Listing(SharedConversationSerializer, lambda: Share.objects.with_learner().newest_first())
COMMENTS = Listing(OwnCommentSerializer, lambda: Comment.objects.with_author().oldest_first())
DECLINED = Listing(DeclinedLearnerSerializer, lambda: DeclinedLearner.objects.with_learner().newest_first())


class SharedConversationViewSet(BaseViewSet[Share]):
    """Conversations that are open to the caller, a teacher."""

    serializer_class = SharedConversationSerializer
    filter_backends = []
    queryset = Share.objects.none()  # drf-spectacular reads the type of the id from it
    lookup_field, lookup_url_kwarg = "conversation", "pk"
    lookup_value_converter = "number"
    throttle_scopes: ClassVar[dict[str, str]] = {"add_comment": "messages", "comment": "messages"}

    def get_permissions(self) -> list[Any]:
        """Only teachers. OPTIONS describes the routes to every user."""
        return [IsAuthenticated(), *([] if self.action == "metadata" else [TeachersOnly()])]

    def list(self, request: Request) -> Response:
        """List the conversations that are open to me. The newest share first."""
        return self.page_of(SHARED.rows().for_teacher(self.caller), SHARED.write)

    @extend_schema(responses=CommentedConversationSerializer)
    def retrieve(self, request: Request, pk: int) -> Response:
        """Get a conversation that is open to me. With my own comments."""
        share: Any = Share.objects.for_teacher(self.caller).with_learner().in_conversation(pk).first()
        if share is None:
            raise NotFound
        own = Comment.objects.by_author(self.caller).in_conversation(pk)
        share.own_comments = list(own.with_author().oldest_first())
        return Response(CONVERSATION.to_representation(share))

    @extend_schema(operation_id="shared_conversations_decline", responses={204: None})
    def destroy(self, request: Request, pk: int) -> Response:
        """Decline a conversation. The learner cannot share with me until I accept them again."""
        shares.decline_share(user=self.caller, pk=pk, at=timezone.now())
        return Response(status=204)

    @extend_schema(responses=DeclinedLearnerSerializer(many=True))
    @action(["get"], detail=False)
    def declined(self, request: Request) -> Response:
        """List the learners whom I have declined. The newest first."""
        return self.page_of(DECLINED.rows().for_user(self.caller), DECLINED.write)

    @extend_schema(responses={204: None})
    @action(["delete"], detail=False, url_path="declined/<any_uuid:learner>")
    def accept(self, request: Request, learner: UUID) -> Response:
        """Accept a declined learner. They can share with me again."""
        shares.accept_learner(user=self.caller, learner=learner)
        return Response(status=204)

    @extend_schema(responses=OwnCommentSerializer(many=True))
    @action(["get"], detail=True)
    def comments(self, request: Request, pk: int) -> Response:
        """List my comments on a conversation. The oldest first."""
        if not Share.objects.for_teacher(self.caller).in_conversation(pk).exists():
            raise NotFound
        own = COMMENTS.rows().by_author(self.caller).in_conversation(pk)
        return self.page_of(own, COMMENTS.write)

    @error_codes("blocked", "client_id_reused", "storage_full", "too_many_comments")
    @extend_schema(
        request=OwnCommentSerializer, responses={200: OwnCommentSerializer, 201: OwnCommentSerializer}
    )
    @comments.mapping.post
    def add_comment(self, request: Request, pk: int) -> Response:
        """Comment on a conversation. Returns 200 with the first comment if its ``client_id`` is repeated.

        A comment with ``corrected`` is a correction, and becomes a card of the learner.
        """
        comment, is_new = comments.add_comment(
            user=self.caller, pk=pk, fields=self.validated_data(OwnCommentSerializer), at=timezone.now()
        )
        return Response(COMMENT.to_representation(comment), status=201 if is_new else 200)

    @error_codes("blocked", "storage_full")
    @extend_schema(
        operation_id="shared_conversations_edit_comment",
        request=EditCommentSerializer,
        responses=OwnCommentSerializer,
    )
    @action(["patch"], detail=True, url_path="comments/<number:comment>")
    def comment(self, request: Request, pk: int, comment: int) -> Response:
        """Change one of my comments. Its correction changes with it."""
        changed = comments.edit_comment(
            user=self.caller,
            pk=pk,
            comment=comment,
            fields=self.validated_data(EditCommentSerializer, partial=True),
            at=timezone.now(),
        )
        return Response(COMMENT.to_representation(changed))

    @extend_schema(responses={204: None})
    @comment.mapping.delete
    def delete_comment(self, request: Request, pk: int, comment: int) -> Response:
        """Delete one of my comments. A card that was made of it remains."""
        comments.delete_comment(user=self.caller, pk=pk, comment=comment)
        return Response(status=204)
