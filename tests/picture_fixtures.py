"""Picture files, good and hostile, made when asked for; and the files in the stand-in's Storage."""

import io
import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import httpx
import pytest
from PIL import Image

from tests.conftest import Person, Supabase

PICTURE = "/accounts/users/me/profile-picture/"
ORIENTATION, ARTIST = 0x0112, 0x013B
RED, BLUE = (200, 30, 30), (30, 30, 200)


def picture(kind: str = "PNG", size: tuple[int, int] = (60, 40), mode: str = "RGB", **options: Any) -> bytes:
    """A picture, red on its left half and blue on its right."""
    image = Image.new("RGB", size, RED)
    image.paste(BLUE, (size[0] // 2, 0, *size))
    written = io.BytesIO()
    if mode == "I;16":  # a conversion alone would use the lower 8 of the 16 bits
        image = image.convert("L").convert("I").point(lambda grey: grey * 257)
    image.convert(mode).save(written, kind, **options)
    return written.getvalue()


def png_of_size(width: int, height: int) -> bytes:
    """A PNG that claims a size and holds next to nothing."""

    def chunk(name: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    header = struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0)
    pixels = zlib.compress(bytes((width // 8 + 1) * min(height, 1000)))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", pixels) + chunk(b"IEND", b"")


def many_scans(count: int) -> bytes:
    """A progressive JPEG with its last scan repeated."""
    whole = picture("JPEG", progressive=True)
    last = whole.rindex(b"\xff\xda")
    return whole[:-2] + whole[last:-2] * count + whole[-2:]


def moving_gif() -> bytes:
    """Two frames, the first red."""
    written = io.BytesIO()
    first, second = (Image.new("RGB", (30, 30), colour) for colour in (RED, BLUE))
    first.save(written, "GIF", save_all=True, append_images=[second])
    return written.getvalue()


@dataclass(frozen=True)
class Bucket:
    """What is stored, read past all caches."""

    supabase: Supabase

    def sql(self, statement: str) -> list[tuple[Any, ...]]:
        """Runs and commits one statement; the rows, if it has any."""
        connection = self.supabase.connect()
        try:
            with connection, connection.cursor() as cursor:
                cursor.execute(statement)
                return list(cursor.fetchall()) if cursor.description else []
        finally:
            connection.close()

    def names(self) -> list[str]:
        """The files that there are."""
        return [name for (name,) in self.sql("select name from storage.objects order by name")]

    def empty(self) -> None:
        """Removes the bucket with all in it."""
        self.sql("delete from storage.objects; delete from storage.buckets")


@pytest.fixture
def bucket(db: None, supabase: Supabase) -> Iterator[Bucket]:
    """Storage, empty before and after."""
    made = Bucket(supabase)
    made.empty()
    yield made
    made.empty()


def put(person: Person, content: bytes, name: str = "me.png", field: str = "profile_picture") -> Any:
    """Sends a file as a browser's form does."""
    file = io.BytesIO(content)
    file.name = name
    return person.client.put(PICTURE, {field: file}, format="multipart")


def stored(person: Person, content: bytes) -> Image.Image:
    """The picture that everybody sees after ``content`` was sent."""
    answer = put(person, content)
    assert answer.status_code == 200, answer.content
    seen = httpx.get(answer.json()["profile_picture"])
    assert (seen.status_code, seen.headers["content-type"]) == (200, "image/webp")
    return Image.open(io.BytesIO(seen.content))
