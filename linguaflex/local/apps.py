"""The local default: Supabase's schemas are there before Django's migrations, as on Supabase."""

from typing import Any

from django.apps import AppConfig, apps
from django.conf import settings
from django.db import connections
from django.db.models.signals import pre_migrate


class LocalConfig(AppConfig):
    name = "linguaflex.local"
    label = "local"

    def ready(self) -> None:
        """Subscribes to the beginning of migrations; only an app with models hears of it."""
        if settings.SUPABASE_STAND_IN:
            pre_migrate.connect(install_supabase, sender=apps.get_app_config("accounts"))


def install_supabase(using: str = "default", **kwargs: Any) -> None:
    """Makes the stand-in's schemas and roles."""
    from standins.supabase import schema

    with connections[using].cursor() as cursor:
        schema.install(cursor)
