"""A word in every private column is on no page, list, search, filter, file or log of the admin."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.db import connection
from django.db.models import Model, TextField
from django.db.models.functions import Cast
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.admin.site import site
from accounts.models import PrivateTextReading, User
from tests.fixtures.private_rows import CANARY, COLUMNS, make_private_rows

pytestmark = pytest.mark.django_db(transaction=True)

NAMES = {model._meta.model_name: model for model in site._registry}
LOOKUPS = ("startswith", "exact", "isnull")


@pytest.fixture
def rows(make_account: Callable[..., User], anna: User) -> dict[str, Model]:
    """A row of each model with private texts, and the users."""
    teacher = make_account("Tom", role=User.Role.TEACHER)
    return {**make_private_rows(anna, teacher), "user": anna}


def path_of(name: str) -> str:
    return f"/admin/{NAMES[name]._meta.app_label}/{name}/"


def text_of(response: Any) -> str:
    parts = response.streaming_content if response.streaming else [response.content]
    return b"".join(parts).decode()


def pages_of(name: str, row: Model | None) -> list[str]:
    """The pages of a list and a row that need no form."""
    pages = ["", "?q=anna", "?created_at__year=2026", "export/", "export/?q=anna"]
    return [*pages, f"{row.pk}/change/", f"{row.pk}/history/", f"{row.pk}/text/"] if row else pages


def test_every_private_column_is_filled(rows: dict[str, Model]) -> None:
    for model, columns in COLUMNS.items():
        for column in columns:
            as_text = model._default_manager.annotate(as_text=Cast(column, TextField()))
            assert as_text.filter(as_text__icontains=CANARY).exists(), (model, column)


def test_no_page_without_the_form_shows_a_private_text(
    boss: Client, members: dict[str, Client], rows: dict[str, Model]
) -> None:
    for member, client in {"boss": boss, **members}.items():
        for name in NAMES:
            for page in pages_of(name, rows.get(name)):
                response = client.get(path_of(name) + page)
                assert CANARY.lower() not in text_of(response).lower(), (member, name, page)
    assert CANARY not in str(list(LogEntry.objects.values_list("object_repr", "change_message")))
    assert not PrivateTextReading.objects.exists()


def test_no_search_finds_a_private_text(boss: Client, rows: dict[str, Model]) -> None:
    for name in NAMES:
        for word in (CANARY, CANARY[:4].lower()):
            found = boss.get(f"{path_of(name)}?q={word}").context["cl"].result_list
            assert len(found) == 0, name
        assert text_of(boss.get(f"{path_of(name)}export/?q={CANARY}")).count("\r\n") == 1


def test_no_filter_reads_a_private_column(boss: Client, rows: dict[str, Model]) -> None:
    listed = {model: columns for model, columns in COLUMNS.items() if model in site._registry}
    assert len(listed) >= 5
    of_others = ("conversation__topic", "message__content", "comment__text", "session__topic")
    for model, columns in listed.items():
        path = path_of(str(model._meta.model_name))
        for column in (*columns, *of_others):
            for lookup in LOOKUPS:
                assert boss.get(f"{path}?{column}__{lookup}=Z").status_code in (302, 400), (column, lookup)
            assert boss.get(f"{path}export/?{column}__startswith=Z").status_code in (302, 400), column


def test_no_statement_without_the_form_reads_a_private_column(boss: Client, rows: dict[str, Model]) -> None:
    private = [
        f'"{model._meta.db_table}"."{column}"' for model, columns in COLUMNS.items() for column in columns
    ]
    for name in NAMES:
        with CaptureQueriesContext(connection) as counted:
            for page in pages_of(name, rows.get(name)):
                text_of(boss.get(path_of(name) + page))
            if row := rows.get(name):
                for page in ("change", "delete"):
                    boss.post(f"{path_of(name)}{row.pk}/{page}/", {"post": "yes"})
        statements = [query["sql"] for query in counted.captured_queries]
        assert [column for column in private if any(column in sql for sql in statements)] == [], name
