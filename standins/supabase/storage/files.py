"""Contents of objects, as files in the data directory.

The name of a file is the version of its object, a UUID, so no object name can be a path to another file. A
file is written before its row is inserted; a crash in between leaves an unused file.
"""

import hashlib
import os
from dataclasses import dataclass
from pathlib import Path
from typing import IO
from uuid import UUID

CHUNK_BYTES = 64 * 1024


@dataclass(frozen=True)
class Files:
    """The files in ``directory``, which is created at the first upload."""

    directory: Path

    def store(self, version: UUID, source: IO[bytes]) -> str:
        """Writes ``source`` and syncs it to disk; returns its MD5 in hexadecimal, as in S3's ETag."""
        self.directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        digest = hashlib.md5(usedforsecurity=False)
        with open(os.open(self._path(version), os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            while chunk := source.read(CHUNK_BYTES):
                digest.update(chunk)
                file.write(chunk)
            file.flush()
            os.fsync(file.fileno())
        return digest.hexdigest()

    def open(self, version: UUID) -> IO[bytes]:
        """Opens the content. It can be read completely even if it is removed meanwhile.

        Raises FileNotFoundError.
        """
        return open(self._path(version), "rb")

    def remove(self, version: UUID) -> None:
        """Deletes the content; does nothing if it is already deleted."""
        self._path(version).unlink(missing_ok=True)

    def _path(self, version: UUID) -> Path:
        return self.directory / str(version)
