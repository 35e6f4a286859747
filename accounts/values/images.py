"""Pictures from strangers, made harmless: decoded within limits, turned upright, written anew.

Only pixels go on. Whatever else the file held - camera, place, thumbnail, text, a second file
glued to it - stays behind.
"""

import io
import threading

from PIL import Image, ImageOps

FORMATS = ("JPEG", "PNG", "WEBP", "GIF")
MOST_BYTES = 5 * 1024 * 1024
MOST_PIXELS = 40_000_000
LONGEST_SIDE = 1024  # pixels
QUALITY = 85  # of 100: no loss that shows at this size
# A progressive JPEG is decoded once more for each of its scans; cameras write about ten.
START_OF_SCAN = b"\xff\xda"
MOST_SCANS = 100

MIME_TYPE = "image/webp"
EXPECTED = "Expected a whole JPEG, PNG, WebP or GIF picture."
TOO_LARGE = f"The picture may have up to {MOST_BYTES // 1024 // 1024} MB."
TOO_MANY_PIXELS = f"The picture may have up to {MOST_PIXELS // 1_000_000} megapixels."
# A picture of a few kilobytes may take hundreds of megabytes while it is decoded: one after the other.
DECODERS = threading.BoundedSemaphore(1)


class NotAPicture(ValueError):
    """The bytes are no picture that we take; the message is a sentence for a person."""


def as_webp(content: bytes) -> bytes:
    """The picture (the first frame of a moving one) as WebP of at most LONGEST_SIDE.

    Raises NotAPicture.
    """
    if len(content) > MOST_BYTES:
        raise NotAPicture(TOO_LARGE)
    try:
        with DECODERS:
            return _reencoded(content)
    except NotAPicture:
        raise
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise NotAPicture(TOO_MANY_PIXELS) from None
    except Exception:
        # Decoders raise whatever a broken file makes them stumble over.
        raise NotAPicture(EXPECTED) from None


def _reencoded(content: bytes) -> bytes:
    with Image.open(io.BytesIO(content), formats=FORMATS) as picture:
        # The header alone has been read: a bomb has not gone off yet.
        if picture.width * picture.height > MOST_PIXELS:
            raise NotAPicture(TOO_MANY_PIXELS)
        if picture.format in ("JPEG", "MPO") and content.count(START_OF_SCAN) > MOST_SCANS:
            raise NotAPicture(EXPECTED)
        picture.draft("RGB", (LONGEST_SIDE, LONGEST_SIDE))  # a large JPEG is decoded smaller
        orientation = picture.getexif().get(0x0112, 1)
        pixels = _in_colour(picture)
        pixels.thumbnail((LONGEST_SIDE, LONGEST_SIDE))
    pixels.info.clear()
    pixels.getexif()[0x0112] = orientation
    written = io.BytesIO()
    ImageOps.exif_transpose(pixels).save(written, "WEBP", quality=QUALITY, exif=b"")
    return written.getvalue()


def _in_colour(picture: Image.Image) -> Image.Image:
    """The pixels as RGB, or RGBA where some are transparent."""
    if picture.mode.startswith("I;16"):
        picture = picture.point(lambda grey: grey / 256)  # 16 bits to the 8 that a conversion keeps
    return picture.convert("RGBA" if picture.has_transparency_data else "RGB")
