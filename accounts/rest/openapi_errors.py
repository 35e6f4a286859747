"""The error responses of operations in the OpenAPI document. Each has an enum of its codes."""

from collections.abc import Iterable, Iterator
from typing import Any

from accounts.rest.error_codes import CODES, EXTENSION
from accounts.rest.permissions import TeachersOnly

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
ERROR_REF = {"$ref": "#/components/schemas/Error"}
# Keys that errors with a code have besides.
MORE_KEYS: dict[str, dict[str, Any]] = {
    "mfa_required": {
        "access_token": {
            "type": "string",
            "description": "Repeat with it, `totp_code` and `new_password` within an hour.",
        }
    },
    "session_saved": {
        "conversation": {
            "type": ["integer", "null"],
            "description": "The id of the saved conversation; null if it was deleted.",
        }
    },
    "storage_full": {
        "used_bytes": {"type": "integer", "description": "What the account stores."},
        "allowed_bytes": {"type": "integer", "description": "What it may store."},
    },
}
# With one of these codes, other codes of Supabase Auth pass through.
PASSING = {"account_refused", "over_request_rate_limit"}
NOT_AUTHENTICATED = ("not_authenticated", "invalid_token", "token_expired")
OTHER_ERRORS = ("bad_request", "method_not_allowed", "not_acceptable", "server_error")
# Responses of many operations, which refer to them.
SHARED = {
    "Invalid": ("invalid",),
    "InvalidBody": ("invalid", "parse_error"),
    "NotAuthenticated": NOT_AUTHENTICATED,
    "TeachersOnly": ("teachers_only",),
    "NotFound": ("not_found",),
    "PayloadTooLarge": ("payload_too_large",),
    "UnsupportedMediaType": ("unsupported_media_type",),
    "Throttled": ("throttled",),
    "Unavailable": ("database_unavailable", "keys_unavailable"),
    "OtherError": OTHER_ERRORS,
}
SECONDS = {"description": "Seconds to wait before a repetition.", "schema": {"type": "integer"}}
HEADERS = {429: {"Retry-After": SECONDS}, 503: {"Retry-After": SECONDS}}


def add_error_responses(operation: dict[str, Any], view: Any) -> None:
    """Adds the responses of the codes that ``view`` declares and of those that every such operation has."""
    codes = dict.fromkeys([*_usual_codes(operation, view), *operation.pop(EXTENSION, [])])
    by_status: dict[int, list[str]] = {}
    for code in codes:
        by_status.setdefault(CODES[code][0], []).append(code)
    names = {codes: name for name, codes in SHARED.items()}
    for status, found in sorted(by_status.items()):
        name = names.get(tuple(found))
        response = {"$ref": f"#/components/responses/{name}"} if name else response_of(found)
        operation["responses"][str(status)] = response
    operation["responses"]["default"] = {"$ref": "#/components/responses/OtherError"}


def response_of(codes: Iterable[str]) -> dict[str, Any]:
    """An error response with one of the codes."""
    meanings = {code: CODES[code] for code in codes}
    code: dict[str, Any] = {"type": "string", "enum": list(meanings)}
    if PASSING.intersection(meanings):
        code = {"anyOf": [code, {"type": "string"}]}
    more = [key for name in meanings for key in MORE_KEYS.get(name, {}).items()]
    schema = {"type": "object", "required": ["code"], "properties": {"code": code, **dict(more)}}
    status = next(iter(meanings.values()))[0]
    return {
        "description": "\n".join(f"* `{name}`: {meaning}" for name, (_, meaning) in meanings.items()),
        **({"headers": HEADERS[status]} if status in HEADERS else {}),
        "content": {
            "application/json": {"schema": {"allOf": [{"$ref": "#/components/schemas/Error"}, schema]}}
        },
    }


def unshared(response: dict[str, Any]) -> dict[str, Any]:
    """The response, or in place of a reference to a shared response a copy of it."""
    name = response.get("$ref", "").rpartition("/")[2]
    return response_of(SHARED[name]) if name else response


def _usual_codes(operation: dict[str, Any], view: Any) -> Iterator[str]:
    """The codes of every operation with a body, with query parameters, with a token, and so on."""
    parameters = operation.get("parameters", [])
    queried = {parameter["name"] for parameter in parameters if parameter["in"] == "query"}
    named = {parameter["name"] for parameter in parameters if parameter["in"] == "path"}
    if queried or "requestBody" in operation:
        yield "invalid"
    if "requestBody" in operation:
        yield from ("parse_error", "payload_too_large", "unsupported_media_type")
    if operation["security"]:
        yield from NOT_AUTHENTICATED
    if any(isinstance(permission, TeachersOnly) for permission in view.get_permissions()):
        yield "teachers_only"
    if named - {"language_name", "type_name"}:
        yield "not_found"
    if getattr(view, "throttle_scope", None):
        yield "throttled"
    if operation["security"] or getattr(view, "throttle_scope", None):
        yield "database_unavailable"
    if operation["security"]:
        yield "keys_unavailable"
    if "search" in queried:
        yield "search_too_broad"
