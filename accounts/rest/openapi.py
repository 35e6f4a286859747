"""Additions to the OpenAPI document: the bearer scheme, tags, summaries and the error response."""

import re
from typing import Any

from drf_spectacular.extensions import OpenApiAuthenticationExtension


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
TAGS = (
    "accounts",
    "users",
    "teachers",
    "gigs",
    "chats",
    "voice-conversations",
    "cards",
    "reports",
    "service",
)


def finish(result: dict[str, Any], **kwargs: Any) -> dict[str, Any]:
    """Tags operations by resource, and adds the common error response to each.

    An operation without a summary gets the first sentence of its description.
    """
    result["components"]["schemas"]["Error"] = ERROR
    result["tags"] = [{"name": name} for name in TAGS]
    for path, operations in result["paths"].items():
        parts = [part for part in path.split("/") if part and not part.startswith("{")]
        parts = [part for part in parts if part != "supabase" or parts[-1] == "config"]
        account = len(parts) > 1 and parts[0] == "accounts"
        tag = parts[1] if account and parts[1] in TAGS else "accounts" if account else "service"
        for operation in operations.values():
            operation["tags"] = [tag]
            operation.setdefault("summary", re.split(r"[.;:]\s|\.$", operation.get("description", ""))[0])
            operation["responses"]["default"] = ERROR_RESPONSE
    return result
