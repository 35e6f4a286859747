"""The accounts app: after each migration it protects the tables from Supabase's Data API."""

from typing import Any

from django.apps import AppConfig
from django.db import connections
from django.db.models.signals import post_migrate


class AccountsConfig(AppConfig):
    name = "accounts"
    verbose_name = "LinguaFlex"

    def ready(self) -> None:
        """Subscribes to the end of migrations."""
        from accounts import schema  # noqa: F401 - registers itself with drf-spectacular

        post_migrate.connect(protect_tables, sender=self)


def protect_tables(using: str = "default", **kwargs: Any) -> None:
    """Row level security on and API roles out, on every table of ours: see migration 0006."""
    with connections[using].cursor() as cursor:
        cursor.execute("select to_regprocedure('private.protect_tables()')")
        if cursor.fetchone()[0]:
            cursor.execute("select private.protect_tables()")
