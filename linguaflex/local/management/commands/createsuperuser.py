"""The local createsuperuser: prepares the database and runs the Supabase stand-in for the duration."""

from typing import Any

from accounts.management.commands import createsuperuser
from linguaflex.local import services


class Command(createsuperuser.Command):
    requires_system_checks = []
    requires_migrations_checks = False

    def handle(self, *args: Any, **options: Any) -> None:
        services.prepare_database()
        with services.stand_in_running():
            super().handle(*args, **options)
