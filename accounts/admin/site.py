"""The admin site. Staff log in with their Supabase password."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from unfold.sites import UnfoldAdminSite

from accounts.admin.login import StaffLoginForm
from accounts.errors import TooManyRequests, Unavailable


class StaffSite(UnfoldAdminSite):
    """The admin site for staff; see ``admin/login.py`` for the login."""

    login_form = StaffLoginForm
    login_template = "accounts/admin/login.html"

    def login(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """The login page. As in the API, a rate limit is a 429 and an outage a 503."""
        response: HttpResponse = super().login(request, extra_context)
        context = getattr(response, "context_data", None) or {}
        failure = getattr(context.get("form"), "failure", None)
        if isinstance(failure, TooManyRequests | Unavailable):
            response.status_code = 429 if isinstance(failure, TooManyRequests) else 503
            response["Retry-After"] = str(failure.retry_after)
        return response


site = StaffSite()
