"""A faster ``flush``, which pytest-django runs after each test with committed rows: 5 ms instead of 80."""

from typing import Any

from django.core.management.commands import flush
from django.db import connection, transaction

# TRUNCATE creates new files for a table and each of its indexes, which is faster for large tables only.
# Tables with rows from migrations are not emptied. The lock waits for open transactions, as TRUNCATE
# does, so that their rows are deleted too.
EMPTY = """
do $$ declare names text[]; name text; begin
  select array_agg(format('%I.%I', schemaname, tablename)) into names from pg_tables
  where schemaname = 'public'
    and tablename not in ('django_migrations', 'django_content_type', 'auth_permission');
  set local session_replication_role = replica; -- no triggers, no foreign key checks
  execute 'lock table ' || array_to_string(names, ', ');
  foreach name in array names loop
    if pg_relation_size(name::regclass) > 1000000 then
      execute 'truncate ' || name || ' cascade';
    else
      execute 'delete from ' || name;
    end if;
  end loop;
end $$"""


class Command(flush.Command):
    def handle(self, **options: Any) -> None:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(EMPTY)
