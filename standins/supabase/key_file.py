"""The file with the keys of one data directory: created once, shared by processes, rotated by command."""

import fcntl
import json
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec

from standins.supabase import keys
from standins.supabase.keys import Keys, Verifier

FILE_NAME = "supabase-keys.json"


class InvalidKeyFile(Exception):
    """The file exists and holds no usable keys; the message is one sentence with the remedy."""


def load_or_create(directory: Path) -> Keys:
    """The keys of ``directory``, also after another process has changed them.

    Creates the directory and the file if missing. Raises InvalidKeyFile.
    """
    path = directory / FILE_NAME
    if not path.exists():
        directory.mkdir(parents=True, exist_ok=True)
        with _locked(directory):
            if not path.exists():
                _write(path, keys.generate())
    return _current(path)


def change(directory: Path, change: Callable[[Keys], Keys]) -> Keys:
    """Replaces the keys of ``directory`` by the result of ``change`` and returns them."""
    load_or_create(directory)
    path = directory / FILE_NAME
    with _locked(directory):
        changed = change(_current(path))
        _write(path, changed)
    return changed


def _current(path: Path) -> Keys:
    status = path.stat()
    return _read(path, (status.st_ino, status.st_mtime_ns))


@lru_cache
def _read(path: Path, version: object) -> Keys:
    """The keys in the file; ``version`` differs after each change of it."""
    try:
        stored = json.loads(path.read_text())
        private_key = serialization.load_pem_private_key(stored["private_key"].encode(), None)
        assert isinstance(private_key, ec.EllipticCurvePrivateKey)
        assert isinstance(private_key.curve, ec.SECP256R1)
        previous = tuple(_verifier(each) for each in stored.get("previous", []))
        found = Keys(keys.PUBLISHABLE_KEY, stored["secret_key"], stored["kid"], private_key, previous)
        assert found.secret_key.startswith("sb_secret_") and isinstance(found.kid, str)
    except (ValueError, KeyError, TypeError, AttributeError, AssertionError):
        raise InvalidKeyFile(
            f"{path} does not hold valid keys: delete it to get new ones (all users must sign in again)."
        ) from None
    return found


def _verifier(stored: dict[str, str]) -> Verifier:
    public_key = serialization.load_pem_public_key(stored["public_key"].encode())
    assert isinstance(public_key, ec.EllipticCurvePublicKey)
    return Verifier(str(stored["kid"]), public_key)


def _write(path: Path, changed: Keys) -> None:
    """Replaces the file atomically, so that a killed process leaves no partial file."""
    pem = changed.private_key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    stored: dict[str, Any] = {
        "secret_key": changed.secret_key,
        "kid": changed.kid,
        "private_key": pem.decode(),
        "previous": [{"kid": each.kid, "public_key": _public_pem(each)} for each in changed.previous],
    }
    draft = path.with_suffix(".new")
    draft.unlink(missing_ok=True)
    with open(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        json.dump(stored, file, indent=2)
    draft.replace(path)


def _public_pem(verifier: Verifier) -> str:
    return verifier.public_key.public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    ).decode()


@contextmanager
def _locked(directory: Path) -> Iterator[None]:
    """Holds an exclusive lock between processes; the kernel releases it if the process is killed."""
    descriptor = os.open(directory, os.O_RDONLY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)
