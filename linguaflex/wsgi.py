"""The WSGI application; a server is production unless LINGUAFLEX_ENV says otherwise."""

import os

from django.core.wsgi import get_wsgi_application

if not os.environ.get("LINGUAFLEX_ENV", "").strip():  # an empty variable counts as unset
    os.environ["LINGUAFLEX_ENV"] = "production"
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "linguaflex.settings")

application = get_wsgi_application()
