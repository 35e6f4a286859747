"""INSERT statements that are compiled once, and run with the values of other rows.

Django compiles the INSERT of each row that it saves, although only the values differ.
"""

from collections.abc import Hashable, Sequence
from typing import Any

from django.db import connections, models
from django.db.models.expressions import DatabaseDefault
from django.db.models.sql import InsertQuery

from accounts.models.prepared_statements import prepared_statement

Fields = Sequence[models.Field[Any, Any]]
_compiled: dict[Hashable, str] = {}


class CompiledInsertModel(models.Model):
    """A row whose INSERT is compiled once for each combination of columns, and run as a PreparedStatement.

    Django's own INSERT saves the rows of fixtures, and rows with an expression as a value.
    """

    class Meta:
        abstract = True

    def _do_insert(
        self, manager: Any, using: str, fields: Fields, returning_fields: Fields, raw: bool
    ) -> Any:
        """The returned columns, as a list of one row. Private in Django 5.2: ``Model.save`` calls it."""
        if raw:
            return super()._do_insert(manager, using, fields, returning_fields, raw)  # type: ignore[misc]
        values = [(field, field.pre_save(self, add=True)) for field in fields]
        # The database fills columns that are not in the statement.
        given = [(field, value) for field, value in values if not isinstance(value, DatabaseDefault)]
        if any(hasattr(value, "resolve_expression") for _, value in given):
            return super()._do_insert(manager, using, fields, returning_fields, raw)  # type: ignore[misc]
        connection = connections[using]
        key = manager.model, *(field.attname for field, _ in given)
        sql = _compiled.get(key)
        if sql is None:
            columns = [field for field, _ in given]
            sql = _compiled[key] = self._compile(connection, manager.model, columns, returning_fields)
        parameters = [field.get_db_prep_save(value, connection) for field, value in given]
        with connection.cursor() as cursor:
            prepared_statement(sql, len(parameters)).run(connection, cursor, parameters)
            return cursor.fetchall() if returning_fields else []

    def _compile(self, connection: Any, model: Any, fields: Fields, returning_fields: Fields) -> str:
        """The SQL for these columns. Raises TypeError if Django converts a returned column."""
        query = InsertQuery(model)
        query.insert_values(fields, [self], raw=True)  # pre_save has run: auto_now would set a later time
        compiler: Any = query.get_compiler(connection=connection)
        compiler.returning_fields = returning_fields
        if places := compiler.get_converters(
            [field.get_col(model._meta.db_table) for field in returning_fields]
        ):
            names = ", ".join(returning_fields[place].name for place in places)
            raise TypeError(f"{model._meta.label}: Django converts {names}. Use no db_default there.")
        ((sql, _),) = compiler.as_sql()
        return str(sql)
