"""What objects hold, as files of the data directory.

A file is named by the version of its object, a UUID of ours, never by the object's own name: no
name leads anywhere else. A new version is a new file, and a row refers to it once it is whole; a
crash in between leaves a file that nothing refers to.
"""

import hashlib
import os
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import IO
from uuid import UUID

CHUNK_BYTES = 64 * 1024


@dataclass(frozen=True)
class Files:
    """The files in ``directory``, which is made when needed."""

    directory: Path

    def store(self, version: UUID, source: IO[bytes]) -> str:
        """Writes all of ``source``, to the disk; the MD5 of it in hexadecimal, as S3's ETag is."""
        self.directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        digest = hashlib.md5(usedforsecurity=False)
        with open(os.open(self._path(version), os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            while chunk := source.read(CHUNK_BYTES):
                digest.update(chunk)
                file.write(chunk)
            file.flush()
            os.fsync(file.fileno())
        return digest.hexdigest()

    def copy(self, version: UUID, to: UUID) -> None:
        """Gives another version the same content; raises FileNotFoundError without any."""
        shutil.copyfile(self._path(version), self._path(to))

    def open(self, version: UUID) -> IO[bytes]:
        """The content; it can be read to its end though the version is removed meanwhile.

        Raises FileNotFoundError when somebody emptied the directory.
        """
        return open(self._path(version), "rb")

    def remove(self, version: UUID) -> None:
        """Forgets the content; a second time does nothing."""
        self._path(version).unlink(missing_ok=True)

    def _path(self, version: UUID) -> Path:
        return self.directory / str(version)
