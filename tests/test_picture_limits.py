"""The limits of the work that a picture takes, each at its last accepted and its first refused value."""

from __future__ import annotations

import struct
from collections.abc import Callable

import pytest

from accounts.values.picture_work import TooMuchWork, check_pixels, check_structure
from tests.fixtures.costly_pictures import chunk, segment

COMMENT = segment(0xFE)
SIGNATURE, HEAD = b"\x89PNG\r\n\x1a\n", chunk(b"IHDR", bytes(13))
PNG = SIGNATURE + HEAD
TEXT, PROFILE, END = chunk(b"tEXt"), chunk(b"iCCP"), chunk(b"IEND")


def frame(marker: int = 0xC0, components: int = 3) -> bytes:
    return segment(marker, struct.pack(">BHHB", 8, 16, 16, components))


def scan(components: int = 3) -> bytes:
    return segment(0xDA, bytes([components]))


def jpeg(*parts: bytes) -> bytes:
    return b"\xff\xd8" + b"".join(parts)


def refused(content: bytes) -> bool:
    """Whether the structure is refused; an accepted one has one scan."""
    try:
        return check_structure(content) != 1
    except TooMuchWork:
        return True


@pytest.mark.parametrize(
    ("content", "scans"),
    [
        (jpeg(frame(), scan(3), b"x", scan(3)), 1),  # the decoder stops after a scan of all components
        (jpeg(frame(0xC1, 1), scan(1), scan(1)), 1),
        (jpeg(frame(), scan(1), scan(1), scan(1)), 3),
        (jpeg(frame(), scan(2), scan(1)), 2),
        (jpeg(frame(0xC2), scan(3), scan(1)), 2),  # progressive
        (jpeg(frame(0xC2), frame(), scan(3), scan(3)), 2),
        (jpeg(frame(), COMMENT, b"\xff\xd0\xff\xc8\xff\xd9\xff\xf0\xff\xfd", scan(1), scan(1)), 2),
        (jpeg(frame(), segment(0xFE, scan(3)), scan(1), scan(1)), 3),  # a scan within a comment is counted
        (jpeg(frame(), b"\xff\x00\xff\xff", scan(1), scan(1)), 2),
        (jpeg(frame(0xC2), COMMENT), 1),  # truncated
        (b"GIF89a" + scan(1) * 3, 1),
        (b"", 1),
    ],
)
def test_the_scans_of_a_jpeg_are_counted_if_it_has_several(content: bytes, scans: int) -> None:
    assert check_structure(content) == scans


@pytest.mark.parametrize("marker", [0xC3, 0xC5, 0xC6, 0xC7, 0xC9, 0xCA, 0xCB, 0xCD, 0xCE, 0xCF])
def test_frames_that_browsers_do_not_decode_are_refused(marker: int) -> None:
    assert refused(jpeg(frame(marker), scan()))
    assert not refused(jpeg(frame(), *(segment(other) for other in (0xC4, 0xCC)), scan()))


@pytest.mark.parametrize(
    ("make", "limit"),
    [
        (lambda count: jpeg(frame(), COMMENT * (count - 2), scan()), 500),
        (lambda count: jpeg(b"\0" * (count - 9), frame(), b"\xff" * 9, scan()), 64 * 1024),
        (lambda count: PNG + TEXT * (count - 2) + END, 20_000),
        (lambda count: PNG + PROFILE * count + END, 1),
    ],
    ids=["segments", "padding", "chunks", "profiles"],
)
def test_the_parts_before_the_pixels_are_limited(make: Callable[[int], bytes], limit: int) -> None:
    assert not refused(make(limit))
    assert refused(make(limit + 1))


def test_what_follows_the_end_of_a_png_is_not_read() -> None:
    assert not refused(PNG + END + TEXT * 30_000)
    assert not refused(PNG + PROFILE + TEXT[:7])


@pytest.mark.parametrize(
    "content", [SIGNATURE + TEXT + HEAD + END, PNG + HEAD + END, PNG + TEXT + HEAD + END]
)
def test_a_png_has_one_head_at_its_start(content: bytes) -> None:
    assert refused(content)


@pytest.mark.parametrize(
    ("scans", "width", "height", "accepted"),
    [
        (100, 1, 1, True),
        (101, 1, 1, False),
        (25, 8_000, 5_000, True),
        (25, 8_000, 5_001, False),
        (1, 8_000, 125_001, False),
    ],
)
def test_scans_and_scanned_pixels_are_limited(scans: int, width: int, height: int, accepted: bool) -> None:
    assert decoded(b"\xff\xd8", scans, width, height) == accepted


@pytest.mark.parametrize(
    ("width", "depth", "colour", "row"),  # a row begins with the byte of its filter
    [
        *((800, 1, 0, 101), (799, 8, 0, 800), (799, 8, 2, 2398), (799, 16, 2, 4795)),
        *((799, 8, 3, 800), (799, 8, 4, 1599), (799, 16, 6, 6393)),
    ],
)
def test_the_bytes_of_a_png_are_limited(width: int, depth: int, colour: int, row: int) -> None:
    head = SIGNATURE + chunk(b"IHDR", struct.pack(">IIBBBBB", width, 1, depth, colour, 0, 0, 0))
    rows = 80_000_000 // row
    assert decoded(head, 1, width, rows)
    assert not decoded(head, 1, width, rows + 1)


def decoded(content: bytes, scans: int, width: int, height: int) -> bool:
    """Whether the pixels are accepted."""
    try:
        check_pixels(content, scans, width, height)
    except TooMuchWork:
        return False
    return True
