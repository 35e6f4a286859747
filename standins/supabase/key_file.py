"""The keys of one data directory: made once, shared by its processes, rotated by command."""

import fcntl
import json
import os
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from django.core.exceptions import ImproperlyConfigured

from standins.supabase import keys
from standins.supabase.keys import Keys, Verifier

FILE_NAME = "supabase-keys.json"


class KeyFile:
    """Reads the keys of a directory, and again once another process has rotated them."""

    def __init__(self, directory: Path) -> None:
        self._path = directory / FILE_NAME
        self._lock = threading.Lock()
        self._version = self._stat()
        self._keys = load_or_create(directory)

    def __call__(self) -> Keys:
        """The keys as they are now; costs one look at the file's date."""
        version = self._stat()
        with self._lock:
            if version is not None and version != self._version:
                self._keys, self._version = _read(self._path), version
            return self._keys

    def _stat(self) -> tuple[int, int] | None:
        """What differs after each change; None when the file is gone: then the known keys stay."""
        try:
            found = self._path.stat()
        except FileNotFoundError:
            return None
        return found.st_ino, found.st_mtime_ns


def load_or_create(directory: Path) -> Keys:
    """The keys of ``directory``, made at the first call; the directory is made if missing.

    Raises ImproperlyConfigured when the file is there but holds no keys.
    """
    directory.mkdir(parents=True, exist_ok=True)
    path = directory / FILE_NAME
    with _locked(directory):
        if not path.exists():
            _write(path, keys.generate())
    return _read(path)


def change(directory: Path, change: Callable[[Keys], Keys]) -> Keys:
    """Replaces the keys of ``directory`` by what ``change`` makes of them."""
    load_or_create(directory)
    path = directory / FILE_NAME
    with _locked(directory):
        changed = change(_read(path))
        _write(path, changed)
    return changed


def _read(path: Path) -> Keys:
    try:
        stored = json.loads(path.read_text())
        private_key = serialization.load_pem_private_key(stored["private_key"].encode(), None)
        assert isinstance(private_key, ec.EllipticCurvePrivateKey)
        assert isinstance(private_key.curve, ec.SECP256R1)
        previous = tuple(_verifier(each) for each in stored.get("previous", []))
        found = Keys(keys.PUBLISHABLE_KEY, stored["secret_key"], stored["kid"], private_key, previous)
        assert found.secret_key.startswith("sb_secret_") and isinstance(found.kid, str)
    except (ValueError, KeyError, TypeError, AttributeError, AssertionError):
        raise ImproperlyConfigured(
            f"{path} does not hold the stand-in's keys: delete it to get new ones"
            " (everybody has to sign in again)."
        ) from None
    return found


def _verifier(stored: dict[str, str]) -> Verifier:
    public_key = serialization.load_pem_public_key(stored["public_key"].encode())
    assert isinstance(public_key, ec.EllipticCurvePublicKey)
    return Verifier(str(stored["kid"]), public_key)


def _write(path: Path, changed: Keys) -> None:
    """Writes whole or not at all: a process killed halfway leaves no broken file."""
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
    """One process at a time; the kernel drops the lock of a killed one."""
    descriptor = os.open(directory, os.O_RDONLY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)
