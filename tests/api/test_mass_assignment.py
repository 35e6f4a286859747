"""No request sets a field that its operation does not declare: of any model, with another person's values."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from django.db import models

from accounts.models import User
from tests.fixtures.accounts import BASE, NEW, outbox, register
from tests.fixtures.mass_assignment import INSTANT, NUMBER, TEXT, field_names, foreign_fields
from tests.fixtures.people import client_of
from tests.fixtures.person_matrix import Line, MakePerson, Sender, lines
from tests.fixtures.routes import all_routes
from tests.fixtures.stored_state import change, same_ids, stored_rows

pytestmark = pytest.mark.slow
OPEN_WRITES = {
    f"POST {BASE}{name}/"
    for name in ("register", "login", "token/refresh", "password-reset", "resend-verification")
} | {f"POST {BASE}password-reset/confirm/"}


def writes_of(person: str) -> list[Line]:
    """The writes of the table that succeed for the person."""
    return [line for line in lines() if line.method != "GET" and line.expected[person] < 400]


def test_every_guarded_write_is_among_the_requests_and_every_open_one_in_the_flow() -> None:
    routes = {str(route): route for route in all_routes() if route.method != "get"}
    sent = {line.route for person in ("owner", "teacher", "peer") for line in writes_of(person)}
    assert {name for name, route in routes.items() if not route.is_open} - {CALL_ROUTE} <= sent
    assert {name for name, route in routes.items() if route.is_open} == OPEN_WRITES


CALL_ROUTE = f"POST {BASE}voice-conversations/session/<number:pk>/call/"  # takes SDP, and 409 in the table


def test_fields_of_privilege_and_of_ownership_are_sent() -> None:
    names = {"is_staff", "is_superuser", "role", "id", "user", "user_id", "teacher", "read_seq", "learner"}
    names |= {"banned_until", "is_verified", "created_at", "status", "seq", "feedback_status", "groups"}
    assert names <= field_names().keys()
    assert len(field_names()) > 200
    sent = foreign_fields("PATCH", f"{BASE}users/me/", "other")
    assert sent["is_staff"] is True and "bio" not in sent
    assert (sent["email"], sent["user"], sent["banned_until"]) == (TEXT, "other", INSTANT)


@pytest.mark.django_db
@pytest.mark.usefixtures("simulator", "bucket")
@pytest.mark.parametrize("person", ["owner", "peer", "teacher"])
def test_a_write_changes_the_same_with_and_without_undeclared_fields(
    person: str, make_person: MakePerson, make_teacher: MakePerson
) -> None:
    sender = Sender(person, make_person, make_teacher)
    faults, count = list[str](), 0
    before = stored_rows()
    with same_ids() as restart:
        for line in writes_of(person):
            path = line.template.format_map(sender.ids)
            foreign = foreign_fields(line.method, path, sender.ids["student"])
            restart()
            plain, expected = sent(sender, line, before, {})
            restart()
            attacked, found = sent(sender, line, before, foreign)
            count += len(foreign)
            if (plain.status_code, expected) != (attacked.status_code, found):
                faults.append(f"{line}: {attacked.status_code}, {difference(expected, found)}")
            faults += [f"{line}: {value} is stored" for value in strange_values(found)]
    assert not faults, "\n".join(faults)
    print(f"{person}: {count} undeclared fields sent, 0 changed")


def sent(sender: Sender, line: Line, before: Any, foreign: dict[str, Any]) -> tuple[Any, Any]:
    """The response, and the changes in the database, which are undone."""
    changes: list[Any] = []
    response = sender.send(line, more=foreign, then=lambda: changes.append(change(before, stored_rows())))
    return response, changes[0]


def difference(expected: Any, found: Any) -> str:
    """The rows that differ."""
    tables = sorted(name for name in expected.keys() | found.keys() if expected.get(name) != found.get(name))
    return " ".join(f"{name}: {expected.get(name)} became {found.get(name)}" for name in tables)


def strange_values(changes: Any) -> list[str]:
    """The sent values that the changed rows contain."""
    text = json.dumps(changes)
    return [value for value in (TEXT, str(NUMBER), INSTANT[:16]) if value in text]


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("clean_auth")
def test_registration_and_sign_in_store_no_undeclared_field(
    supabase: Any, make_person: Callable[..., Any]
) -> None:
    other = str(make_person("Zoe").user.pk)

    def post(action: str, **body: Any) -> Any:
        path = f"{BASE}{action}/"
        response = client_of().post(path, {**foreign_fields("POST", path, other), **body})
        assert response.status_code < 300, (action, response.content)
        return response

    plain = register(client_of(), email="plain@example.com")["user"]["id"]
    attacked = post("register", **NEW).json()["user"]["id"]
    assert attacked != other
    assert columns_of(attacked) == columns_of(plain)
    mail = NEW["email"]
    session = post("login", email=mail, password=NEW["password"]).json()
    post("token/refresh", refresh_token=session["refresh_token"])
    post("resend-verification", email=mail)
    post("password-reset", email=mail)
    post("password-reset/confirm", token_hash=outbox()[0]["token_hash"], new_password="another horse")
    assert columns_of(attacked) == columns_of(plain)
    assert User.objects.count() == 3
    metadata = "select raw_user_meta_data::text || raw_app_meta_data::text from auth.users where id = %s"
    with supabase.connect() as connection, connection.cursor() as cursor:
        found = []
        for pk in (plain, attacked):
            cursor.execute(metadata, [pk])
            found.append(cursor.fetchone()[0].replace(pk, "").replace("plain@", "ada@"))
    connection.close()
    assert found[0] == found[1] and TEXT not in found[0]


def columns_of(pk: str) -> dict[str, Any]:
    """The columns of a user without ids, address, instants and the unusable password."""
    user = User.objects.get(pk=pk)
    left_out = (models.DateTimeField, models.UUIDField, models.EmailField)
    columns = [field for field in user._meta.concrete_fields if not isinstance(field, left_out)]
    found = {field.attname: getattr(user, field.attname) for field in columns if field.name != "password"}
    instants = [field for field in user._meta.concrete_fields if isinstance(field, models.DateTimeField)]
    found |= {field.attname: getattr(user, field.attname) is None for field in instants}
    return found
