"""The ASGI application; a server is production unless LINGUAFLEX_ENV says otherwise."""

import os

from django.core.asgi import get_asgi_application

if not os.environ.get("LINGUAFLEX_ENV", "").strip():  # an empty variable counts as unset
    os.environ["LINGUAFLEX_ENV"] = "production"
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "linguaflex.settings")

application = get_asgi_application()
