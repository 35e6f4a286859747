"""The accounts app. Steps after ``migrate``: protect tables, Realtime policies, groups of staff."""

import logging
from typing import Any

from django.apps import AppConfig
from django.db import connections
from django.db.models.signals import post_migrate

# Functions that create Realtime policies, and the events that cannot be received without them.
POLICY_FUNCTIONS = {
    "private.admit_chat_members": "chat events",
    "private.admit_people": "feedback events",
}

logger = logging.getLogger(__name__)


class AccountsConfig(AppConfig):
    name = "accounts"
    verbose_name = "LinguaFlex"

    def ready(self) -> None:
        """Registers the system checks, the OpenAPI scheme and the steps after each ``migrate``."""
        from accounts import checks  # noqa: F401 - registers the system checks
        from accounts.rest import openapi  # noqa: F401 - registers the bearer scheme

        post_migrate.connect(protect_tables, sender=self)
        post_migrate.connect(create_realtime_policies, sender=self)
        post_migrate.connect(grant_permissions, sender=self)


def protect_tables(using: str = "default", **kwargs: Any) -> None:
    """Enables row level security on every table, and revokes the privileges of Supabase's API roles.

    Source: migration 0006.
    """
    with connections[using].cursor() as cursor:
        cursor.execute("select to_regprocedure('private.protect_tables()')")
        if cursor.fetchone()[0]:
            cursor.execute("select private.protect_tables()")


def create_realtime_policies(using: str = "default", **kwargs: Any) -> None:
    """Creates the Realtime policies for users' own events, if the ``realtime`` schema exists.

    Never changes an existing policy. Logs a failure, because the database role may lack the privilege;
    the REST API works without the policies.
    """
    with connections[using].cursor() as cursor:
        for function, events in POLICY_FUNCTIONS.items():
            cursor.execute("select to_regprocedure(%s)", [f"{function}()"])
            if cursor.fetchone()[0]:
                cursor.execute(f"select {function}()")
                if reason := cursor.fetchone()[0]:
                    logger.warning("Nobody can receive %s on Realtime: %s", events, reason)


def grant_permissions(app_config: AppConfig, using: str, apps: Any, **kwargs: Any) -> None:
    """Sets the permissions of the groups of staff, unless the tables of groups or of users do not exist."""
    from accounts.services import staff_groups

    if {"auth.group", "accounts.user"} <= {model._meta.label_lower for model in apps.get_models()}:
        staff_groups.grant_permissions(app_config=app_config, using=using, apps=apps)
