"""The WSGI application of the Django peers."""

import os

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "benchmarks.speed.peers.django_peers.settings")

from django.core.wsgi import get_wsgi_application

application = get_wsgi_application()
