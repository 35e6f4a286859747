"""Django database backend of the local default: PostgreSQL that starts at the first connection."""
