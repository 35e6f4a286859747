"""Gigs: every user can read those on offer; teachers manage their own."""

from typing import Any

from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.filters.gigs import GigFilters
from accounts.models import Gig
from accounts.models.gigs import GigQuerySet
from accounts.rest.error_codes import error_codes
from accounts.rest.marketplace import MarketplaceViewSet
from accounts.rest.permissions import TeachersOnly
from accounts.serializers.gigs import GigSerializer
from accounts.serializers.listings import Listing
from accounts.serializers.marketplace import OpenGigSerializer
from accounts.services import gigs

GIG = GigSerializer()
ON_OFFER = Listing(GigSerializer, lambda: Gig.objects.active().newest_first())
OPEN = Listing(OpenGigSerializer, lambda: Gig.objects.active().newest_first())
OWN = Listing(GigSerializer, lambda: Gig.objects.newest_first())


@extend_schema_view(
    retrieve=extend_schema(description="Get a gig. Returns 404 unless it is on offer or your own."),
)
class GigViewSet(MarketplaceViewSet[Gig]):
    """Gigs on offer, and the caller's own gigs."""

    serializer_class = GigSerializer
    open_serializer = OpenGigSerializer
    filterset_class = GigFilters
    queryset = Gig.objects.none()  # drf-spectacular reads the type of the id from it
    lookup_value_converter = "number"

    def get_queryset(self) -> GigQuerySet:
        """The gigs in which a detail route looks. OPTIONS offers PUT for the caller's own gigs only."""
        rows = Gig.objects.with_teacher()
        if self.is_anonymous:
            return rows.active()
        return rows.visible_to(self.caller) if self.action == "retrieve" else rows.for_user(self.caller)

    def get_permissions(self) -> list[Any]:
        """Only teachers can create a gig."""
        return [*super().get_permissions(), *([TeachersOnly()] if self.action == "create" else [])]

    @error_codes("currency_required")
    def list(self, request: Request) -> Response:
        """List gigs on offer. Newest first, unless ``ordering`` is set."""
        listing = OPEN if self.is_anonymous else ON_OFFER
        return self.page_of(listing.rows(), listing.write)

    @error_codes("client_id_reused", "storage_full", "too_many_gigs")
    @extend_schema(responses={200: GigSerializer, 201: GigSerializer})
    def create(self, request: Request) -> Response:
        """Create a gig. Returns 200 with the first gig if its ``client_id`` is repeated."""
        gig, is_new = gigs.create_gig(user=self.caller, fields=self.validated_data())
        return Response(GIG.to_representation(gig), status=201 if is_new else 200)

    @error_codes("storage_full")
    def update(self, request: Request, pk: int) -> Response:
        """Replace a gig. Optional fields that are absent keep their values."""
        gig = gigs.update_gig(user=self.caller, pk=pk, fields=self.validated_data())
        return Response(GIG.to_representation(gig))

    @error_codes("storage_full")
    def partial_update(self, request: Request, pk: int) -> Response:
        """Change a gig. Fields that are absent keep their values."""
        gig = gigs.update_gig(user=self.caller, pk=pk, fields=self.validated_data(partial=True))
        return Response(GIG.to_representation(gig))

    @error_codes("gig_suspended")
    @extend_schema(responses={204: None})
    def destroy(self, request: Request, pk: int) -> Response:
        """Delete a gig. Returns 409 while it is suspended."""
        gigs.delete_gig(user=self.caller, pk=pk)
        return Response(status=204)

    @error_codes("currency_required")
    @extend_schema(responses=GigSerializer(many=True))
    @action(["get"], detail=False)
    def mine(self, request: Request) -> Response:
        """List my gigs. In every status, newest first."""
        return self.page_of(OWN.rows().for_user(self.caller), OWN.write)

    @error_codes("gig_suspended")
    @extend_schema(request=None, responses=GigSerializer)
    @action(["post"], detail=True)
    def activate(self, request: Request, pk: int) -> Response:
        """Activate a gig. The lists then show it."""
        gig = gigs.activate_gig(user=self.caller, pk=pk)
        return Response(GIG.to_representation(gig))

    @error_codes("gig_is_a_draft", "gig_suspended")
    @extend_schema(request=None, responses=GigSerializer)
    @action(["post"], detail=True)
    def pause(self, request: Request, pk: int) -> Response:
        """Pause a gig. The lists no longer show it."""
        gig = gigs.pause_gig(user=self.caller, pk=pk)
        return Response(GIG.to_representation(gig))
