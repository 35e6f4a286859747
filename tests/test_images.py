"""Pictures decoded and encoded again: upright, small, and without anything but pixels."""

import io
from typing import Any

import pytest
from PIL import Image

from accounts.values import images

CORNERS = ((255, 0, 0), (0, 255, 0), (0, 0, 255), (255, 255, 255))  # from the top left, clockwise
# Exif orientation -> the corners of the upright picture, as numbers of those stored (TIFF 6.0, page 36).
UPRIGHT = {1: "0123", 2: "1032", 3: "2301", 4: "3210", 5: "0321", 6: "3012", 7: "2103", 8: "1230"}


def written(image: Image.Image, kind: str = "PNG", **options: Any) -> bytes:
    file = io.BytesIO()
    image.save(file, kind, **options)
    return file.getvalue()


def shown(content: bytes) -> Image.Image:
    """The picture that is stored for a file."""
    found = Image.open(io.BytesIO(images.as_webp(content)))
    assert found.get_format_mimetype() == images.MIME_TYPE == "image/webp"
    return found


@pytest.mark.parametrize("orientation", [None, *UPRIGHT, 9])
def test_a_picture_is_upright_and_has_no_metadata(orientation: int | None) -> None:
    image = Image.new("RGB", (64, 32))
    for corner, place in zip(CORNERS, ((0, 0), (32, 0), (32, 16), (0, 16)), strict=True):
        image.paste(corner, (*place, place[0] + 32, place[1] + 16))
    exif = Image.Exif()
    exif[0x010F] = "Camera"
    exif.get_ifd(0x8825)[1] = "N"  # a place
    if orientation is not None:
        exif[0x0112] = orientation
    found = shown(written(image, "JPEG", quality=95, exif=exif, comment=b"private"))
    width, height = found.size
    assert found.size == ((32, 64) if orientation in (5, 6, 7, 8) else (64, 32))
    assert not found.getexif() and set(found.info) <= {"loop", "background", "timestamp", "duration"}
    places = ((8, 8), (width - 8, 8), (width - 8, height - 8), (8, height - 8))
    for corner, place in zip(UPRIGHT.get(orientation or 1, "0123"), places, strict=True):
        have: Any = found.convert("RGB").getpixel(place)
        assert all(abs(a - b) < 60 for a, b in zip(have, CORNERS[int(corner)], strict=True)), corner


@pytest.mark.parametrize(
    ("size", "stored"),
    [((1024, 1), (1024, 1)), ((1025, 1025), (1024, 1024)), ((4096, 1024), (1024, 256)), ((3, 2), (3, 2))],
)
@pytest.mark.parametrize("kind", ["JPEG", "PNG"])
def test_the_longer_side_has_at_most_1024_pixels(
    kind: str, size: tuple[int, int], stored: tuple[int, int]
) -> None:
    assert shown(written(Image.new("RGB", size), kind)).size == stored


def test_a_file_has_at_most_five_megabytes() -> None:
    whole = written(Image.new("RGB", (9, 9)))
    padded = whole + bytes(5 * 1024 * 1024 - len(whole))
    assert shown(padded).size == (9, 9)
    with pytest.raises(images.NotAPicture, match="up to 5 MB"):
        images.as_webp(padded + b"\0")


@pytest.mark.parametrize(("size", "fits"), [((8_000, 5_000), True), ((8_001, 5_000), False)])
def test_a_picture_has_at_most_forty_megapixels(size: tuple[int, int], fits: bool) -> None:
    content = written(Image.new("1", size))
    if fits:
        assert shown(content).size == (1024, 640)
    else:
        with pytest.raises(images.NotAPicture, match="up to 40 megapixels"):
            images.as_webp(content)


@pytest.mark.parametrize(("size", "fits"), [((4096, 4096), True), ((4097, 4096), False)])
def test_a_webp_picture_has_at_most_sixteen_megapixels(size: tuple[int, int], fits: bool) -> None:
    content = written(Image.new("RGB", size), "WEBP")
    if fits:
        assert shown(content).size == (1024, 1024)
    else:
        with pytest.raises(images.NotAPicture, match="up to 16 megapixels"):
            images.as_webp(content)


@pytest.mark.parametrize(
    ("mode", "colour", "stored"),
    [("L", 90, "RGB"), ("RGB", (9, 9, 9), "RGB"), ("RGBA", (9, 9, 9, 99), "RGBA"), ("LA", (90, 99), "RGBA")],
)
def test_only_a_transparent_picture_has_transparency(mode: str, colour: Any, stored: str) -> None:
    assert shown(written(Image.new(mode, (9, 9), colour))).mode == stored
