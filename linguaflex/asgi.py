"""The ASGI application. The environment is ``production`` unless LINGUAFLEX_ENV is set."""

import os

import django

if not os.environ.get("LINGUAFLEX_ENV", "").strip():  # an empty variable counts as unset
    os.environ["LINGUAFLEX_ENV"] = "production"
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "linguaflex.settings")

django.setup(set_prefix=False)

from linguaflex import startup  # noqa: E402 - needs the settings
from linguaflex.handlers import AsyncWebHandler  # noqa: E402

application = AsyncWebHandler()
startup.load()
