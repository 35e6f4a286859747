"""Conversion of pictures to sRGB, which browsers assume for a picture without a profile."""

import io

from PIL import Image, ImageCms

SRGB = ImageCms.createProfile("sRGB")
INTENT = ImageCms.Intent.RELATIVE_COLORIMETRIC
FLAGS = ImageCms.Flags.BLACKPOINTCOMPENSATION
# Colour space in the header of a profile (ICC.1:2022, table 19) -> modes of pictures that it describes.
MODES = {"RGB": ("RGB", "RGBA", "L", "LA"), "GRAY": ("L", "LA"), "CMYK": ("CMYK",)}


def without_palette(picture: Image.Image) -> Image.Image:
    """A copy of the picture in a mode that a profile can describe: L, LA, RGB, RGBA or CMYK."""
    if picture.mode.startswith("I;16"):
        # convert() keeps the lower 8 of 16 bits.
        picture = picture.point(lambda grey: grey / 256).convert("L")
    if picture.mode in ("1", "L", "LA"):
        return picture.convert("LA" if picture.has_transparency_data else "L")
    if picture.mode == "CMYK":
        return picture.convert("CMYK")
    return picture.convert("RGBA" if picture.has_transparency_data else "RGB")


def as_srgb(picture: Image.Image, profile: bytes | None) -> Image.Image:
    """The picture as RGB, or RGBA if it has transparency, with the colours that ``profile`` gives it.

    ``picture`` is a result of without_palette. A profile that is broken, or of another colour space, is
    ignored, as in browsers.
    """
    alpha = picture.getchannel("A") if "A" in picture.getbands() else None
    opaque = _converted(picture, profile) if profile else None
    if opaque is None:
        opaque = picture.convert("RGB")
    if alpha is not None:
        opaque.putalpha(alpha)
    return opaque


def _converted(picture: Image.Image, profile: bytes) -> Image.Image | None:
    """The picture as RGB in sRGB, without transparency; None if the profile cannot be applied."""
    try:
        described = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        space = described.profile.xcolor_space.strip()
        if picture.mode not in MODES.get(space, ()):
            return None
        source = picture.convert({"RGB": "RGB", "GRAY": "L"}.get(space, space))
        return ImageCms.profileToProfile(source, described, SRGB, INTENT, "RGB", flags=FLAGS)
    except (ImageCms.PyCMSError, OSError, ValueError, TypeError):
        return None
