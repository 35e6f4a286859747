"""Gigs: found by learners, kept by their teachers."""

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework.decorators import action
from rest_framework.mixins import ListModelMixin, RetrieveModelMixin
from rest_framework.permissions import IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.filters.gigs import GigFilters
from accounts.models import Gig
from accounts.models.gigs import GigQuerySet
from accounts.rest.permissions import TeachersOnly
from accounts.rest.viewsets import BaseViewSet
from accounts.serializers.gigs import GigSerializer
from accounts.services import gigs


class GigViewSet(ListModelMixin, RetrieveModelMixin, BaseViewSet[Gig]):
    """The services on offer; one's own in every status."""

    serializer_class = GigSerializer
    filterset_class = GigFilters
    queryset = Gig.objects.none()  # tells the schema the type of the id
    lookup_value_converter = "number"

    def get_queryset(self) -> GigQuerySet:
        """Gigs on offer in the list, visible ones to read, the caller's own to change."""
        caller = self.caller
        if self.action == "list":
            return Gig.objects.active().with_teacher().newest_first()
        if self.action == "retrieve":
            return Gig.objects.visible_to(caller).with_teacher()
        return Gig.objects.for_user(caller).with_teacher().newest_first()

    def get_permissions(self) -> list[Any]:
        """Making one takes a teacher; the others see whose it is."""
        return [IsAuthenticated(), *([TeachersOnly()] if self.action == "create" else [])]

    @extend_schema(responses={200: GigSerializer, 201: GigSerializer})
    def create(self, request: Request) -> Response:
        """Makes a gig; 200 with the first one when its ``client_id`` is repeated."""
        gig, made = gigs.create_gig(user=self.caller, fields=self.validated_data())
        return Response(self.get_serializer(gig).data, status=201 if made else 200)

    def update(self, request: Request, pk: int) -> Response:
        """Replaces the writable fields; optional ones that are absent stay."""
        return self.change(request, pk)

    def partial_update(self, request: Request, pk: int) -> Response:
        """Changes some fields."""
        return self.change(request, pk, partial=True)

    def change(self, request: Request, pk: int, partial: bool = False) -> Response:
        """Changes the validated fields and no others."""
        gig = gigs.update_gig(gigs=self.get_queryset(), pk=pk, fields=self.validated_data(partial=partial))
        return Response(self.get_serializer(gig).data)

    @extend_schema(responses={204: None})
    def destroy(self, request: Request, pk: int) -> Response:
        """Removes a gig; 409 while it is suspended."""
        gigs.remove_gig(gigs=self.get_queryset(), pk=pk)
        return Response(status=204)

    @action(["get"], detail=False)
    def mine(self, request: Request) -> Response:
        """The caller's own gigs in every status."""
        return self.list(request)

    @extend_schema(request=None, responses=GigSerializer)
    @action(["post"], detail=True)
    def activate(self, request: Request, pk: int) -> Response:
        """Puts a gig on offer."""
        return Response(self.get_serializer(gigs.offer_gig(gigs=self.get_queryset(), pk=pk)).data)

    @extend_schema(request=None, responses=GigSerializer)
    @action(["post"], detail=True)
    def pause(self, request: Request, pk: int) -> Response:
        """Takes a gig off the lists."""
        return Response(self.get_serializer(gigs.pause_gig(gigs=self.get_queryset(), pk=pk)).data)
