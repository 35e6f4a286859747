"""Refusals as Supabase Storage words them: clients want all three of statusCode, error, message."""

import psycopg2
from psycopg2 import errors as postgres
from starlette.responses import JSONResponse, Response

from standins.supabase.auth.errors import AuthError

# Only these travel as HTTP status too; any other refusal is a 400 whose body says more.
HTTP_STATUSES = {405, 413, 500, 503}
BUSY = (postgres.LockNotAvailable, postgres.DeadlockDetected)


class StorageError(Exception):
    """A refusal; ``status`` is the one that the body names."""

    def __init__(self, status: int, error: str, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.error = error
        self.message = message


def response(error: StorageError) -> Response:
    """The refusal as an answer that no cache keeps."""
    body = {"statusCode": str(error.status), "error": error.error, "message": error.message}
    status = error.status if error.status in HTTP_STATUSES else 400
    return JSONResponse(body, status, {"Cache-Control": "no-store"})


def invalid(message: str) -> StorageError:
    """The refusal of input with a wrong value."""
    return StorageError(400, "InvalidRequest", message)


def no_bucket() -> StorageError:
    """The bucket is not there, or not for this caller."""
    return StorageError(404, "Bucket not found", "Bucket not found")


def no_object() -> StorageError:
    """The object is not there, or not for this caller."""
    return StorageError(404, "not_found", "Object not found")


def too_large() -> StorageError:
    """More bytes than the bucket or the stand-in takes."""
    return StorageError(413, "Payload too large", "The object exceeded the maximum allowed size")


def not_allowed(message: str) -> StorageError:
    """The caller may not do this."""
    return StorageError(403, "Unauthorized", message)


def from_auth(error: AuthError) -> StorageError:
    """What the readers shared with Supabase Auth refused, in the words of Storage."""
    if error.status in (401, 403):
        return not_allowed(error.message)
    return too_large() if error.status == 413 else invalid(error.message)


def from_database(error: Exception) -> StorageError | None:
    """What PostgreSQL refused; None for a failure that no caller can mend."""
    if isinstance(error, postgres.InsufficientPrivilege):
        return not_allowed("new row violates row-level security policy")
    if isinstance(error, postgres.UniqueViolation):
        return StorageError(409, "Duplicate", "The resource already exists")
    if isinstance(error, postgres.ForeignKeyViolation):
        return no_bucket()
    if isinstance(error, BUSY):
        return StorageError(423, "ResourceLocked", "The resource is locked")
    if isinstance(error, psycopg2.DataError):
        return invalid("The request holds a value that cannot be stored")
    return None
