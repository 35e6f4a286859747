"""The accounts app: after each migration it protects the tables from Supabase's Data API."""

import logging
from typing import Any

from django.apps import AppConfig
from django.db import connections
from django.db.models.signals import post_migrate

logger = logging.getLogger(__name__)


class AccountsConfig(AppConfig):
    name = "accounts"
    verbose_name = "LinguaFlex"

    def ready(self) -> None:
        """Subscribes to the end of migrations."""
        from accounts import checks, schema  # noqa: F401 - they register themselves

        post_migrate.connect(protect_tables, sender=self)
        post_migrate.connect(admit_chat_members, sender=self)


def protect_tables(using: str = "default", **kwargs: Any) -> None:
    """Row level security on and API roles out, on every table of ours: see migration 0006."""
    with connections[using].cursor() as cursor:
        cursor.execute("select to_regprocedure('private.protect_tables()')")
        if cursor.fetchone()[0]:
            cursor.execute("select private.protect_tables()")


def admit_chat_members(using: str = "default", **kwargs: Any) -> None:
    """Lets the two people of a chat hear it on Realtime, where that is: see migration 0012."""
    with connections[using].cursor() as cursor:
        cursor.execute("select to_regprocedure('private.admit_chat_members()')")
        if cursor.fetchone()[0]:
            cursor.execute("select private.admit_chat_members()")
            if reason := cursor.fetchone()[0]:
                logger.warning("Nobody can hear chats on Realtime: %s", reason)
