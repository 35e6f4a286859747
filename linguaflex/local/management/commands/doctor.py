"""The local doctor: prepares the database and runs the Supabase stand-in for the duration."""

from typing import Any

from django.conf import settings

from accounts.management.commands import doctor
from linguaflex.local import services


class Command(doctor.Command):
    def handle(self, *args: Any, **options: Any) -> None:
        if settings.SUPABASE_STAND_IN:  # never the database of a hosted project
            services.prepare_database()
        with services.stand_in_running():
            super().handle(*args, **options)
