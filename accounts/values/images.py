"""Untrusted pictures: decoded within limits, rotated upright, and encoded again as WebP in sRGB.

Only the pixels are kept. Metadata (camera, location, thumbnail, text) and appended files are removed.
"""

import io
import threading
import warnings

from PIL import Image, ImageOps

from accounts.values import colours, picture_work

FORMATS = ("JPEG", "PNG", "WEBP", "GIF")
MAX_BYTES = 5 * 1024 * 1024
MAX_PIXELS = 40_000_000
MAX_WEBP_PIXELS = 4096 * 4096  # its decoder takes about 20 bytes for each
MAX_SIDE = 1024  # pixels
QUALITY = 85  # of 100; no visible loss at this size

MIME_TYPE = "image/webp"
EXPECTED = "Expected a whole JPEG, PNG, WebP or GIF picture."
TOO_LARGE = f"The picture may have up to {MAX_BYTES // 1024 // 1024} MB."
TOO_MUCH_WORK = "This file takes too long to decode. Save the picture again as JPEG, in a smaller size."
TOO_MANY_PIXELS = f"The picture may have up to {MAX_PIXELS // 1_000_000} megapixels."
TOO_MANY_WEBP_PIXELS = (
    f"A WebP picture may have up to {MAX_WEBP_PIXELS // 1_000_000} megapixels."
    " Save it as JPEG, or in a smaller size."
)
# Decoding a picture of a few kilobytes may take hundreds of megabytes of memory: one at a time.
DECODERS = threading.BoundedSemaphore(1)
MAX_WAIT = 2.0  # seconds; about as long as the slowest picture takes
# Pillow warns of each malformed Exif tag: a file could fill the log with 65,535 lines.
warnings.filterwarnings("ignore", module=r"PIL\.TiffImagePlugin")


class DecoderBusy(Exception):
    """Other pictures have occupied the decoder for MAX_WAIT."""


class NotAPicture(ValueError):
    """The bytes are not an accepted picture. The message is a sentence for users."""


def as_webp(content: bytes) -> bytes:
    """The picture as WebP, each side at most MAX_SIDE pixels. An animation becomes its first frame.

    Raises NotAPicture, or DecoderBusy.
    """
    if len(content) > MAX_BYTES:
        raise NotAPicture(TOO_LARGE)
    if not DECODERS.acquire(timeout=MAX_WAIT):
        raise DecoderBusy
    try:
        return _reencoded(content)
    except NotAPicture:
        raise
    except picture_work.TooMuchWork:
        raise NotAPicture(TOO_MUCH_WORK) from None
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise NotAPicture(TOO_MANY_PIXELS) from None
    except Exception:
        # Decoders raise many kinds of exceptions for a broken file.
        raise NotAPicture(EXPECTED) from None
    finally:
        DECODERS.release()


def _reencoded(content: bytes) -> bytes:
    scans = picture_work.check_structure(content)
    with Image.open(io.BytesIO(content), formats=FORMATS) as picture:
        # Only the header is read at this point, so a decompression bomb costs nothing yet.
        if picture.width * picture.height > MAX_PIXELS:
            raise NotAPicture(TOO_MANY_PIXELS)
        if picture.format == "WEBP" and picture.width * picture.height > MAX_WEBP_PIXELS:
            raise NotAPicture(TOO_MANY_WEBP_PIXELS)
        picture_work.check_pixels(content, scans, picture.width, picture.height)
        picture.draft("RGB", (MAX_SIDE, MAX_SIDE))  # decodes a large JPEG at a smaller scale
        orientation = picture.getexif().get(0x0112, 1)
        profile = picture.info.get("icc_profile")
        pixels = colours.without_palette(picture)
        pixels.thumbnail((MAX_SIDE, MAX_SIDE))
    pixels = colours.as_srgb(pixels, profile)
    pixels.info.clear()
    pixels.getexif()[0x0112] = orientation
    written = io.BytesIO()
    ImageOps.exif_transpose(pixels).save(written, "WEBP", quality=QUALITY, exif=b"")
    return written.getvalue()
