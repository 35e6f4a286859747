"""The profile picture: upload, conversion, replacement, removal, and refused files."""

import io
from typing import Any

import httpx
import pytest
from django.conf import settings
from PIL import Image

from accounts.models import User
from accounts.values import images
from tests.fixtures.jobs import run_jobs
from tests.fixtures.people import Person
from tests.fixtures.pictures import (
    ARTIST,
    BLUE,
    ORIENTATION,
    PICTURE,
    RED,
    Bucket,
    many_scans,
    moving_gif,
    picture,
    png_of_size,
    put,
    stored,
)

ME = "/accounts/users/me/"
SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'


def is_close(pixel: Any, colour: tuple[int, int, int]) -> bool:
    """Whether a pixel has the colour, within the losses of JPEG and WebP."""
    return all(abs(have - want) < 25 for have, want in zip(pixel[:3], colour, strict=True))


def refusal(answer: Any, status: int, word: str) -> None:
    """Asserts that ``profile_picture`` is the only invalid field, with ``word`` in its error message."""
    body = answer.json()
    assert (answer.status_code, list(body["errors"])) == (status, ["profile_picture"]), body
    assert word in body["errors"]["profile_picture"][0]


def test_picture_is_a_public_file_in_the_users_folder(student: Person, bucket: Bucket) -> None:
    assert student.client.get(ME).json()["profile_picture"] is None
    answer = put(student, picture())
    assert answer.status_code == 200
    assert answer.json() == student.client.get(ME).json()
    (name,) = bucket.names()
    assert name.startswith(f"avatars/{student.user.pk}/")
    url = f"{settings.SUPABASE_URL}/storage/v1/object/public/user-uploads/{name}"
    assert answer.json()["profile_picture"] == url
    seen = httpx.get(url)
    assert (seen.status_code, seen.headers["cache-control"]) == (200, "max-age=31536000")


@pytest.mark.slow
@pytest.mark.parametrize(
    ("kind", "mode"),
    [
        *(("JPEG", mode) for mode in ("RGB", "L", "CMYK")),
        *(("PNG", mode) for mode in ("RGB", "RGBA", "P", "L", "LA", "1", "I;16")),
        *(("WEBP", mode) for mode in ("RGB", "RGBA")),
        *(("GIF", mode) for mode in ("P", "L")),
    ],
)
def test_picture_of_every_format_becomes_webp(student: Person, bucket: Bucket, kind: str, mode: str) -> None:
    seen = stored(student, picture(kind, mode=mode))
    assert (seen.format, seen.size) == ("WEBP", (60, 40))
    left, right = (seen.convert("RGB").getpixel((x, 20)) for x in (5, 55))
    if mode in ("RGB", "RGBA", "P", "CMYK"):
        assert is_close(left, RED) and is_close(right, BLUE)
    else:
        assert left[0] > right[0], "the left half stays brighter"


def test_animation_becomes_its_first_frame(student: Person, bucket: Bucket) -> None:
    seen = stored(student, moving_gif())
    assert not getattr(seen, "is_animated", False)
    assert is_close(seen.convert("RGB").getpixel((15, 15)), RED)


def test_transparency_is_kept(student: Person, bucket: Bucket) -> None:
    image = Image.new("RGBA", (20, 20), (0, 0, 0, 0))
    written = io.BytesIO()
    image.save(written, "PNG")
    assert stored(student, written.getvalue()).getpixel((10, 10))[3] == 0


def test_picture_is_rotated_upright_and_loses_its_metadata(student: Person, bucket: Bucket) -> None:
    exif = Image.Exif()
    exif[ORIENTATION], exif[ARTIST] = 6, "Ana of 5 Secret Street"
    exif.get_ifd(0x8825)[2] = (55.0, 36.0, 0.0)  # GPS latitude
    sent = picture("JPEG", (3000, 2000), exif=exif, comment=b"Secret", icc_profile=b"Secret" * 30)
    assert b"Secret Street" in sent
    seen = stored(student, sent)
    assert seen.size == (683, 1024)
    top, bottom = (seen.getpixel((340, y)) for y in (50, 970))
    assert is_close(top, RED) and is_close(bottom, BLUE)
    assert not seen.getexif() and not {"exif", "icc_profile", "xmp", "comment"} & set(seen.info)
    assert b"Secret" not in httpx.get(student.client.get(ME).json()["profile_picture"]).content


