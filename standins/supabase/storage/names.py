"""Names of buckets and objects: the characters that Supabase allows, which S3 calls safe."""

import re

from standins.supabase.storage.errors import StorageError

CHARACTERS = r"A-Za-z0-9_!\-.*'() &$@=;:+,?"
BUCKET = re.compile(rf"[{CHARACTERS}]{{1,100}}")
OBJECT = re.compile(rf"[{CHARACTERS}/]{{1,1024}}")


def valid_bucket(name: str) -> str:
    """``name`` itself; raises StorageError for one that no bucket can have."""
    if not BUCKET.fullmatch(name) or name != name.strip() or name in (".", ".."):
        raise StorageError(400, "Invalid Input", "Bucket name invalid")
    return name


def valid_object(name: str) -> str:
    """``name`` itself; raises StorageError for one that no object can have."""
    if not OBJECT.fullmatch(name) or {".", ".."} & set(name.split("/")):
        raise StorageError(400, "InvalidKey", "Invalid key")
    return name
