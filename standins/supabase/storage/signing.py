"""Signed addresses for others: of a download, or of one upload within two hours."""

from datetime import timedelta

from starlette.responses import JSONResponse, Response

from standins.supabase.storage import errors, names, objects, signatures, uploads
from standins.supabase.storage.calls import Call

UPLOAD_SECONDS = int(timedelta(hours=2).total_seconds())
LONGEST_SECONDS = 10 * 365 * 24 * 3600
UNKNOWN = "Either the object does not exist or you do not have access to it"


def sign_download(call: Call) -> Response:
    """POST /object/sign/{bucket}/{path}: an address below /storage/v1."""
    seconds = _seconds(call)
    with call.as_caller():
        if objects.find(call.cursor, call.bucket, call.path) is None:
            raise errors.no_object()
    return JSONResponse({"signedURL": _download_address(call, call.path, seconds)})


def sign_downloads(call: Call) -> Response:
    """POST /object/sign/{bucket}: one answer for each of ``paths``."""
    seconds, paths = _seconds(call), call.body.texts("paths")
    with call.as_caller():
        found = {row.name for row in objects.find_all(call.cursor, call.bucket, paths)}
    return JSONResponse(
        [
            {"error": None, "path": path, "signedURL": _download_address(call, path, seconds)}
            if path in found
            else {"error": UNKNOWN, "path": path, "signedURL": None}
            for path in paths
        ]
    )


def sign_upload(call: Call) -> Response:
    """POST /object/upload/sign/{bucket}/{path}: if the caller could upload there now."""
    upsert = uploads.wants_upsert(call)
    with call.as_caller():
        call.cursor.execute("savepoint trial")
        objects.insert(call.cursor, uploads.planned(call, call.owner), upsert=upsert)
        call.cursor.execute("rollback to trial")
    claims = {"owner": call.owner, "upsert": upsert}
    token = signatures.sign(call, signatures.UPLOAD, call.path, UPLOAD_SECONDS, **claims)
    address = f"/object/upload/sign/{call.bucket}/{call.path}?token={token}"
    return JSONResponse({"url": address, "token": token})


def _seconds(call: Call) -> int:
    """storage3 sends the number as a text."""
    seconds = call.body.number("expiresIn")
    if not 1 <= seconds <= LONGEST_SECONDS:
        raise errors.invalid("expiresIn must be a number of seconds, at least 1")
    return seconds


def _download_address(call: Call, path: str, seconds: int) -> str:
    token = signatures.sign(call, signatures.DOWNLOAD, names.valid_object(path), seconds)
    return f"/object/sign/{call.bucket}/{path}?token={token}"
