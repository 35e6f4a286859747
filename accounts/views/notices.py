"""Notices of staff to the caller."""

from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.models import Notice
from accounts.rest.viewsets import BaseViewSet
from accounts.serializers.listings import Listing
from accounts.serializers.notices import NoticeSerializer
from accounts.services import notices

NOTICE = NoticeSerializer()
NOTICES = Listing(NoticeSerializer, lambda: Notice.objects.newest_first())


class NoticeViewSet(BaseViewSet[Notice]):
    """The caller's notices."""

    serializer_class = NoticeSerializer
    filter_backends = []
    queryset = Notice.objects.none()  # drf-spectacular reads the type of the id from it
    lookup_value_converter = "number"

    @extend_schema(operation_id="users_me_notices_list")
    def list(self, request: Request) -> Response:
        """List my notices. Newest first."""
        return self.page_of(NOTICES.rows().for_user(self.caller), NOTICES.write)

    @extend_schema(operation_id="users_me_notices_read", request=None, responses=NoticeSerializer)
    @action(["post"], detail=True)
    def read(self, request: Request, pk: int) -> Response:
        """Mark a notice as read. A repetition changes nothing."""
        notice = notices.mark_read(user=self.caller, pk=pk, at=timezone.now())
        return Response(NOTICE.to_representation(notice))
