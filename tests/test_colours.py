"""A picture keeps its colours when its profile is removed."""

import io
from typing import Any

import pytest
from PIL import Image, ImageCms

from accounts.values.images import as_webp
from tests.fixtures.colour_profiles import (
    ADOBE_RGB,
    DISPLAY_P3,
    cmyk_profile,
    grey_profile,
    rgb_profile,
)

P3 = rgb_profile(DISPLAY_P3, 2.2)
# XYZ under D50 to linear sRGB (Lindbloom, "RGB/XYZ Matrices", Bradford).
XYZ_TO_SRGB = (
    (3.1341359, -1.6173863, -0.4906619),
    (-0.9787955, 1.9162544, 0.0334428),
    (0.0719554, -0.2289769, 1.4053860),
)
RED = (200, 100, 100)


def stored(mode: str, colour: Any, kind: str, profile: bytes | None, **options: Any) -> Any:
    """The pixel that is stored for a picture of one colour, by way of the whole conversion."""
    written = io.BytesIO()
    image = Image.new("RGB", (64, 64), colour) if mode == "P" else Image.new(mode, (64, 64), colour)
    image = image.quantize(4) if mode == "P" else image
    image.save(written, kind, icc_profile=profile, **options)
    with Image.open(io.BytesIO(as_webp(written.getvalue()))) as seen:
        assert "icc_profile" not in seen.info
        return seen.getpixel((30, 30))


def near(pixel: Any, colour: tuple[int, ...], within: int = 4) -> bool:
    """Whether the pixel has the colour, within the losses of JPEG and WebP."""
    return all(abs(have - want) <= within for have, want in zip(pixel, colour, strict=True))


def expected(sent: tuple[int, ...], columns: Any, gamma: float = 2.2) -> tuple[int, ...]:
    """The sRGB colour by the formulas of CSS Color 4, section 10; colours beyond sRGB are clipped."""
    light = [(value / 255) ** gamma for value in sent]
    xyz = [sum(column[i] * part for column, part in zip(columns, light, strict=True)) for i in range(3)]
    linear = [sum(factor * part for factor, part in zip(row, xyz, strict=True)) for row in XYZ_TO_SRGB]
    return tuple(round(255 * encoded(min(max(value, 0), 1))) for value in linear)


def encoded(value: float) -> float:
    """The transfer function of sRGB."""
    return 12.92 * value if value <= 0.0031308 else 1.055 * value ** (1 / 2.4) - 0.055


@pytest.mark.parametrize("columns", [DISPLAY_P3, ADOBE_RGB])
@pytest.mark.parametrize("sent", [RED, (100, 180, 100), (60, 60, 160), (128, 128, 128), (0, 255, 0)])
@pytest.mark.parametrize(("kind", "mode"), [("JPEG", "RGB"), ("PNG", "RGB"), ("WEBP", "RGB"), ("PNG", "P")])
def test_colours_of_a_wide_profile_are_converted(
    kind: str, mode: str, columns: Any, sent: tuple[int, ...]
) -> None:
    assert near(stored(mode, sent, kind, rgb_profile(columns, 2.2)), expected(sent, columns), 8)


def test_a_wide_profile_changes_a_colour_visibly() -> None:
    assert near(stored("RGB", RED, "PNG", None), RED)
    for columns in (DISPLAY_P3, ADOBE_RGB):
        assert expected(RED, columns)[0] - RED[0] > 10


def test_transparency_is_kept() -> None:
    assert near(stored("RGBA", (*RED, 120), "PNG", P3), (*expected(RED, DISPLAY_P3), 120))
    assert near(stored("LA", (100, 120), "PNG", grey_profile(1.0)), (167, 167, 167, 120))


@pytest.mark.parametrize(("kind", "mode"), [("JPEG", "L"), ("PNG", "L"), ("PNG", "I;16")])
def test_grey_with_a_profile_is_converted(kind: str, mode: str) -> None:
    sent = 100 * 257 if mode == "I;16" else 100
    assert near(stored(mode, sent, kind, grey_profile(1.0)), (167, 167, 167))
    assert near(stored(mode, sent, kind, None), (100, 100, 100))


def test_grey_with_a_profile_for_colours_is_converted() -> None:
    linear = rgb_profile(DISPLAY_P3, 1.0)
    assert near(stored("L", 100, "JPEG", linear), (167, 167, 167))


def test_cmyk_with_a_profile_is_converted() -> None:
    cyan = (255, 0, 0, 0)
    plain = stored("CMYK", cyan, "JPEG", None)
    converted = stored("CMYK", cyan, "JPEG", cmyk_profile())
    assert near(plain, (0, 255, 255), 8)
    assert converted[0] < 90 and converted[1] > converted[2] and converted[2] < 120
    assert near(stored("CMYK", (0, 0, 0, 0), "JPEG", cmyk_profile()), (255, 255, 255))


@pytest.mark.parametrize(
    ("mode", "profile"),
    [
        ("RGB", b"no profile" * 30),
        ("RGB", P3[:200]),
        ("RGB", P3[:128]),
        ("RGB", P3[:132] + bytes(len(P3) - 132)),
        ("RGB", b"\xff" * len(P3)),
        ("RGB", grey_profile(1.0)),
        ("RGB", cmyk_profile()),
        ("CMYK", P3),
        ("L", cmyk_profile()),
        ("L", b"x"),
    ],
)
def test_a_profile_that_is_broken_or_of_other_colours_is_ignored(mode: str, profile: bytes) -> None:
    colour = {"RGB": RED, "CMYK": (55, 155, 155, 0), "L": 100}[mode]
    assert near(stored(mode, colour, "JPEG", profile), stored(mode, colour, "JPEG", None), 0)


def test_srgb_changes_nothing() -> None:
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    assert near(stored("RGB", RED, "PNG", profile), stored("RGB", RED, "PNG", None), 2)
