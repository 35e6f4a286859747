"""The admin's site: who gets in and how the refusals are told."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from unfold.sites import UnfoldAdminSite

from accounts.admin.login import StaffLoginForm
from accounts.errors import TooManyRequests, Unavailable


class StaffSite(UnfoldAdminSite):
    """The admin for members of staff, who sign in as ``staff_login`` says."""

    login_form = StaffLoginForm
    login_template = "accounts/admin/login.html"

    def login(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """The login page; a limit is a 429 and an outage a 503, as in the API."""
        response: HttpResponse = super().login(request, extra_context)
        context = getattr(response, "context_data", None) or {}
        failure = getattr(context.get("form"), "failure", None)
        if isinstance(failure, TooManyRequests | Unavailable):
            response.status_code = 429 if isinstance(failure, TooManyRequests) else 503
            response["Retry-After"] = str(failure.retry_after)
        return response


site = StaffSite()
