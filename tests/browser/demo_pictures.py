"""The pictures of README.md and docs/DEMO.md, of the demo data. No test run collects this file by itself.

LINGUAFLEX_PICTURES=docs/images/demo python -m pytest -n 0 -m slow tests/browser/demo_pictures.py

Fonts with Chinese and Japanese must be installed, such as Debian's fonts-droid-fallback.
"""

from __future__ import annotations

import io
import os
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from accounts.models import User
from tests.fixtures.demo_app import Window, new_window
from tests.fixtures.demo_screens import ANA, KENJI, ids_of
from tests.fixtures.voice_page import begin, open_window, say

pytestmark = pytest.mark.django_db(transaction=True)

LAPTOP, PHONE = {"width": 1280, "height": 860}, {"width": 390, "height": 780}
MAX_BYTES = 120 * 1024


def save(window: Window, name: str) -> None:
    """Saves a picture of the window, with few colours."""
    window.settle()
    window.page.wait_for_timeout(700)  # charts and pictures of people are drawn
    picture = Image.open(io.BytesIO(window.page.screenshot())).convert("RGB")
    path = Path(os.environ["LINGUAFLEX_PICTURES"]) / f"{name}.png"
    picture.quantize(96, dither=Image.Dither.NONE).save(path, optimize=True)
    assert path.stat().st_size <= MAX_BYTES, path


@pytest.fixture
def screens(demo_url: str) -> dict[str, str]:
    """The paths of Kenji's screens by the names of their pictures."""
    ids = ids_of(User.objects.get(email=KENJI))
    return {"home": "/", "conversation": f"/conversation/{ids['commented']}", "review": "/review"}


@pytest.mark.usefixtures("simulator", "worker")
def test_pictures(demo_url: str, screens: dict[str, str], demo_browser: Any) -> None:
    for name in ("home", "conversation"):
        save(new_window(demo_browser, demo_url, viewport=LAPTOP).sign_in(KENJI, screens[name]), name)
    for name in ("conversation", "review"):
        window = new_window(demo_browser, demo_url, viewport=PHONE, color_scheme="dark")
        save(window.sign_in(KENJI, screens[name]), f"{name}-phone")
    practice = open_window(demo_browser, f"{demo_url}/demo/", ANA)
    practice.page.set_viewport_size(PHONE)
    begin(practice.page, "At the market")
    say(practice.page, "Quiero dos kilos de tomates, por favor.")
    save(practice, "practice-phone")
