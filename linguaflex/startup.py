"""What a worker loads before its first request, so that no request waits for it."""

import gc
from importlib import import_module

from django.conf import settings

from accounts.models import database_waits
from accounts.values import speakers
from accounts.values.languages.index import index as language_index


def load() -> None:
    """Loads the URLs with their views, and the indexes of languages and of speakers; limits waits.

    What is loaded stays. ``gc.freeze`` keeps the garbage collector from visiting it, so that workers which
    gunicorn forks afterwards (--preload) share its memory.
    """
    database_waits.limit(settings.DATABASE_TIMEOUT)
    import_module(settings.ROOT_URLCONF)
    language_index()
    speakers.index()
    gc.collect()
    gc.freeze()
