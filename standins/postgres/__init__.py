"""Django database backend of the local default: PostgreSQL that starts at the first connection."""

import sys

from standins.postgres.errors import ServerError

if sys.platform == "win32":
    raise ServerError(
        "The local database needs Linux or macOS: use WSL, or set DATABASE_URL, SUPABASE_URL and the"
        " other variables of a hosted project (see .env.example)."
    )
