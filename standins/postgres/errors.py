"""Errors of the embedded server."""

# The alternative to the embedded server. DATABASE_URL alone is not enough.
OWN_DATABASE = "set LINGUAFLEX_ENV=local, and DATABASE_URL to a PostgreSQL on this machine"


class ServerError(Exception):
    """The embedded server cannot run; the message is one sentence with the remedy."""
