"""Settings of the admin's theme, django-unfold (unfoldadmin.com/docs/configuration/settings/)."""

from typing import Any

from django.http import HttpRequest
from django.templatetags.static import static


def stylesheet(request: HttpRequest) -> str:
    """The address of our style sheet."""
    return static("accounts/admin/pages.css")


def icon(request: HttpRequest) -> str:
    """The address of the icon of a browser's tab."""
    return static("accounts/icon.svg")


UNFOLD: dict[str, Any] = {
    "SITE_TITLE": "LinguaFlex",
    "SITE_HEADER": "LinguaFlex",
    "SITE_SYMBOL": "translate",
    "SITE_URL": None,  # no "View site" link: the root answers with JSON
    "SITE_FAVICONS": [{"rel": "icon", "type": "image/svg+xml", "href": icon}],
    "STYLES": [stylesheet],
    "DASHBOARD_CALLBACK": "accounts.admin.dashboard.page",
    "SIDEBAR": {"navigation": "accounts.admin.navigation.groups"},
}
