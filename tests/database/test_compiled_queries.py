"""A compiled query finds what its QuerySet finds, with each thread's own values."""

import uuid
from datetime import UTC, datetime
from typing import Any

import pytest
from django.db import transaction
from django.db.models.signals import post_init
from django.db.transaction import TransactionManagementError

from accounts.models import User
from accounts.models.auth_sessions import session_is_live, session_rights
from accounts.models.compiled import CompiledQuery
from tests.fixtures.people import Person
from tests.fixtures.threads import at_once

pytestmark = pytest.mark.django_db


def compiled() -> tuple[CompiledQuery[User], uuid.UUID]:
    """Users named Ana without one, with their teaching profiles."""
    example = uuid.uuid4()
    return CompiledQuery(
        User.objects.with_teacher().filter(name="Ana").exclude(pk=example), pk=example
    ), example


def test_values_replace_the_examples_and_other_parameters_stay(
    student: Person, stranger: Person, teacher: Person
) -> None:
    query, example = compiled()
    assert query.run(pk=example) == [student.user]
    assert query.run(pk=stranger.user.pk) == [student.user]
    assert query.run(pk=student.user.pk) == []


def test_rows_are_those_of_the_queryset(teacher: Person, student: Person) -> None:
    claims: dict[str, Any] = {"issued_at": datetime.now(UTC)}
    readable, deletable = session_rights()
    for person in (teacher, student):
        claims.update(sub=person.user.pk, session_id=person.session_id)
        live = session_is_live(**claims, readable=readable, deletable=deletable)
        expected = User.objects.with_teacher().annotate(session_live=live).get(pk=person.user.pk)
        found: Any = User.objects.of_claims(**claims)
        assert found.session_live is expected.session_live is True
        for name in (field.attname for field in User._meta.concrete_fields):
            assert getattr(found, name) == getattr(expected, name), name
        assert getattr(found, "teacher", None) == getattr(expected, "teacher", None)


def test_an_example_that_is_no_parameter_is_refused() -> None:
    with pytest.raises(ValueError, match="other"):
        CompiledQuery(User.objects.filter(name="Ana"), name="Ana", other="Zoe")


@pytest.mark.django_db(transaction=True)
def test_lock_outside_of_a_transaction_is_refused() -> None:
    pk = uuid.uuid4()
    with transaction.atomic():
        query = CompiledQuery(User.objects.filter(pk=pk).select_for_update(), pk=pk)
        assert query.run(pk=pk) == []
    with pytest.raises(TransactionManagementError):
        query.run(pk=pk)


@pytest.mark.django_db(transaction=True)
def test_parallel_threads_use_their_own_values_and_connections() -> None:
    people = [User(pk=uuid.uuid4(), name="Ana") for _ in range(8)]
    User.objects.bulk_create(people)
    query, _ = compiled()

    def others(number: int) -> set[uuid.UUID]:
        return {user.pk for user in query.run(pk=people[number].pk)}

    everybody = {user.pk for user in people}
    assert at_once(8, others) == [everybody - {user.pk} for user in people]


@pytest.mark.parametrize("name", ["from_db", "__init__"])
def test_a_model_that_does_more_with_its_rows_is_refused(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    def override(*args: Any, **values: Any) -> Any:
        raise NotImplementedError

    monkeypatch.setattr(User, name, classmethod(override) if name == "from_db" else override)
    with pytest.raises(TypeError, match="from_db or __init__"):
        compiled()


def test_a_model_that_receives_signals_of_rows_is_refused() -> None:
    def receiver(**values: Any) -> None:
        raise NotImplementedError

    post_init.connect(receiver, sender=User)
    try:
        with pytest.raises(TypeError, match="signals"):
            compiled()
    finally:
        post_init.disconnect(receiver, sender=User)
