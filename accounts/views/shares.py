"""Shares of the caller's conversations, and the comments of teachers on them."""

from typing import Any
from uuid import UUID

from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.models import Comment, Share, VoiceConversation
from accounts.rest.error_codes import error_codes
from accounts.rest.pagination import KeysetPagination
from accounts.rest.viewsets import BaseViewSet
from accounts.serializers.comments import CommentSerializer
from accounts.serializers.listings import Listing
from accounts.serializers.shares import NewShareSerializer, ShareSerializer
from accounts.services import comments, shares

SHARE = ShareSerializer()
SHARES = Listing(ShareSerializer, lambda: Share.objects.with_teacher().newest_first())
COMMENTS = Listing(CommentSerializer, lambda: Comment.objects.with_author().oldest_first())


class SharesMixin(BaseViewSet[VoiceConversation]):
    """The actions of a viewset of voice conversations for shares and comments."""

    @extend_schema(responses=ShareSerializer(many=True))
    @action(["get"], detail=True, filterset_class=None, pagination_class=KeysetPagination)
    def shares(self, request: Request, pk: int) -> Response:
        """List the teachers to whom a conversation is open. The newest share first."""
        rows = SHARES.rows().for_user(self.caller).active().in_conversation(pk)
        return self._page_of_own(pk, rows, SHARES)

    @error_codes("blocked", "share_declined", "too_many_shares")
    @extend_schema(request=NewShareSerializer, responses={200: ShareSerializer, 201: ShareSerializer})
    @shares.mapping.post
    def share(self, request: Request, pk: int) -> Response:
        """Open a conversation to a teacher. Returns 200 if it is open to this teacher already."""
        teacher = self.validated_data(NewShareSerializer)["teacher"]
        share, is_new = shares.share_conversation(user=self.caller, pk=pk, teacher=teacher, at=timezone.now())
        return Response(SHARE.to_representation(share), status=201 if is_new else 200)

    @extend_schema(responses={204: None})
    @action(["delete"], detail=True, url_path="shares/<any_uuid:teacher>")
    def end_share(self, request: Request, pk: int, teacher: UUID) -> Response:
        """Take a conversation back from a teacher. The teacher gets 404 from then on."""
        shares.end_share(user=self.caller, pk=pk, teacher=teacher, at=timezone.now())
        return Response(status=204)

    @extend_schema(responses=CommentSerializer(many=True))
    @action(["get"], detail=True, filterset_class=None, pagination_class=KeysetPagination)
    def comments(self, request: Request, pk: int) -> Response:
        """List the comments of teachers on a conversation. The oldest first."""
        rows = COMMENTS.rows().for_user(self.caller).in_conversation(pk)
        return self._page_of_own(pk, rows, COMMENTS)

    @extend_schema(responses={204: None})
    @action(["delete"], detail=True, url_path="comments/<number:comment>")
    def remove_comment(self, request: Request, pk: int, comment: int) -> Response:
        """Delete a teacher's comment on a conversation. A card that was made of it remains."""
        comments.remove_comment(user=self.caller, pk=pk, comment=comment)
        return Response(status=204)

    def _page_of_own(self, pk: int, rows: Any, listing: Listing) -> Response:
        """A page of rows of the caller's conversation ``pk``. Raises Http404 if there is no such one."""
        page = self.page_of(rows, listing.write)
        if not page.data:
            self.get_object()  # raises Http404
        return page
