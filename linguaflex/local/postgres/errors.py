"""What can go wrong with the embedded server."""

from django.core.management.base import CommandError


class ServerError(CommandError):
    """The embedded server cannot run; the message is one sentence for the reader.

    A CommandError, because Django's commands print those without a traceback.
    """
