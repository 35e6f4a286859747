"""Errors inside the admin, as pages with its navigation and a way back."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from accounts.admin.site import site


def page(request: HttpRequest, *, status: int, title: str, text: str) -> HttpResponse:
    """The page of an error. Without a login, it has no navigation."""
    context: dict[str, Any] = site.each_context(request)
    context["is_nav_sidebar_enabled"] = context["has_permission"]
    context |= {"title": title, "text": text}
    return render(request, "accounts/admin/error.html", context, status=status)
