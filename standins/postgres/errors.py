"""What can go wrong with the embedded server."""

from django.core.management.base import CommandError

# What works without the embedded server; DATABASE_URL alone does not.
OWN_DATABASE = "set LINGUAFLEX_ENV=local, and DATABASE_URL to a PostgreSQL on this machine"


class ServerError(CommandError):
    """The embedded server cannot run; the message is one sentence for the reader.

    A CommandError, because Django's commands print those without a traceback.
    """
