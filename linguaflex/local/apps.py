"""Creates Supabase's schemas before Django's migrations, which expect them."""

from typing import Any

from django.apps import AppConfig, apps
from django.conf import settings
from django.db import connections
from django.db.models.signals import pre_migrate


class LocalConfig(AppConfig):
    name = "linguaflex.local"
    label = "local"

    def ready(self) -> None:
        """Connects ``install_supabase`` to ``pre_migrate`` of ``accounts``: Django sends no signal for an app
        without models, such as this one.
        """
        if settings.SUPABASE_STAND_IN:
            pre_migrate.connect(install_supabase, sender=apps.get_app_config("accounts"))


def install_supabase(using: str = "default", **kwargs: Any) -> None:
    """Creates the stand-in's schemas and roles."""
    from standins.supabase import schema

    with connections[using].cursor() as cursor:
        schema.install(cursor)
