"""Django's middleware for sessions, forms, logins and messages, for the admin's URLs only.

An API request has no session: its token is read by ``accounts.rest.authentication``.
"""

from typing import Any

from django.contrib.auth import middleware as auth
from django.contrib.messages import middleware as messages
from django.contrib.sessions import middleware as sessions
from django.middleware import csrf

ADMIN = "/admin/"


class AdminOnly:
    """Passes other requests on, unchanged. A base class before a middleware of Django."""

    get_response: Any

    def __call__(self, request: Any) -> Any:
        if request.path_info.startswith(ADMIN):
            return super().__call__(request)  # type: ignore[misc]
        return self.get_response(request)


class SessionMiddleware(AdminOnly, sessions.SessionMiddleware):
    pass


class CsrfViewMiddleware(AdminOnly, csrf.CsrfViewMiddleware):
    def process_view(self, request: Any, *args: Any) -> Any:
        """Checks forms. Django calls this for each view, not only through ``__call__``."""
        return super().process_view(request, *args) if request.path_info.startswith(ADMIN) else None


class AuthenticationMiddleware(AdminOnly, auth.AuthenticationMiddleware):
    pass


class MessageMiddleware(AdminOnly, messages.MessageMiddleware):
    pass
