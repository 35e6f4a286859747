"""Profile pictures of the demo teachers: initials on a background colour derived from the name."""

import colorsys
import io
import zlib

from PIL import Image, ImageDraw, ImageFont

from accounts.management import progress
from accounts.models import User
from accounts.services import profile_pictures
from linguaflex.local.demo.teachers import TEACHERS

SIDE = 256  # pixels


def add_pictures() -> None:
    """Uploads a picture for each demo teacher without one. The stand-in's Storage must be running."""
    emails = [teacher.email for teacher in TEACHERS]
    missing = list(User.objects.filter(email__in=emails, profile_picture=""))
    for user in progress.shown(missing, "Demo pictures"):
        profile_pictures.set_picture(user=user, content=picture_of(user.name))


def picture_of(name: str) -> bytes:
    """A PNG of SIDE x SIDE pixels. Equal names have equal pictures."""
    hue = zlib.crc32(name.encode()) % 360 / 360
    red, green, blue = (round(255 * part) for part in colorsys.hls_to_rgb(hue, 0.4, 0.5))
    image = Image.new("RGB", (SIDE, SIDE), (red, green, blue))
    initials = "".join(word[0] for word in name.split()[:2])
    middle = (SIDE / 2, SIDE / 2)
    font = ImageFont.load_default(SIDE * 0.4)
    ImageDraw.Draw(image).text(middle, initials, "white", font, anchor="mm")
    content = io.BytesIO()
    image.save(content, "PNG")
    return content.getvalue()
