"""The file with the keys of a data directory. Several processes may read it and change it."""

import json
import os
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec

from standins import locks
from standins.supabase import keys
from standins.supabase.keys import Keys

FILE_NAME = "supabase-keys.json"


class InvalidKeyFile(Exception):
    """The file contains no valid keys. The message is one sentence with the remedy."""


def load_or_create(directory: Path) -> Keys:
    """The current keys of ``directory``. Creates the directory and the file if missing.

    Raises InvalidKeyFile.
    """
    path = directory / FILE_NAME
    if not path.exists():
        directory.mkdir(parents=True, exist_ok=True)
        with locks.exclusive(directory):
            if not path.exists():
                _write(path, keys.generate())
    return _current(path)


def change(directory: Path, step: Callable[[Keys], Keys]) -> Keys:
    """Applies ``step`` to the keys of ``directory``; stores and returns the result. Raises InvalidKeyFile."""
    load_or_create(directory)
    path = directory / FILE_NAME
    with locks.exclusive(directory):
        changed = step(_current(path))
        _write(path, changed)
    return changed


def _current(path: Path) -> Keys:
    status = path.stat()
    return _read(path, (status.st_ino, status.st_mtime_ns))


@lru_cache
def _read(path: Path, version: object) -> Keys:
    """The keys in the file. ``version`` changes with the file, so that the cache has no outdated keys."""
    try:
        stored = json.loads(path.read_text())
        private_key = serialization.load_pem_private_key(stored["private_key"].encode(), None)
        assert isinstance(private_key, ec.EllipticCurvePrivateKey)
        assert isinstance(private_key.curve, ec.SECP256R1)
        previous = {str(each["kid"]): _public_key(each["public_key"]) for each in stored.get("previous", [])}
        found = Keys(keys.PUBLISHABLE_KEY, stored["secret_key"], stored["kid"], private_key, previous)
        assert found.secret_key.startswith("sb_secret_") and isinstance(found.kid, str)
    except (ValueError, KeyError, TypeError, AttributeError, AssertionError):
        raise InvalidKeyFile(
            f"{path} does not hold valid keys: delete it to get new ones (all users must sign in again)."
        ) from None
    return found


def _public_key(pem: str) -> ec.EllipticCurvePublicKey:
    key = serialization.load_pem_public_key(pem.encode())
    assert isinstance(key, ec.EllipticCurvePublicKey)
    return key


def _write(path: Path, changed: Keys) -> None:
    """Replaces the file atomically, so that a killed process leaves no partial file."""
    pem = changed.private_key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    stored: dict[str, Any] = {
        "secret_key": changed.secret_key,
        "kid": changed.kid,
        "private_key": pem.decode(),
        "previous": [{"kid": kid, "public_key": _public_pem(key)} for kid, key in changed.previous.items()],
    }
    draft = path.with_suffix(".new")
    draft.unlink(missing_ok=True)
    with open(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        json.dump(stored, file, indent=2)
    draft.replace(path)


def _public_pem(key: ec.EllipticCurvePublicKey) -> str:
    encoding, content = serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    return key.public_bytes(encoding, content).decode()
