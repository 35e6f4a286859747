"""The WSGI application; a server is production unless LINGUAFLEX_ENV says otherwise."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("LINGUAFLEX_ENV", "production")
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "linguaflex.settings")

application = get_wsgi_application()
