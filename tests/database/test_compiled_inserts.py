"""A compiled INSERT stores what Django's own stores, and is compiled and prepared once."""

import json
import uuid
from collections.abc import Callable
from typing import Any

import pytest
from django.db import IntegrityError, connection, models, transaction
from django.db.models import Value
from django.db.models.expressions import DatabaseDefault
from django.db.models.functions import Concat

from accounts.models import Card, Comment, Correction, Gig, Message, VoiceConversation
from accounts.models.idempotent import IdempotentModel
from tests.fixtures.people import CHATS
from tests.fixtures.shared import Shared

pytestmark = pytest.mark.django_db
TEXT = "50 % of 'it' \\ \"₤\" %s 你好"  # characters that an SQL statement must escape
PREPARED = '%INSERT INTO "accounts_message" ("client_id"%'  # without an id
MODELS = (VoiceConversation, Message, Gig, Card, Correction, Comment)


@pytest.fixture
def rows(shared: Shared) -> dict[type[IdempotentModel], Any]:
    """A row of each model, made over the API."""
    learner, teacher = shared.learner, shared.teacher
    chat = learner.open_chat(teacher)
    learner.write(chat, TEXT)
    path = f"{CHATS}{chat['id']}/messages/1/corrections/"
    assert teacher.client.post(path, {"corrected": "It", "explanation": TEXT}).status_code == 201
    shared.comment(text=TEXT)
    learner.save_conversation(topic=TEXT, transcription={"full_text": TEXT})
    teacher.offer(title=TEXT, tags=["50 %", 'it\'s, "so"'])
    learner.make_card(front=TEXT, back=TEXT)
    return {model: model.objects.latest("pk") for model in MODELS}


def unsaved(row: Any, **changes: Any) -> Any:
    """The row as a new instance, with another ``client_id``."""
    fields = (each for each in row._meta.concrete_fields if not each.primary_key and not each.generated)
    values = {field.attname: getattr(row, field.attname) for field in fields}
    return type(row)(**{**values, "client_id": uuid.uuid4(), **changes})


def columns_after(save: Callable[[Any], None], row: Any) -> dict[str, Any]:
    """The columns of the row as PostgreSQL writes them, without the id. Deletes it."""
    save(row)
    with connection.cursor() as cursor:
        cursor.execute(f"select to_jsonb(r) from {row._meta.db_table} r where id = %s", [row.pk])
        columns: dict[str, Any] = json.loads(cursor.fetchone()[0])
    type(row).objects.filter(pk=row.pk).delete()
    return {name: value for name, value in columns.items() if name not in ("id", "client_id")}


def insert_as_django(row: Any) -> None:
    type(row).objects.bulk_create([row])


def load_as_fixture(row: Any) -> None:
    models.Model.save_base(row, raw=True)


def without_times(columns: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in columns.items() if name not in ("created_at", "updated_at")}


def test_all_models_are_tested() -> None:
    assert set(MODELS) == set(IdempotentModel.__subclasses__())


@pytest.mark.parametrize("model", MODELS)
def test_every_column_is_stored_as_django_stores_it(rows: dict[Any, Any], model: Any) -> None:
    row = rows[model]
    model.objects.filter(pk=row.pk).delete()
    expected = columns_after(insert_as_django, unsaved(row))
    for _ in range(3):  # prepared the second time
        assert without_times(columns_after(model.save, unsaved(row))) == without_times(expected)


@pytest.mark.parametrize("model", MODELS)
def test_the_instance_has_the_times_of_its_row(rows: dict[Any, Any], model: Any) -> None:
    model.objects.filter(pk=rows[model].pk).delete()
    for number in range(2):  # the first INSERT with an id is compiled
        row = unsaved(rows[model], id=rows[model].pk + 1_000 + number)
        row.save(force_insert=True)
        stored = model.objects.get(pk=row.pk)
        for name in ("created_at", "updated_at"):
            assert getattr(row, name, None) == getattr(stored, name, None)
        stored.delete()


@pytest.mark.parametrize("model", MODELS)
def test_the_row_of_a_fixture_is_stored_unchanged(rows: dict[Any, Any], model: Any) -> None:
    row = rows[model]
    expected = columns_after(lambda row: None, row)
    assert columns_after(load_as_fixture, unsaved(row)) == expected


def test_a_value_that_the_database_computes_is_stored(rows: dict[Any, Any]) -> None:
    message = unsaved(rows[Message], seq=2, content=Concat(Value("a"), Value("b")))
    message.save()
    message.refresh_from_db()
    assert message.content == "ab"


def test_a_column_with_a_default_of_the_database_is_read(rows: dict[Any, Any]) -> None:
    conversation = unsaved(rows[VoiceConversation], feedback_attempts=DatabaseDefault(Value(0)))
    conversation.save()
    assert conversation.feedback_attempts == 0


def test_a_repeated_row_is_refused(rows: dict[Any, Any]) -> None:
    client_id = uuid.uuid4()
    unsaved(rows[Message], seq=2, client_id=client_id).save()
    with pytest.raises(IntegrityError, match="client_id"), transaction.atomic():
        unsaved(rows[Message], seq=3, client_id=client_id).save()
    assert list(Message.objects.order_by("seq").values_list("seq", flat=True)) == [1, 2]


def test_a_statement_is_prepared_once(rows: dict[Any, Any]) -> None:
    for number in range(3):
        unsaved(rows[Message], seq=2 + number).save()
    with connection.cursor() as cursor:
        cursor.execute("select count(*) from pg_prepared_statements where statement like %s", [PREPARED])
        assert cursor.fetchone() == (1,)
