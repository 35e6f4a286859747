"""Names of buckets and objects, in the characters that Supabase allows (S3's safe characters)."""

import re

from standins.supabase.storage.errors import StorageError

CHARACTERS = r"A-Za-z0-9_!\-.*'() &$@=;:+,?"
BUCKET = re.compile(rf"[{CHARACTERS}]{{1,100}}")
OBJECT = re.compile(rf"[{CHARACTERS}/]{{1,1024}}")


def valid_bucket(name: str) -> str:
    """Returns ``name``; raises StorageError if it is not a valid bucket name."""
    if not BUCKET.fullmatch(name) or name != name.strip() or name in (".", ".."):
        raise StorageError(400, "Invalid Input", "Bucket name invalid")
    return name


def valid_object(name: str) -> str:
    """Returns ``name``; raises StorageError if it is not a valid object name."""
    if not OBJECT.fullmatch(name) or {".", ".."} & set(name.split("/")):
        raise StorageError(400, "InvalidKey", "Invalid key")
    return name
