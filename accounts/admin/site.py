"""The admin site. Staff log in with their Supabase password."""

from typing import Any

from django.contrib.admin.views.autocomplete import AutocompleteJsonView
from django.core.exceptions import PermissionDenied
from django.core.paginator import InvalidPage
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.urls import Resolver404, URLPattern, resolve
from django.views.decorators.common import no_append_slash
from unfold.sites import UnfoldAdminSite

from accounts.admin.login import StaffLoginForm
from accounts.errors import TooManyRequests, Unavailable


class Suggestions(AutocompleteJsonView):
    """The rows that a field with suggestions can refer to."""

    def process_request(self, request: HttpRequest) -> tuple[Any, ...]:
        """As Django does. Also refuses relations without a column: their query would raise AttributeError."""
        found: tuple[Any, ...] = super().process_request(request)
        if not found[2].concrete:
            raise PermissionDenied
        return found


class StaffSite(UnfoldAdminSite):
    """The admin site for staff; see ``admin/login.py`` for the login."""

    login_form = StaffLoginForm
    login_template = "accounts/admin/login.html"
    index_template = "accounts/admin/dashboard.html"

    def login(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """The login page. As in the API, a rate limit is a 429 and an outage a 503."""
        response: HttpResponse = super().login(request, extra_context)
        context = getattr(response, "context_data", None) or {}
        failure = getattr(context.get("form"), "failure", None)
        if isinstance(failure, TooManyRequests | Unavailable):
            response.status_code = 429 if isinstance(failure, TooManyRequests) else 503
            response["Retry-After"] = str(failure.retry_after)
        return response

    def get_urls(self) -> list[URLPattern]:
        """The URLs of the admin, without Django's redirect to a row's own page. No row has one.

        It would read any row without a permission, and raise ValidationError for a malformed id.
        """
        return [pattern for pattern in super().get_urls() if getattr(pattern, "name", "") != "view_on_site"]

    def autocomplete_view(self, request: HttpRequest) -> HttpResponseBase:
        return Suggestions.as_view(admin_site=self)(request)

    def search(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """The lists with this text in their name. Raises Http404 for an unknown page of the results."""
        try:
            response: HttpResponse = super().search(request, extra_context)
        except InvalidPage as error:
            raise Http404 from error
        return response

    @no_append_slash
    def catch_all_view(self, request: HttpRequest, url: str) -> HttpResponse:
        """Redirects a GET without the trailing slash of a page. Otherwise raises Http404.

        Django does this only with APPEND_SLASH, which is off because of the API.
        """
        if request.method in ("GET", "HEAD") and is_page(f"{request.path_info}/"):
            return redirect(request.get_full_path(force_append_slash=True))
        raise Http404


def is_page(path: str) -> bool:
    """Whether a page of the admin has this path. The view of all other paths is ``no_append_slash``."""
    try:
        return getattr(resolve(path).func, "should_append_slash", True)
    except Resolver404:
        return False


site = StaffSite()
