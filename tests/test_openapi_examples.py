"""The examples of the OpenAPI document are requests that these tests send, and the answers to them."""

import json
from typing import Any

import pytest
from django.conf import settings
from django.db import connection
from django.utils import timezone

from accounts.models import Notice, WorkerHeartbeat
from linguaflex.local import demo
from tests.fixtures.accounts import outbox
from tests.fixtures.example_steps import STEPS
from tests.fixtures.examples import FOLDER, World

RESTART = """do $$ declare name text; begin
  for name in select quote_ident(sequencename) from pg_sequences where schemaname = 'public' loop
    execute 'alter sequence ' || name || ' restart';
  end loop;
end $$"""


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("clean_auth", "supabase", "bucket", "calls")
def test_examples_are_the_answers_of_this_server(pytestconfig: pytest.Config) -> None:
    with connection.cursor() as cursor:
        cursor.execute(RESTART)
    WorkerHeartbeat.objects.record(settings.TASKS["default"]["QUEUES"], at=timezone.now())
    world = World()
    for step in STEPS:
        if step.operation == "users_me_notices_list":
            text = "Please answer politely."
            user = world.kept["lena_id"]
            world.kept["notice"] = Notice.objects.create(user_id=user, kind=Notice.Kind.WARNING, text=text).pk
        found = world.run(step)
        if step.operation == "password_reset":
            world.kept["otp"] = outbox()[0]["code"]
        if step.is_example:
            compare(step.operation, found, is_recording=pytestconfig.getoption("--record-examples"))


def compare(operation: str, found: dict[str, Any], *, is_recording: bool) -> None:
    """Asserts that the file of the operation has the example, or writes it."""
    file = FOLDER / f"{operation}.json"
    text = json.dumps(found, ensure_ascii=False, indent=2) + "\n"
    if is_recording:
        file.write_text(text, encoding="utf-8")
    assert file.read_text(encoding="utf-8") == text, operation


def test_every_operation_has_one_example() -> None:
    operations = sorted(World().places)
    assert sorted(step.operation for step in STEPS if step.is_example) == operations
    assert sorted(file.stem for file in FOLDER.glob("*.json")) == operations


def test_no_body_names_a_demo_person() -> None:
    addresses = {person.email for person in demo.USERS}
    for file in FOLDER.glob("*.json"):
        assert not [address for address in addresses if address in file.read_text(encoding="utf-8")], (
            file.name
        )
