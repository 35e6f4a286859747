"""The learner's flashcards."""

from typing import Any

from django.http import StreamingHttpResponse
from django.utils import timezone
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_view
from rest_framework.decorators import action
from rest_framework.exceptions import ValidationError
from rest_framework.mixins import RetrieveModelMixin
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.filters.cards import CardFilters
from accounts.models import Card
from accounts.models.cards import CardQuerySet
from accounts.rest.error_codes import error_codes
from accounts.rest.pages import Document, streamed_document
from accounts.rest.viewsets import BaseViewSet
from accounts.serializers.cards import CardSerializer, CardSummarySerializer, ReviewSerializer
from accounts.serializers.listings import Listing
from accounts.services import card_export, card_reviews, card_summary, cards
from accounts.services.card_export import Format

CARD = CardSerializer()
CARDS = Listing(CardSerializer, lambda: Card.objects.with_sources().with_shown_state().due_first())


@extend_schema_view(
    retrieve=extend_schema(description="Get a card. With the ids of the corrections that it comes from.")
)
class CardViewSet(RetrieveModelMixin, BaseViewSet[Card]):
    """The caller's flashcards."""

    serializer_class = CardSerializer
    filterset_class = CardFilters
    queryset = Card.objects.none()  # drf-spectacular reads the type of the id from it
    lookup_value_converter = "number"
    throttle_scopes = {"review": "reviews"}

    def get_queryset(self) -> CardQuerySet:
        """The caller's cards."""
        return Card.objects.for_user(self.caller).with_sources()

    def perform_content_negotiation(self, request: Request, force: bool = False) -> Any:
        """Accepts every ``Accept`` header for ``export``, such as text/csv. Its errors are JSON."""
        return super().perform_content_negotiation(request, force=force or self.action == "export")

    def list(self, request: Request) -> Response:
        """List my cards. In the order of ``due_at``."""
        return self.page_of(CARDS.rows().for_user(self.caller), CARDS.write)

    @error_codes("client_id_reused", "storage_full")
    @extend_schema(responses={200: CardSerializer, 201: CardSerializer})
    def create(self, request: Request) -> Response:
        """Create a card. Due at once. Returns 200 with the first card if its ``client_id`` is repeated."""
        card, is_new = cards.create_card(user=self.caller, fields=self.validated_data(), at=timezone.now())
        return Response(CARD.to_representation(card), status=201 if is_new else 200)

    @error_codes("storage_full")
    def partial_update(self, request: Request, pk: int) -> Response:
        """Change a card. Its schedule does not change."""
        fields = self.validated_data(partial=True)
        card = cards.edit_card(user=self.caller, pk=pk, fields=fields, at=timezone.now())
        return Response(CARD.to_representation(card))

    @extend_schema(responses={204: None})
    def destroy(self, request: Request, pk: int) -> Response:
        """Delete a card. Deletes its reviews too; its corrections remain."""
        cards.delete_card(user=self.caller, pk=pk)
        return Response(status=204)

    @error_codes("client_id_reused", "too_many_reviews")
    @extend_schema(request=ReviewSerializer, responses={200: CardSerializer, 201: CardSerializer})
    @action(["post"], detail=True)
    def review(self, request: Request, pk: int) -> Response:
        """Review a card. Returns 200 with the card as it is now if the ``client_id`` is repeated.

        Reviews may arrive late, in any order: they are replayed in the order of ``reviewed_at``.
        """
        fields = self.validated_data(ReviewSerializer)
        card, is_new = card_reviews.review_card(user=self.caller, pk=pk, at=timezone.now(), **fields)
        return Response(CARD.to_representation(card), status=201 if is_new else 200)

    @extend_schema(responses=CardSummarySerializer)
    @action(["get"], detail=False, pagination_class=None, filterset_class=None)
    def summary(self, request: Request) -> Response:
        """Summarise my cards. Due cards, a forecast, reviews, retention and streak."""
        found = card_summary.summarise(user=self.caller, at=timezone.now())
        return Response(found)  # in the shape of CardSummarySerializer

    @error_codes("export_busy")
    @extend_schema(
        parameters=[OpenApiParameter("format", str, enum=Format.values, description="Default: anki.")],
        responses={(200, "text/plain"): OpenApiTypes.STR, (200, "text/csv"): OpenApiTypes.STR},
        filters=True,
    )
    @action(["get"], detail=False, pagination_class=None)
    def export(self, request: Request) -> StreamingHttpResponse:
        """Export my cards. As a text file for Anki, or as CSV. Takes the filters of the list."""
        format = self.requested_format()
        cards = self.filter_queryset(Card.objects.for_user(self.caller))
        parts = card_export.export_cards(cards=cards, owner=self.caller.pk, format=format)
        extension = "csv" if format == Format.CSV else "txt"
        disposition = {"Content-Disposition": f'attachment; filename="linguaflex-cards.{extension}"'}
        document = Document(parts)
        return streamed_document(request, document, content_type=str(format.label), headers=disposition)

    def requested_format(self) -> Format:
        """The format of the export. Raises ValidationError."""
        name = self.request.query_params.get("format") or Format.ANKI
        if name not in Format.values:
            raise ValidationError({"format": [f"Expected one of {', '.join(Format.values)}."]})
        return Format(name)

    @extend_schema(request=None, responses=CardSerializer)
    @action(["post"], detail=True)
    def suspend(self, request: Request, pk: int) -> Response:
        """Suspend a card. It is not due until it is resumed."""
        card = cards.suspend_card(user=self.caller, pk=pk, at=timezone.now())
        return Response(CARD.to_representation(card))

    @extend_schema(request=None, responses=CardSerializer)
    @action(["post"], detail=True)
    def resume(self, request: Request, pk: int) -> Response:
        """Resume a suspended card. It keeps the ``due_at`` that it had."""
        card = cards.resume_card(user=self.caller, pk=pk)
        return Response(CARD.to_representation(card))
