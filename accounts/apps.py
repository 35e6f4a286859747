"""The accounts app: after each migration it protects the tables from Supabase's Data API."""

import logging
from typing import Any

from django.apps import AppConfig
from django.db import connections
from django.db.models.signals import post_migrate

ADMITTING = {"private.admit_chat_members": "chats", "private.admit_people": "news of feedback"}

logger = logging.getLogger(__name__)


class AccountsConfig(AppConfig):
    name = "accounts"
    verbose_name = "LinguaFlex"

    def ready(self) -> None:
        """Subscribes to the end of migrations."""
        from accounts import checks  # noqa: F401 - they register themselves
        from accounts.rest import openapi  # noqa: F401 - they register themselves

        post_migrate.connect(protect_tables, sender=self)
        post_migrate.connect(admit_listeners, sender=self)


def protect_tables(using: str = "default", **kwargs: Any) -> None:
    """Row level security on and API roles out, on every table of ours: see migration 0006."""
    with connections[using].cursor() as cursor:
        cursor.execute("select to_regprocedure('private.protect_tables()')")
        if cursor.fetchone()[0]:
            cursor.execute("select private.protect_tables()")


def admit_listeners(using: str = "default", **kwargs: Any) -> None:
    """Lets people hear on Realtime, where that is, what is theirs: see migrations 0012 and 0016."""
    with connections[using].cursor() as cursor:
        for function, what in ADMITTING.items():
            cursor.execute("select to_regprocedure(%s)", [f"{function}()"])
            if cursor.fetchone()[0]:
                cursor.execute(f"select {function}()")
                if reason := cursor.fetchone()[0]:
                    logger.warning("Nobody can hear %s on Realtime: %s", what, reason)
