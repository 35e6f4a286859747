"""Errors in the two formats of Supabase Auth.

For clients that send API version 2024-01-01 or later: ``{code, message}``, with the version in a response
header. For other clients: ``{code, error_code, msg}`` (Supabase docs, "Error codes").
"""

import re
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

API_VERSION_HEADER = "X-Supabase-Api-Version"
API_VERSION = "2024-01-01"


class AuthError(Exception):
    """An error response. ``more`` are further fields of its body.

    With ``keep_changes``, the transaction is committed instead of rolled back.
    """

    def __init__(self, status: int, code: str, message: str, keep_changes: bool = False, **more: Any) -> None:
        super().__init__(message)
        self.status, self.code, self.message = status, code, message
        self.keep_changes, self.more = keep_changes, more

    def body(self, *, is_new_format: bool) -> dict[str, Any]:
        if is_new_format:
            return {"code": self.code, "message": self.message, **self.more}
        return {"code": self.status, "error_code": self.code, "msg": self.message, **self.more}


class OAuthError(AuthError):
    """An error of the token endpoint (RFC 6749 section 5.2); the same in every API version."""

    def body(self, *, is_new_format: bool) -> dict[str, Any]:
        return {"error": self.code, "error_description": self.message}


def validation_failed(message: str, status: int = 400) -> AuthError:
    return AuthError(status, "validation_failed", message)


def bad_json(message: str) -> AuthError:
    return AuthError(400, "bad_json", f"Could not parse request body as JSON: {message}")


def email_exists() -> AuthError:
    return AuthError(422, "email_exists", "A user with this email address has already been registered")


def user_banned(status: int) -> AuthError:
    return AuthError(status, "user_banned", "User is banned")


def session_not_found() -> AuthError:
    return AuthError(403, "session_not_found", "Session from session_id claim in JWT does not exist")


def response(request: Request, error: AuthError) -> Response:
    """The response in the format of the requested API version."""
    version = request.headers.get(API_VERSION_HEADER, "")
    is_new_format = bool(re.fullmatch(r"\d{4}-\d{2}-\d{2}", version)) and version >= API_VERSION
    headers = {"x-sb-error-code": error.code}
    if is_new_format:
        headers[API_VERSION_HEADER] = API_VERSION
    return JSONResponse(error.body(is_new_format=is_new_format), error.status, headers)
