"""Error responses in one JSON shape: ``{"detail": str, "code": str, "errors"?: {field: [str]}}``."""

import logging
import math
from collections.abc import Iterator
from typing import Any

from django.core.exceptions import PermissionDenied, RequestDataTooBig, TooManyFieldsSent
from django.db import InterfaceError, OperationalError
from django.http import Http404
from rest_framework import exceptions
from rest_framework.response import Response
from rest_framework.views import set_rollback

from accounts import errors

logger = logging.getLogger(__name__)

STATUS: dict[type[errors.LinguaFlexError], int] = {
    errors.InvalidInput: 400,
    errors.InvalidToken: 401,
    errors.NotAllowed: 403,
    errors.NotFound: 404,
    errors.Conflict: 409,
    errors.PayloadTooLarge: 413,
    errors.TooManyRequests: 429,
    errors.Unavailable: 503,
    errors.AIRefused: 503,
    errors.AIAnswerUnusable: 503,
    errors.SearchTooBroad: 503,
}
NON_FIELD = "non_field_errors"
MAX_MESSAGE = 1_000  # characters; some messages repeat the input
# Codes of validation messages that clients test, instead of "invalid". Supabase sends weak_password too.
OWN_CODES = {"weak_password", "currency_required"}


def exception_handler(exception: Exception, context: dict[str, Any]) -> Response:
    """The response to an exception raised in a view. Hides the text of an unexpected exception."""
    set_rollback()
    translated = _translated(exception)
    if isinstance(translated, errors.LinguaFlexError):
        return _domain_error(translated)
    if isinstance(translated, exceptions.ValidationError):
        return invalid_response(field_errors(translated.detail), code_of(translated.detail))
    return _api_error(translated)


def invalid_response(found: dict[str, list[str]], code: str = "invalid") -> Response:
    """A 400 response with the messages of each invalid field; ``detail`` is the first of them."""
    name, messages = next(iter(found.items()))
    detail = messages[0] if name == NON_FIELD else f"{name}: {messages[0]}"
    return error_response(400, detail, code, errors=found)


def error_response(status: int, detail: str, code: str, **more: Any) -> Response:
    """A response in the common error shape."""
    return Response({"detail": detail, "code": code, **more}, status=status)


def field_errors(detail: Any) -> dict[str, list[str]]:
    """DRF's nested error detail as a flat dict: dotted field path -> messages."""
    found: dict[str, list[str]] = {}
    for path, sentence in _leaves(detail, ()):
        text = str(sentence)
        shortened = text if len(text) <= MAX_MESSAGE else f"{text[:MAX_MESSAGE]}…"
        found.setdefault(".".join(path) or NON_FIELD, []).append(shortened)
    return found or {NON_FIELD: ["Invalid input."]}


def code_of(detail: Any) -> str:
    """``invalid``, or the code in OWN_CODES if every message carries that same code."""
    codes = {getattr(sentence, "code", "") for _, sentence in _leaves(detail, ())}
    return codes.pop() if len(codes) == 1 and codes <= OWN_CODES else "invalid"


def _leaves(detail: Any, path: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], Any]]:
    if isinstance(detail, dict):
        for key, value in detail.items():
            yield from _leaves(value, path if key == NON_FIELD else (*path, str(key)))
    elif isinstance(detail, list):
        for index, value in enumerate(detail):
            nested = isinstance(value, dict)
            yield from _leaves(value, (*path, str(index)) if nested and value else path)
    else:
        yield path, detail


def _domain_error(error: errors.LinguaFlexError) -> Response:
    status = next(number for kind, number in STATUS.items() if isinstance(error, kind))
    response = error_response(status, error.detail, error.code)
    if isinstance(error, errors.InvalidInput) and error.errors:
        response.data["errors"] = error.errors
    if isinstance(error, errors.SecondFactorRequired):
        response.data["access_token"] = error.access_token
    if isinstance(error, errors.SessionSaved):
        response.data["conversation"] = error.conversation
    if isinstance(error, errors.StorageFull):
        response.data |= {"used_bytes": error.used, "allowed_bytes": error.allowed}
    if isinstance(error, errors.InvalidToken):
        # RFC 6750, section 3.1: the same error code for expired, revoked and malformed tokens.
        response["WWW-Authenticate"] = 'Bearer error="invalid_token"'
    if isinstance(error, errors.TooManyRequests | errors.Unavailable):
        response["Retry-After"] = str(error.retry_after)
    return response


def _translated(exception: Exception) -> errors.LinguaFlexError | exceptions.APIException:
    """The exception itself, or the one that replaces an exception of Django or the database."""
    match exception:
        case errors.LinguaFlexError() | exceptions.APIException():
            return exception
        case Http404():
            return exceptions.NotFound("Not found.")
        case PermissionDenied():
            return exceptions.PermissionDenied()
        case RequestDataTooBig() | TooManyFieldsSent():
            return errors.PayloadTooLarge()
        case OperationalError() | InterfaceError():
            logger.exception("Database error.")
            sentence = "The database cannot be reached. Try again shortly."
            return errors.Unavailable(sentence, code="database_unavailable")
    logger.error("Unexpected exception.", exc_info=exception)
    return exceptions.APIException("Something went wrong on our side.", "server_error")


def _api_error(exception: exceptions.APIException) -> Response:
    """The response to one of DRF's exceptions, with the headers that DRF sets."""
    code = exception.get_codes()
    response = error_response(
        exception.status_code,
        str(exception.detail),
        code if isinstance(code, str) else exception.default_code,
    )
    if header := getattr(exception, "auth_header", None):
        response["WWW-Authenticate"] = header
    if wait := getattr(exception, "wait", None):
        response["Retry-After"] = str(math.ceil(wait))
    return response
