"""The caller's reports of users, gigs, messages and comments."""

from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.models import Report
from accounts.rest.error_codes import error_codes
from accounts.rest.viewsets import BaseViewSet
from accounts.serializers.listings import Listing
from accounts.serializers.reports import NewReportSerializer, ReportSerializer
from accounts.services import reports

REPORT = ReportSerializer()
REPORTS = Listing(ReportSerializer, lambda: Report.objects.with_state().newest_first())


class ReportViewSet(BaseViewSet[Report]):
    """The caller's own reports."""

    serializer_class = ReportSerializer
    filter_backends = []
    throttle_scopes = {"create": "reports"}
    queryset = Report.objects.none()

    def list(self, request: Request) -> Response:
        """List my reports. Newest first. `state` says whether staff have handled a report, not how."""
        return self.page_of(REPORTS.rows().for_user(self.caller), REPORTS.write)

    @error_codes("not_found", "message_deleted")
    @extend_schema(request=NewReportSerializer, responses={200: ReportSerializer, 201: ReportSerializer})
    def create(self, request: Request) -> Response:
        """Report a user, a gig, a message or a comment. Returns 200 with my open report of the same thing."""
        fields = self.validated_data(NewReportSerializer)
        report, is_new = reports.file_report(user=self.caller, at=timezone.now(), **fields)
        return Response(REPORT.to_representation(report), status=201 if is_new else 200)
