"""The base classes of the views: BaseViewSet, and PublicEndpoint for views without authentication."""

from collections.abc import Callable
from functools import cache
from typing import Any, ClassVar, TypeVar

from django.db.models import Model
from django.http import Http404
from rest_framework.exceptions import ValidationError
from rest_framework.permissions import AllowAny
from rest_framework.response import Response
from rest_framework.settings import api_settings
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

    @property
    def default_response_headers(self) -> dict[str, str]:
        """DRF's headers, with ``Vary: Authorization`` if the guard reads the token."""
        headers: dict[str, str] = super().default_response_headers
        if self.authentication_classes:
            headers["Vary"] = f"{headers['Vary']}, Authorization" if "Vary" in headers else "Authorization"
        return headers

    def finalize_response(self, *args: Any, **kwargs: Any) -> Any:
        """Frees a response and its rows at their end. DRF's references between the response, the view and the
        request make cycles, which would keep the rows of large lists until the garbage collector runs.
        """
        response = super().finalize_response(*args, **kwargs)
        vars(self).pop("_paginator", None)  # it has the rows of the page
        if isinstance(response, Response):
            response.add_post_render_callback(self._release)
        return response

    def _release(self, response: Any) -> None:
        response.renderer_context = {}
        vars(self).pop("response", None)

    def page_of(self, rows: Any, write: Callable[[list[Any]], list[Any]]) -> Response:
        """A page of ``rows``, filtered by the query parameters. ``write`` converts rows to JSON values."""
        page: Response = self.paginated(rows).page(write)
        return page

    def paginated(self, rows: Any) -> Any:
        """The paginator, which has read the page of the filtered ``rows``."""
        paginator: Any = self.paginator
        paginator.paginate_queryset(self.filter_queryset(rows), self.request)
        return paginator

    def validated_data(self, serializer_class: type[Any] | None = None, *, partial: bool = False) -> Any:
        """The validated request body as a dict.

        Without ``serializer_class``, the serializer of the current action is used.
        Raises ``rest_framework.exceptions.ValidationError``.
        """
        data = self.request.data
        if data is None:
            raise ValidationError({api_settings.NON_FIELD_ERRORS_KEY: ["No data provided"]})
        chosen: Any = serializer_class or self.get_serializer_class()
        return dict(validator(chosen, partial).run_validation(data))


@cache
def validator(serializer_class: type[Any], partial: bool) -> Any:
    """A serializer that validates for all requests.

    All requests and threads share it, so it must not read ``context``, ``instance`` or ``initial_data``.
    """
    return serializer_class(partial=partial)


class PublicEndpoint(APIView):
    """A view without authentication. It ignores the ``Authorization`` header.

    Single-page apps attach expired tokens to every request, also to the login.
    """

    authentication_classes = []
    permission_classes = [AllowAny]
