"""Additions to the OpenAPI document: the bearer scheme, servers, tags and the shared error responses."""

from typing import Any

from drf_spectacular.extensions import OpenApiAuthenticationExtension
from rest_framework.request import Request

from accounts.rest.openapi_errors import ERROR, SHARED, response_of
from accounts.rest.openapi_tags import TAGS


class SupabaseTokenScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    """The HTTP bearer scheme. drf-spectacular finds it by its base class."""

    target_class = "accounts.rest.authentication.SupabaseJWTAuthentication"
    name = "SupabaseToken"

    def get_security_definition(self, auto_schema: Any) -> dict[str, str]:
        """The OpenAPI 3.1 security scheme."""
        return {
            "type": "http",
            "scheme": "bearer",
            "bearerFormat": "JWT",
            "description": "A Supabase access token: the access_token of a login.",
        }


def finish(result: dict[str, Any], *, request: Request | None = None, **kwargs: Any) -> dict[str, Any]:
    """Adds the tags and the shared error responses. A document that is served begins with its own server."""
    result["components"]["schemas"]["Error"] = ERROR
    result["components"]["responses"] = {name: response_of(codes) for name, codes in SHARED.items()}
    result["tags"] = [{"name": tag.name, "description": tag.text} for tag in TAGS]
    if request:
        result["servers"] = [{"url": "/", "description": "This server"}, *result["servers"]]
    return result
