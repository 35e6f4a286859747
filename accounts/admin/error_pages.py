"""Errors inside the admin, as pages with a way back."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string

from accounts.admin.site import site


def page(request: HttpRequest, *, status: int, title: str, text: str) -> HttpResponse:
    """The page of an error, with the admin's navigation. Without a login, it has none."""
    context: dict[str, Any] = site.each_context(request)
    context["is_nav_sidebar_enabled"] = context["has_permission"]
    context |= {"title": title, "text": text}
    return render(request, "accounts/admin/error.html", context, status=status)


def server_error(request_id: str) -> HttpResponse:
    """The page of a 500. It reads neither the session nor the database, which may have caused the error.

    ``request_id`` finds the line of the request in the log.
    """
    page = render_to_string("accounts/admin/server_error.html", {"request_id": request_id})
    return HttpResponse(page, status=500)
