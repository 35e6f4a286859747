"""The base classes of the views: BaseViewSet, and PublicEndpoint for views without authentication."""

from collections.abc import Callable
from typing import Any, ClassVar, TypeVar

from django.db.models import Model
from django.http import Http404
from rest_framework.permissions import AllowAny
from rest_framework.response import Response
from rest_framework.views import APIView
from rest_framework.viewsets import GenericViewSet

from accounts.integrations.access_tokens import Claims
from accounts.models import User
from accounts.rest.authentication import caller_of, claims_of

Row = TypeVar("Row", bound=Model)


class BaseViewSet(GenericViewSet[Row]):
    """A viewset with throttling by action, filters for lists only, and validated request bodies.

    Requests are authenticated, unless the viewset is also a PublicEndpoint.
    """

    # Action name -> scope in DEFAULT_THROTTLE_RATES. An action without a scope is not throttled.
    throttle_scopes: ClassVar[dict[str, str]] = {}

    @property
    def throttle_scope(self) -> str | None:
        """The scope that ScopedThrottle reads."""
        return self.throttle_scopes.get(self.action or "")

    @property
    def caller(self) -> User:
        """The authenticated user."""
        return caller_of(self.request)

    @property
    def claims(self) -> Claims:
        """The claims of the access token."""
        return claims_of(self.request)

    def get_object(self) -> Any:
        """The row of a detail route. Raises Http404 elsewhere: DRF calls this for OPTIONS on a PUT route."""
        if not self.detail:
            raise Http404
        return super().get_object()

    def filter_queryset(self, queryset: Any) -> Any:
        """Filters lists only. A detail route finds its row by id, whatever the query parameters."""
        return queryset if self.detail else super().filter_queryset(queryset)

    def page_of(self, rows: Any, write: Callable[[list[Any]], list[Any]]) -> Response:
        """A page of ``rows``, filtered by the query parameters. ``write`` converts rows to JSON values."""
        page = self.paginate_queryset(self.filter_queryset(rows))
        return self.get_paginated_response(write(page or []))

    def validated_data(self, serializer_class: type[Any] | None = None, *, partial: bool = False) -> Any:
        """The validated request body as a dict.

        Without ``serializer_class``, the serializer of the current action is used.
        Raises ``rest_framework.exceptions.ValidationError``.
        """
        if serializer_class is None:
            serializer = self.get_serializer(data=self.request.data, partial=partial)
        else:
            serializer = serializer_class(
                data=self.request.data, partial=partial, context=self.get_serializer_context()
            )
        serializer.is_valid(raise_exception=True)
        return dict(serializer.validated_data)


class PublicEndpoint(APIView):
    """A view without authentication. It ignores the ``Authorization`` header.

    Single-page apps attach expired tokens to every request, also to the login.
    """

    authentication_classes = []
    permission_classes = [AllowAny]
