"""QuerySets whose SQL is compiled once and run with other values.

Django compiles a QuerySet to SQL each time it runs. For the query that authenticates each request, that
takes longer than the database does.
"""

from collections.abc import Callable
from typing import Any, Generic, TypeVar

from django.db import connections
from django.db.models import Model, QuerySet
from django.db.models.base import ModelState
from django.db.models.signals import post_init, pre_init
from django.db.transaction import TransactionManagementError

from accounts.models.prepared_statements import PreparedStatement

M = TypeVar("M", bound=Model)
Make = Callable[[tuple[Any, ...]], Any]


class CompiledQuery(Generic[M]):
    """A QuerySet that is compiled once and run with other values of its parameters.

    Its rows are instances, or tuples for a QuerySet of ``values_list``. ``examples`` are the values in
    ``queryset`` that ``run`` replaces. Each must reach the SQL unchanged, as a parameter, and must differ
    from all other parameters. Raises ValueError if one is not in the SQL.
    """

    def __init__(self, queryset: QuerySet[M], **examples: Any) -> None:
        self._alias = queryset.db
        self._locks = queryset.query.select_for_update
        compiler: Any = queryset.query.get_compiler(self._alias)
        sql, parameters = compiler.as_sql()
        self._statement = PreparedStatement(sql, len(parameters))
        self._parameters = [(_name_of(value, examples), value) for value in parameters]
        missing = set(examples) - {name for name, _ in self._parameters}
        if missing:
            raise ValueError(f"The query has no parameter with the example of {sorted(missing)}.")
        is_tuple: bool = queryset._fields is not None  # type: ignore[attr-defined]
        self._row_of = tuple if is_tuple else _instance_maker(compiler, self._alias)

    def run(self, **values: Any) -> list[Any]:
        """The rows of the QuerySet with these values in place of the examples.

        Raises TransactionManagementError if the rows are locked and no transaction is open.
        """
        connection = connections[self._alias]
        # Django checks this only when it compiles.
        if self._locks and connection.get_autocommit():
            raise TransactionManagementError("Rows can be locked only in a transaction.")
        parameters = [values[name] if name else value for name, value in self._parameters]
        with connection.cursor() as cursor:
            self._statement.run(connection, cursor, parameters)
            return [self._row_of(row) for row in cursor.fetchall()]


def _instance_maker(compiler: Any, alias: str) -> Make:
    """The function that makes an instance of a row, with related instances and annotations.

    Raises TypeError if Django converts a column.
    """
    if compiler.get_converters([column for column, *_ in compiler.select]):
        raise TypeError("The query has a column that Django converts, such as JSON.")
    make = _maker(compiler.klass_info, compiler.select, alias)
    annotations = compiler.annotation_col_map.items()

    def instance_of(row: tuple[Any, ...]) -> Any:
        instance = make(row)
        for name, place in annotations:
            setattr(instance, name, row[place])
        return instance

    return instance_of


def _maker(info: dict[str, Any], select: list[Any], alias: str) -> Make:
    """``_instance_maker`` without annotations, for a model of the query. It returns None without a row."""
    model = info["model"]
    if not is_plain(model):
        raise TypeError(
            f"{model._meta.label} has its own from_db or __init__, or receivers of their signals."
        )
    columns = slice(info["select_fields"][0], info["select_fields"][-1] + 1)
    names = [column.target.attname for column, *_ in select[columns]]
    key = columns.start + names.index(model._meta.pk.attname)
    related = [(each, _maker(each, select, alias)) for each in info.get("related_klass_infos", [])]

    def instance_of(row: tuple[Any, ...]) -> Any:
        if row[key] is None:
            return None
        # Model.from_db takes seven times as long: Model.__init__ handles defaults and sends signals.
        instance = model.__new__(model)
        state = ModelState()
        state.adding, state.db = False, alias
        vars(instance).update(zip(names, row[columns], strict=True), _state=state)
        for each, make in related:
            found = make(row)
            each["local_setter"](instance, found)
            if found is not None:
                each["remote_setter"](found, instance)
        return instance

    return instance_of


def is_plain(model: Any) -> bool:
    """Whether ``from_db`` only sets the columns of a row.

    An ImageField with ``width_field`` receives ``post_init``, for example.
    """
    base: Any = Model
    return (
        model.__init__ is base.__init__
        and model.from_db.__func__ is base.from_db.__func__
        and not any(signal.has_listeners(model) for signal in (pre_init, post_init))
    )


def _name_of(parameter: Any, examples: dict[str, Any]) -> str | None:
    """The name of the example that equals ``parameter``."""
    return next((name for name, example in examples.items() if example == parameter), None)
