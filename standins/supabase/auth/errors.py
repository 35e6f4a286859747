"""Refusals in the two formats of Supabase Auth.

From API version 2024-01-01 on, ``code`` is a word and the version is echoed in a header, without
which the clients look for the older ``error_code`` (Supabase docs, "Error codes").
"""

import re
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

API_VERSION_HEADER = "X-Supabase-Api-Version"
API_VERSION = "2024-01-01"


class AuthError(Exception):
    """A refusal; ``keep_changes`` commits what the request has written so far."""

    def __init__(self, status: int, code: str, message: str, *, keep_changes: bool = False) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.message = message
        self.keep_changes = keep_changes

    def body(self, *, by_word: bool) -> dict[str, Any]:
        """The JSON answer; ``by_word`` chooses the newer format."""
        if by_word:
            return {"code": self.code, "message": self.message}
        return {"code": self.status, "error_code": self.code, "msg": self.message}


class WeakPassword(AuthError):
    """A password below the rules; clients read ``reasons``."""

    def __init__(self, message: str, reasons: list[str]) -> None:
        super().__init__(422, "weak_password", message)
        self.reasons = reasons

    def body(self, *, by_word: bool) -> dict[str, Any]:
        """The usual answer with the reasons."""
        return super().body(by_word=by_word) | {"weak_password": {"reasons": self.reasons}}


class OAuthError(AuthError):
    """A refusal of the token endpoint in the words of RFC 6749 section 5.2."""

    def body(self, *, by_word: bool) -> dict[str, Any]:
        """One format for every API version."""
        return {"error": self.code, "error_description": self.message}


def validation_failed(message: str, status: int = 400) -> AuthError:
    """The refusal of input that has the right shape and a wrong value."""
    return AuthError(status, "validation_failed", message)


def bad_json(message: str) -> AuthError:
    """The refusal of a body that cannot be read."""
    return AuthError(400, "bad_json", f"Could not parse request body as JSON: {message}")


def email_exists() -> AuthError:
    """The refusal of an address that another account has."""
    message = "A user with this email address has already been registered"
    return AuthError(422, "email_exists", message)


def response(request: Request, error: AuthError) -> Response:
    """The refusal in the format that the caller asked for."""
    version = request.headers.get(API_VERSION_HEADER, "")
    by_word = bool(re.fullmatch(r"\d{4}-\d{2}-\d{2}", version)) and version >= API_VERSION
    headers = {"x-sb-error-code": error.code}
    if by_word:
        headers[API_VERSION_HEADER] = API_VERSION
    return JSONResponse(error.body(by_word=by_word), error.status, headers)
