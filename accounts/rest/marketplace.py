"""Reads that need no token with the setting PUBLIC_MARKETPLACE, for landing pages."""

from typing import Any, ClassVar, TypeVar

from django.conf import settings
from django.db.models import Model
from django.utils.cache import patch_vary_headers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import ModelSerializer

from accounts.rest.viewsets import BaseViewSet

Row = TypeVar("Row", bound=Model)

OPEN_ACTIONS = ("list", "retrieve")
CACHED = "public, max-age=60"


class MarketplaceViewSet(BaseViewSet[Row]):
    """A viewset whose list and rows are open to requests without a token, with PUBLIC_MARKETPLACE.

    The guard checks a token that is sent, and a bad one is refused. Without a token, the answers have the
    fields of ``open_serializer`` only.
    """

    open_serializer: ClassVar[type[ModelSerializer[Any]]]
    closed_orders: ClassVar[tuple[str, ...]] = ()  # orders by fields that are not open; cursors contain them

    @property
    def is_open(self) -> bool:
        """Whether the request needs no token. A search needs one: it reads fields that are not open."""
        if not settings.PUBLIC_MARKETPLACE or self.action not in OPEN_ACTIONS:
            return False
        query = self.request.query_params
        is_closed = "search" in query or query.get("ordering") in self.closed_orders
        return self.action == "retrieve" or not is_closed

    @property
    def is_anonymous(self) -> bool:
        """Whether the request has no token. After the check of permissions, it is then an open read."""
        return self.request.user is None

    @property
    def throttle_scope(self) -> str | None:
        """``marketplace`` for requests without a token."""
        is_open_read = self.action in OPEN_ACTIONS and self.is_anonymous
        return "marketplace" if is_open_read else super().throttle_scope

    def get_permissions(self) -> list[Any]:
        """None for an open read."""
        return [] if self.is_open else list(super().get_permissions())

    def retrieve(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """The row of a detail route."""
        row = self.get_object()
        serializer = self.open_serializer(row) if self.is_anonymous else self.get_serializer(row)
        return Response(serializer.data)

    def finalize_response(self, request: Request, response: Any, *args: Any, **kwargs: Any) -> Any:
        """Lets caches store the answers to requests without a token, and no others."""
        response = super().finalize_response(request, response, *args, **kwargs)
        if settings.PUBLIC_MARKETPLACE and response.status_code == 200 and request.user is None:
            response["Cache-Control"] = CACHED
            patch_vary_headers(response, ["Prefer"])  # the count of a list
        return response
