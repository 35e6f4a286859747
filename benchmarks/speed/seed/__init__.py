"""Fills an empty, migrated database."""

from django.db import connection, transaction

from benchmarks.speed.seed import chats, conversations, people
from benchmarks.speed.sizes import Sizes


def fill(sizes: Sizes) -> None:
    """Seeds the rows of ``sizes`` in one transaction, then collects statistics."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("set local maintenance_work_mem = '1GB'")
        people.fill(cursor, sizes)
        conversations.fill(cursor, sizes)
        chats.fill(cursor, sizes)
    with connection.cursor() as cursor:
        cursor.execute("vacuum analyze")
