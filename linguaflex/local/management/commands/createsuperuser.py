"""The local createsuperuser: Supabase's stand-in is there while it runs."""

from typing import Any

from accounts.management.commands import createsuperuser
from linguaflex.local import services


class Command(createsuperuser.Command):
    requires_system_checks = []
    requires_migrations_checks = False

    def handle(self, *args: Any, **options: Any) -> None:
        """Migrates, borrows a running stand-in or serves one, and goes on as elsewhere."""
        services.prepare_database()
        with services.stand_in_running():
            super().handle(*args, **options)
