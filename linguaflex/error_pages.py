"""Error responses outside the views: Django's error handlers, and pages that accept only GET.

Inside the admin, the errors of members of staff are pages. Everything else is JSON.
"""

import sys
from collections.abc import Callable
from functools import wraps
from typing import Any

from django.conf import settings
from django.core.exceptions import DisallowedHost
from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.urls import is_valid_path

from accounts.admin import error_pages
from linguaflex.json_errors import error
from linguaflex.middleware import ADMIN
from linguaflex.operations import measurement


def read_only(view: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
    """Restricts ``view`` to GET and HEAD. Other methods and all errors are in the common error shape.

    DRF would write its errors in the format of the page: HTML or YAML.
    """

    @wraps(view)
    def answer(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if request.method in ("GET", "HEAD"):
            response = view(request, *args, **kwargs)
            if response.status_code >= 400 and (found := getattr(response, "data", None)):
                return error(response.status_code, found["detail"], found["code"])
            return response
        refusal = error(405, f'Method "{request.method}" not allowed.', "method_not_allowed")
        refusal["Allow"] = "GET, HEAD"
        return refusal

    return answer


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """400 from Django itself, for instance for a host name that is not in ALLOWED_HOSTS."""
    # Before the middleware has run, as for a host name, there is no user.
    if request.path_info.startswith(ADMIN) and hasattr(request, "user"):
        text = "This address has parameters that the page does not take."
        return error_pages.page(request, status=400, title="Malformed address", text=text)
    if settings.LOCAL and isinstance(exception, DisallowedHost):
        detail = "This host name is not allowed: add it to the setting ALLOWED_HOSTS."
        return error(400, detail, "bad_request")
    return error(400, "The request is malformed.", "bad_request")


def forbidden(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """403 outside the API."""
    if request.path_info.startswith(ADMIN):
        text = "You do not have the permission for this page. A superuser can give it to you."
        return error_pages.page(request, status=403, title="Not permitted", text=text)
    return error(403, "You may not do this.", "permission_denied")


def expired_form(request: HttpRequest, reason: str = "") -> HttpResponse:
    """403 for a form of the admin without a valid CSRF token."""
    text = "This form has expired. Go back, reload the page and send the form again."
    return error_pages.page(request, status=403, title="Form expired", text=text)


def not_found(request: HttpRequest, exception: Any = None) -> HttpResponse:
    """404 for an unknown URL. ``detail`` mentions a missing trailing slash."""
    if request.path_info.startswith(ADMIN):
        text = "Nothing has this address. It may be misspelt, or the row may be deleted."
        return error_pages.page(request, status=404, title="Not found", text=text)
    if not request.path.endswith("/") and is_valid_path(f"{request.path}/"):
        return error(404, "Not found. Add a slash to the end of the address.", "not_found")
    return error(404, "Not found. See /docs/ for all addresses.", "not_found")


def server_error(request: HttpRequest) -> HttpResponse:
    """500 outside the API: JSON, or a page in the admin, which is a 503 if the database cannot be reached.

    Django calls this while it handles the exception.
    """
    if not request.path_info.startswith(ADMIN):
        return error(500, "Something went wrong on our side.", "server_error")
    measured = measurement.current.get()
    page = error_pages.server_error(measured.request_id if measured else "")
    if isinstance(sys.exception(), InterfaceError | OperationalError):
        page.status_code = 503
        page["Retry-After"] = "5"
    return page
