"""Additions to the OpenAPI document: the bearer scheme, servers, tags and the error response."""

from typing import Any

from drf_spectacular.extensions import OpenApiAuthenticationExtension
from rest_framework.request import Request

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


ERROR = {
    "type": "object",
    "required": ["detail", "code"],
    "properties": {
        "detail": {"type": "string", "description": "A sentence for users."},
        "code": {"type": "string", "description": "A stable identifier for programs."},
        "errors": {
            "type": "object",
            "description": "Messages by field, if fields are invalid.",
            "additionalProperties": {"type": "array", "items": {"type": "string"}},
        },
    },
}
ERROR_RESPONSE = {
    "description": "Any error.",
    "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Error"}}},
}


def finish(result: dict[str, Any], *, request: Request | None = None, **kwargs: Any) -> dict[str, Any]:
    """Adds the tags and the common error response. A document that is served begins with its own server."""
    result["components"]["schemas"]["Error"] = ERROR
    result["tags"] = [{"name": tag.name, "description": tag.text} for tag in TAGS]
    if request:
        result["servers"] = [{"url": "/", "description": "This server"}, *result["servers"]]
    for operations in result["paths"].values():
        for operation in operations.values():
            operation["responses"]["default"] = ERROR_RESPONSE
    return result
