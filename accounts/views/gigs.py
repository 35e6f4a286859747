"""Gigs: found by learners, kept by their teachers."""

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework.decorators import action
from rest_framework.mixins import ListModelMixin, RetrieveModelMixin
from rest_framework.permissions import IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import GenericViewSet

from accounts.filters.gigs import GigFilters
from accounts.models import Gig
from accounts.models.gig_querysets import GigQuerySet
from accounts.rest import lookups
from accounts.rest.authentication import caller_of
from accounts.rest.permissions import TeachersOnly
from accounts.serializers.gigs import GigSerializer
from accounts.services import gigs


class GigViewSet(ListModelMixin, RetrieveModelMixin, GenericViewSet[Gig]):
    """The services on offer; one's own in every status."""

    serializer_class = GigSerializer
    filterset_class = GigFilters
    queryset = Gig.objects.none()  # tells the schema the type of the id
    lookup_value_regex = lookups.INTEGER

    def get_queryset(self) -> GigQuerySet:
        """Gigs on offer in the list, visible ones to read, the caller's own to change."""
        caller = caller_of(self.request)
        if self.action == "list":
            return Gig.objects.active().with_teacher().newest_first()
        if self.action == "retrieve":
            return Gig.objects.visible_to(caller).with_teacher()
        return Gig.objects.for_user(caller).with_teacher().newest_first()

    def filter_queryset(self, queryset: Any) -> Any:
        """The filters of lists; one gig is found by its id alone."""
        return queryset if self.detail else super().filter_queryset(queryset)

    def get_permissions(self) -> list[Any]:
        """Making one takes a teacher; the others see whose it is."""
        return [IsAuthenticated(), *([TeachersOnly()] if self.action == "create" else [])]

    @extend_schema(responses={200: GigSerializer, 201: GigSerializer})
    def create(self, request: Request) -> Response:
        """Makes a gig; 200 with the first one when its ``client_id`` is repeated."""
        serializer = self.get_serializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        gig, made = gigs.create_gig(user=caller_of(request), fields=serializer.validated_data)
        return Response(self.get_serializer(gig).data, status=201 if made else 200)

    def update(self, request: Request, pk: str) -> Response:
        """Replaces the writable fields; optional ones that are absent stay."""
        return self.change(request, pk)

    def partial_update(self, request: Request, pk: str) -> Response:
        """Changes some fields."""
        return self.change(request, pk, partial=True)

    def change(self, request: Request, pk: str, partial: bool = False) -> Response:
        """Changes the validated fields and no others."""
        serializer = self.get_serializer(data=request.data, partial=partial)
        serializer.is_valid(raise_exception=True)
        gig = gigs.update_gig(gigs=self.get_queryset(), pk=int(pk), fields=serializer.validated_data)
        return Response(self.get_serializer(gig).data)

    @extend_schema(responses={204: None})
    def destroy(self, request: Request, pk: str) -> Response:
        """Removes a gig; 409 while it is suspended."""
        gigs.remove_gig(gigs=self.get_queryset(), pk=int(pk))
        return Response(status=204)

    @action(["get"], detail=False)
    def mine(self, request: Request) -> Response:
        """The caller's own gigs in every status."""
        return self.list(request)

    @extend_schema(request=None, responses=GigSerializer)
    @action(["post"], detail=True)
    def activate(self, request: Request, pk: str) -> Response:
        """Puts a gig on offer."""
        return Response(self.get_serializer(gigs.offer_gig(gigs=self.get_queryset(), pk=int(pk))).data)

    @extend_schema(request=None, responses=GigSerializer)
    @action(["post"], detail=True)
    def pause(self, request: Request, pk: str) -> Response:
        """Takes a gig off the lists."""
        return Response(self.get_serializer(gigs.pause_gig(gigs=self.get_queryset(), pk=int(pk))).data)
