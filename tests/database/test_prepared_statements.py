"""Statements that PostgreSQL plans once for each connection: same rows as without, also after a change."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.db import OperationalError, connection, transaction

from accounts.models.prepared_statements import MAX_PREPARED, PreparedStatement, _prepared

pytestmark = pytest.mark.django_db(transaction=True)
ROWS = {1: "one", 2: "two"}


@pytest.fixture(autouse=True)
def words() -> Iterator[None]:
    """The table ``words``, and a connection on which nothing is prepared."""
    connection.close()
    with connection.cursor() as cursor:
        cursor.execute("create table words (number int primary key, text varchar(10))")
        cursor.execute("insert into words values (1, 'one'), (2, 'two')")
    yield
    with connection.cursor() as cursor:
        cursor.execute("drop table words")
    connection.close()


@pytest.fixture
def statement() -> PreparedStatement:
    return PreparedStatement("select text, '%%' from words where number = %s", 1)


def found(statement: PreparedStatement, number: int) -> list[Any]:
    with connection.cursor() as cursor:
        statement.run(connection, cursor, [number])
        return [text for text, _ in cursor.fetchall()]


def prepared() -> list[str]:
    """The statements that are prepared on the connection."""
    with connection.cursor() as cursor:
        cursor.execute("select statement from pg_prepared_statements")
        return [sql for (sql,) in cursor.fetchall()]


def test_every_run_finds_the_rows_of_its_values(statement: PreparedStatement) -> None:
    for _ in range(5):  # after five runs, PostgreSQL may use one plan for all values
        for number, text in ROWS.items():
            assert found(statement, number) == [text]
    (sql,) = prepared()
    assert sql.endswith("AS select text, '%' from words where number = $1")


def test_a_statement_that_runs_once_on_a_connection_is_not_prepared(statement: PreparedStatement) -> None:
    for _ in range(3):
        assert found(statement, 1) == ["one"]
        assert prepared() == []
        connection.close()


def test_statements_of_another_client_of_the_session_do_not_disturb(statement: PreparedStatement) -> None:
    run_twice(statement)
    _prepared.clear()  # as in another process, whose connection leads to the same session
    run_twice(statement)
    assert found(statement, 2) == ["two"]


def test_another_session_may_have_the_statement_already(statement: PreparedStatement) -> None:
    other = PreparedStatement("select text, 1 from words where number = %s", 1)
    run_twice(other)
    run_twice(statement)
    _prepared[connection.connection].pop(statement._name)
    assert [found(statement, number) for number in (1, 2, 1)] == [["one"], ["two"], ["one"]]


def test_the_number_of_prepared_statements_is_limited() -> None:
    for _ in range(2):
        for number in range(MAX_PREPARED + 5):
            each = PreparedStatement(f"select text, {number} from words where number = %s", 1)
            assert [found(each, 1) for _ in range(2)] == [["one"]] * 2
            assert len(prepared()) <= MAX_PREPARED


def test_behind_a_pooler_in_transaction_mode_nothing_is_prepared(
    statement: PreparedStatement, whole_statements: None
) -> None:
    assert [found(statement, 1) for _ in range(3)] == [["one"]] * 3
    assert prepared() == []


CHANGES = {
    "a column has another type": "alter table words alter text type varchar(20)",
    "another session is behind the connection": "deallocate all",
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_after_a_change_it_is_prepared_again(statement: PreparedStatement, change: str) -> None:
    run_twice(statement)
    with connection.cursor() as cursor:
        cursor.execute(change)
    assert [found(statement, number) for number in (1, 2, 1)] == [["one"], ["two"], ["one"]]
    assert len(prepared()) == 1


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_after_a_change_one_transaction_fails_as_if_the_database_could_not_be_reached(
    statement: PreparedStatement, change: str
) -> None:
    run_twice(statement)
    with connection.cursor() as cursor:
        cursor.execute(change)
    with pytest.raises(OperationalError), transaction.atomic():
        found(statement, 1)
    with transaction.atomic():
        assert [found(statement, 2) for _ in range(3)] == [["two"]] * 3


def run_twice(statement: PreparedStatement) -> None:
    for _ in range(2):
        assert found(statement, 1) == ["one"]
    assert prepared()
