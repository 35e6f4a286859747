"""The createsuperuser of the local default: it starts the Supabase stand-in if none is running."""

from typing import Any

from accounts.management.commands import createsuperuser
from linguaflex.local import services


class Command(createsuperuser.Command):
    requires_system_checks = []
    requires_migrations_checks = False

    def handle(self, *args: Any, **options: Any) -> None:
        """Migrates the database, and runs the product's command beside a stand-in."""
        services.prepare_database()
        with services.stand_in_running():
            super().handle(*args, **options)
