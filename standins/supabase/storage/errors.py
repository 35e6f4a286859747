"""Errors in the format of Supabase Storage: statusCode, error and message, which clients require."""

import psycopg2
from psycopg2 import errors as postgres
from starlette.responses import JSONResponse, Response

from standins.supabase.auth.errors import AuthError

# Errors with these statuses also have them as HTTP status; all other errors have the HTTP status 400.
HTTP_STATUSES = {405, 413, 500, 503}
BUSY = (postgres.LockNotAvailable, postgres.DeadlockDetected)


class StorageError(Exception):
    """An error response; ``status`` is the status in the body."""

    def __init__(self, status: int, error: str, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.error = error
        self.message = message


def response(error: StorageError) -> Response:
    body = {"statusCode": str(error.status), "error": error.error, "message": error.message}
    status = error.status if error.status in HTTP_STATUSES else 400
    return JSONResponse(body, status, {"Cache-Control": "no-store"})


def invalid(message: str) -> StorageError:
    return StorageError(400, "InvalidRequest", message)


def no_bucket() -> StorageError:
    """The bucket does not exist, or the caller may not read it."""
    return StorageError(404, "Bucket not found", "Bucket not found")


def no_object() -> StorageError:
    """The object does not exist, or the caller may not read it."""
    return StorageError(404, "not_found", "Object not found")


def too_large() -> StorageError:
    return StorageError(413, "Payload too large", "The object exceeded the maximum allowed size")


def unsupported(mime_type: str) -> StorageError:
    """The MIME type is malformed, or the bucket does not accept it."""
    return StorageError(415, "invalid_mime_type", f"mime type {mime_type} is not supported")


def not_allowed(message: str) -> StorageError:
    return StorageError(403, "Unauthorized", message)


def from_auth(error: AuthError) -> StorageError:
    """Converts an error of Auth's code, which Storage uses for tokens and JSON."""
    if error.status in (401, 403):
        return not_allowed(error.message)
    return too_large() if error.status == 413 else invalid(error.message)


def from_database(error: Exception) -> StorageError | None:
    """Converts an error of PostgreSQL; returns None if the request did not cause it."""
    if isinstance(error, postgres.InsufficientPrivilege):
        return not_allowed("new row violates row-level security policy")
    if isinstance(error, postgres.UniqueViolation):
        return StorageError(409, "Duplicate", "The resource already exists")
    if isinstance(error, postgres.ForeignKeyViolation):
        return no_bucket()
    if isinstance(error, BUSY):
        return StorageError(423, "ResourceLocked", "The resource is locked")
    if isinstance(error, psycopg2.DataError):
        return invalid("The request contains a value that cannot be stored")
    return None
