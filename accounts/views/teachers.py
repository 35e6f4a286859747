"""Teachers with a gig on offer, and the caller's own teaching profile."""

from typing import Any, cast

from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.errors import NotATeacher
from accounts.filters.teachers import ORDERS, TeacherFilters
from accounts.models import Gig, Teacher
from accounts.models.teachers import TeacherQuerySet
from accounts.rest.error_codes import error_codes
from accounts.rest.marketplace import MarketplaceViewSet
from accounts.serializers.listings import Listing
from accounts.serializers.marketplace import (
    ListedOpenTeacherSerializer,
    OpenTeacherSerializer,
    complete_open,
)
from accounts.serializers.teachers import (
    CurrencyQuerySerializer,
    ListedTeacherSerializer,
    TeacherSerializer,
    complete,
)
from accounts.services import teachers


def offering() -> TeacherQuerySet:
    """Teachers in the directory with a gig on offer, newest first."""
    gigs = Gig.objects.active_of_listed()
    return Teacher.objects.listed().offering(gigs).with_prices(gigs).order_by(*ORDERS["newest"])


OFFERING = Listing(ListedTeacherSerializer, offering)
OPEN = Listing(ListedOpenTeacherSerializer, offering)


@extend_schema_view(
    retrieve=extend_schema(
        description="Get a teacher. With all gigs on offer; prices in `currency`, if given.",
        parameters=[CurrencyQuerySerializer],
    ),
)
class TeacherViewSet(MarketplaceViewSet[Teacher]):
    """Teachers in the directory, and the caller's own teaching profile."""

    serializer_class = TeacherSerializer
    open_serializer = OpenTeacherSerializer
    closed_orders = ("experience", "-experience")
    filterset_class = TeacherFilters
    queryset = Teacher.objects.none()  # drf-spectacular reads the type of the id from it
    lookup_field, lookup_url_kwarg = "user", "pk"
    lookup_value_converter = "any_uuid"

    def get_queryset(self) -> TeacherQuerySet:
        """Teachers in the directory, with all their gigs on offer."""
        return Teacher.objects.listed().with_offer(Gig.objects.active_of_listed(), self.currency_of_detail())

    def currency_of_detail(self) -> str:
        """The parameter ``currency`` of a detail route, or "". Filters read it for lists only."""
        if not self.detail:
            return ""
        query = CurrencyQuerySerializer(data=self.request.query_params)
        query.is_valid(raise_exception=True)
        return cast(str, query.validated_data["currency"])

    @error_codes("currency_required")
    def list(self, request: Request) -> Response:
        """List teachers. Those with a gig on offer, newest first, unless ``ordering`` is set."""
        if self.is_anonymous:
            return self.page_of(OPEN.rows(), lambda rows: complete_open(OPEN.write(rows)))
        return self.page_of(OFFERING.rows(), lambda rows: complete(OFFERING.write(rows)))

    @error_codes("already_a_teacher")
    @extend_schema(responses={201: TeacherSerializer})
    def create(self, request: Request) -> Response:
        """Become a teacher. Returns 409 if you are one already."""
        teachers.become_teacher(user=self.caller, fields=self.validated_data(partial=True))
        return Response(self.own_profile(), status=201)

    @error_codes("not_a_teacher")
    @action(["get"], detail=False, filterset_class=None, pagination_class=None)
    def me(self, request: Request) -> Response:
        """Get my teaching profile. As others see it; `not_a_teacher` if there is none."""
        return Response(self.own_profile())

    @error_codes("not_a_teacher")
    @extend_schema(operation_id="teachers_me_update")
    @me.mapping.patch
    def update_me(self, request: Request) -> Response:
        """Change my teaching profile. Fields that are absent keep their values."""
        teachers.update_teacher(user=self.caller, fields=self.validated_data(partial=True))
        return Response(self.own_profile())

    def own_profile(self) -> dict[str, Any]:
        """The caller's teaching profile, as others see it. Raises NotATeacher."""
        teacher = Teacher.objects.for_user(self.caller).with_offer(Gig.objects.active()).first()
        if teacher is None:
            raise NotATeacher
        return cast(dict[str, Any], self.get_serializer(teacher).data)
