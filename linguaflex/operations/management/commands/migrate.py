"""Django's migrate, which shows on a terminal how many rows a migration of data has changed."""

from collections.abc import Callable
from typing import Any, Never

from django.core.management.commands import migrate
from django.db import connections
from tqdm import tqdm

from accounts.management import progress

VERBS = {"apply": "Applying", "unapply": "Unapplying"}


class Command(migrate.Command):
    rows: "tqdm[Never] | None" = None  # the count of the migration that runs

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            with connections[options["database"]].execute_wrapper(self.count_rows):
                super().handle(*args, **options)
        finally:  # a migration has failed
            self.close()

    def migration_progress_callback(self, action: str, migration: Any = None, fake: bool = False) -> None:
        """Called by Django before and after each step."""
        verb, _, moment = action.partition("_")
        if self.close() and self.stdout.isatty():  # the count has replaced Django's line
            self.stdout.write(f"\r  {VERBS[verb]} {migration}...", ending="")
        super().migration_progress_callback(action, migration, fake)
        if self.verbosity >= 1 and verb in VERBS and moment == "start":
            self.rows = progress.counter(f"  {VERBS[verb]} {migration}", "rows")

    def close(self) -> int:
        """Removes the count. Returns the number of rows."""
        if self.rows is None:
            return 0
        self.rows.close()
        count, self.rows = int(self.rows.n), None
        return count

    def count_rows(self, execute: Callable[..., Any], sql: Any, params: Any, many: bool, context: Any) -> Any:
        """Runs a statement of a migration and counts the rows that it changes."""
        result = execute(sql, params, many, context)
        if self.rows is not None and not context["cursor"].description:
            self.rows.update(max(context["cursor"].rowcount, 0))
        return result
