"""Errors of the embedded server."""

# The alternative to the embedded server. With DATABASE_URL only, the environment would be production.
OWN_DATABASE = "set LINGUAFLEX_ENV=local, and DATABASE_URL to a PostgreSQL on this machine"


class ServerError(Exception):
    """The embedded server cannot run; the message is one sentence with the remedy."""
