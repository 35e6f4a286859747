"""The work that decoding a picture takes, bounded from its bytes before a decoder reads them.

JPEG and PNG allow a small file that occupies a processor for minutes. The work of a GIF or WebP file is
bounded by its pixels and bytes.
"""

import re
import struct

# A multi-scan JPEG is decoded once per scan. Encoders write about ten scans.
MAX_SCANS = 100
MAX_SCANNED_PIXELS = 1_000_000_000  # scans x pixels: 25 scans of 40 megapixels
# Pillow reads the parts before the pixels in Python. A profile of 5 MB has 80 segments.
MAX_SEGMENTS = 500
MAX_PADDING = 64 * 1024  # bytes between segments
MAX_CHUNKS = 20_000  # an encoder with a chunk per row writes as many as the picture has rows
# The filters of a PNG take up to 18 ns for each byte of the decompressed rows.
MAX_PNG_BYTES = 80_000_000

# A JPEG marker with its length, except for those of PLAIN. ITU T.81, table B.1.
MARKER = re.compile(rb"\xff[^\x00\xff]")
PLAIN = frozenset((*range(0xD0, 0xDA), 0xC8, *range(0xF0, 0xFE)))
# Frames: baseline, extended and progressive. Browsers decode no others, such as arithmetic coding.
FRAMES, PROGRESSIVE = frozenset((0xC0, 0xC1, 0xC2)), 0xC2
OTHER_FRAMES = frozenset(range(0xC3, 0xD0)) - {0xC4, 0xC8, 0xCC}
START_OF_SCAN = b"\xff\xda"

PNG = b"\x89PNG\r\n\x1a\n"
SAMPLES = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}  # PNG colour type -> samples of a pixel


class TooMuchWork(ValueError):
    """The file is malformed, or takes more work than pictures of cameras and programs."""


def check_structure(content: bytes) -> int:
    """Checks the parts of a file. Returns how many scans a decoder reads; 1 except for a multi-scan JPEG.

    Raises TooMuchWork.
    """
    if content.startswith(PNG):
        _check_png(content)
    elif content.startswith(b"\xff\xd8"):
        return _scans_of_jpeg(content)
    return 1


def check_pixels(content: bytes, scans: int, width: int, height: int) -> None:
    """Raises TooMuchWork if a decoder would read too many pixels, with the scans of check_structure."""
    if scans > MAX_SCANS or scans * width * height > MAX_SCANNED_PIXELS:
        raise TooMuchWork
    if content.startswith(PNG):
        depth, colour = content[24:26]
        if height * (width * depth * SAMPLES[colour] // 8 + 1) > MAX_PNG_BYTES:
            raise TooMuchWork


def _scans_of_jpeg(content: bytes) -> int:
    """Walks through the segments before the first scan, as Pillow and libjpeg do."""
    position = 2
    padding = components = 0
    progressive = False
    for _ in range(MAX_SEGMENTS):
        found = MARKER.search(content, position)
        if found is None:
            return 1  # truncated: Pillow refuses it
        padding += found.start() - position
        code, position = content[found.end() - 1], found.end()
        if code in OTHER_FRAMES or padding > MAX_PADDING:
            break
        if code in PLAIN:
            continue
        segment = content[position : position + max(2, int.from_bytes(content[position : position + 2]))]
        if code in FRAMES:
            components, progressive = segment[7], progressive or code == PROGRESSIVE
        if content.startswith(START_OF_SCAN, found.start()):
            is_single = not progressive and segment[2] == components
            return 1 if is_single else content.count(START_OF_SCAN)
        position += len(segment)
    raise TooMuchWork


def _check_png(content: bytes) -> None:
    """Walks through the chunks. Pillow also reads an IHDR after others, which check_pixels does not see."""
    position, profiles = len(PNG), 0
    for _ in range(MAX_CHUNKS):
        if position + 8 > len(content):
            return  # truncated: Pillow refuses it
        size, name = struct.unpack_from(">I4s", content, position)
        profiles += name == b"iCCP"
        is_first = position == len(PNG)
        if profiles > 1 or (name == b"IHDR") != is_first:
            break
        if name == b"IEND":
            return
        position += 12 + size
    raise TooMuchWork
