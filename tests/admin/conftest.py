"""Members of staff who sign in as they do in life: at the login page, against the stand-in."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Permission
from django.test import Client

from accounts.integrations import supabase_auth
from accounts.models import Gig, User
from accounts.services import teachers
from tests.fixtures.people import Person

PASSWORD = "correct horse"
LOGIN = "/admin/login/"


def enter(client: Client, email: str, password: str = PASSWORD, **fields: str) -> Any:
    """Sends the login form."""
    return client.post(LOGIN, {"username": email, "password": password, "next": "/admin/", **fields})


def act(client: Client, model: str, action: str, *rows: Any, **fields: Any) -> Any:
    """Applies an action to rows of a list and follows to the page that tells what came of it."""
    selected = {"action": action, "_selected_action": [str(row.pk) for row in rows], **fields}
    return client.post(f"/admin/accounts/{model}/", selected, follow=True)


def told(response: Any) -> str:
    """The messages of a page."""
    return " | ".join(str(message) for message in response.context["messages"])


def logged() -> list[tuple[str, str]]:
    """The admin's log: what was noted of which row, oldest first."""
    return [(entry.object_id or "", entry.change_message) for entry in LogEntry.objects.order_by("id")]


@pytest.fixture
def make_account(clean_auth: None, supabase: Any) -> Callable[..., User]:
    """Makes accounts with PASSWORD and their rows."""

    def make(name: str, **fields: Any) -> User:
        email = f"{name.lower()}.{uuid.uuid4().hex[:8]}@example.com"
        account = supabase_auth.create_account(email=email, password=PASSWORD, name=name)
        return User.objects.create(pk=account.id, email=email, name=name, **fields)

    return make


@pytest.fixture
def make_staff(make_account: Callable[..., User]) -> Callable[..., User]:
    """Makes members of staff with these permissions of the accounts app."""

    def make(name: str, *permissions: str, **fields: Any) -> User:
        user = make_account(name, is_staff=True, **fields)
        user.user_permissions.set(Permission.objects.filter(codename__in=permissions))
        return user

    return make


def signed_in(user: User) -> Client:
    """The member's browser, past the login page."""
    client = Client()
    response = enter(client, user.email)
    assert (response.status_code, response.headers.get("Location")) == (302, "/admin/")
    return client


@pytest.fixture
def superuser(make_staff: Callable[..., User]) -> User:
    """A member of staff with all rights."""
    return make_staff("Root", is_superuser=True)


@pytest.fixture
def boss(superuser: User) -> Client:
    """The superuser's browser."""
    return signed_in(superuser)


@pytest.fixture
def gig(teacher: Person) -> Gig:
    """A gig on offer."""
    return make_gig(teacher.user)


def make_gig(user: User, title: str = "Café conversation", **fields: Any) -> Gig:
    """A gig of a teacher."""
    teacher, _ = teachers.make_teacher(user=user)
    shape = {"language": "Spanish", "price_per_session": 15, "session_minutes": 45, "currency": "EUR"}
    return Gig.objects.create(teacher=teacher, title=title, description="We talk.", **shape | fields)