@pytest.mark.slow
def test_longest_side_is_limited_and_small_pictures_are_not_enlarged(student: Person, bucket: Bucket) -> None:
    assert stored(student, picture(size=(4000, 100))).size == (1024, 26)
    assert stored(student, picture(size=(1, 1))).size == (1, 1)
    assert stored(student, picture("JPEG", (6300, 6300))).size == (1024, 1024)


REFUSED_FILES = {
    "SVG": (SVG, "JPEG, PNG, WebP or GIF"),
    "text": (b"Just some text.", "JPEG, PNG, WebP or GIF"),
    "BMP": (picture("BMP"), "JPEG, PNG, WebP or GIF"),
    "TIFF": (picture("TIFF"), "JPEG, PNG, WebP or GIF"),
    **{f"truncated {kind}": (picture(kind, (200, 200))[:-60], "whole") for kind in images.FORMATS},
    "head of a PNG": (picture()[:30], "whole"),
    "head of a JPEG": (b"\xff\xd8\xff\xe0", "whole"),
    "41 megapixels": (png_of_size(6400, 6400), "40 megapixels"),
    "144 megapixels": (png_of_size(12_000, 12_000), "40 megapixels"),
    "10 gigapixels": (png_of_size(100_000, 100_000), "40 megapixels"),
    "no pixels": (png_of_size(0, 10), "whole"),
    "5,000 scans": (many_scans(5000), "too long"),
    "over 5 MB": (picture() + bytes(images.MAX_BYTES), "5 MB"),
    "empty": (b"", "empty"),
}


@pytest.mark.parametrize("name", REFUSED_FILES)
def test_refused_file_is_a_400_and_changes_nothing(student: Person, bucket: Bucket, name: str) -> None:
    content, word = REFUSED_FILES[name]
    refusal(put(student, content), 400, word)
    assert student.client.get(ME).json()["profile_picture"] is None
    assert bucket.names() == []


def test_a_few_scans_and_five_megabytes_are_accepted(student: Person, bucket: Bucket) -> None:
    stored(student, many_scans(20))
    whole = picture()
    stored(student, whole + bytes(images.MAX_BYTES - len(whole)))


def test_new_picture_replaces_the_previous_file(student: Person, bucket: Bucket) -> None:
    first = put(student, picture()).json()["profile_picture"]
    second = put(student, picture()).json()["profile_picture"]
    assert first != second
    assert run_jobs() == []
    assert bucket.names() == [User.objects.get(pk=student.user.pk).profile_picture]
    assert httpx.get(first).status_code == 400
    assert httpx.get(second).status_code == 200


def test_removal_is_idempotent_and_keeps_the_pictures_of_others(
    student: Person, stranger: Person, bucket: Bucket
) -> None:
    put(student, picture())
    put(stranger, picture())
    for _ in range(2):
        assert student.client.delete(PICTURE).status_code == 204
        assert student.client.get(ME).json()["profile_picture"] is None
    assert run_jobs() == []
    assert bucket.names() == [User.objects.get(pk=stranger.user.pk).profile_picture]


def test_picture_requires_a_token(anyone: Any, bucket: Bucket) -> None:
    assert (
        anyone.put(PICTURE, {"profile_picture": io.BytesIO(picture())}, format="multipart").status_code == 401
    )
    assert anyone.delete(PICTURE).status_code == 401


def test_body_without_a_file_or_too_large_is_refused(student: Person, bucket: Bucket) -> None:
    refusal(put(student, picture(), field="picture"), 400, "No file")
    refusal(student.client.put(PICTURE, {"profile_picture": "text"}, format="multipart"), 400, "not a file")
    json = student.client.put(PICTURE, {"profile_picture": "text"})
    assert (json.status_code, json.json()["code"]) == (415, "unsupported_media_type")
    large = put(student, picture() + bytes(5 * 1024 * 1024 + 64 * 1024))
    assert (large.status_code, large.json()["code"]) == (413, "payload_too_large")
