"""Tokens in an address that permit one thing with one object: a download, or an upload."""

from typing import Any

import jwt

from standins.supabase.storage.calls import Call
from standins.supabase.storage.errors import StorageError

DOWNLOAD, UPLOAD = "download", "upload"


def sign(call: Call, purpose: str, path: str, seconds: int, **claims: Any) -> str:
    """A token without role and subject: nothing else takes it."""
    issued = int(call.at.timestamp())
    times = {"iat": issued, "exp": issued + seconds}
    return call.config.keys.sign({"purpose": purpose, "url": f"{call.bucket}/{path}", **times, **claims})


def verify(call: Call, purpose: str) -> dict[str, Any]:
    """The claims of the token in the address; raises StorageError unless it is for this object."""
    try:
        claims = call.config.keys.verify(call.query.text("token"))
    except jwt.ExpiredSignatureError:
        raise StorageError(400, "InvalidJWT", '"exp" claim timestamp check failed') from None
    except (jwt.PyJWTError, ValueError):
        raise StorageError(400, "InvalidJWT", "Invalid JWT") from None
    if (claims.get("purpose"), claims.get("url")) != (purpose, f"{call.bucket}/{call.path}"):
        raise StorageError(400, "InvalidSignature", "The url do not match the signature")
    return claims
