"""The export of lists as CSV: filters, harmless cells, bounds, memory, permissions."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.admin import csv_export
from accounts.admin.site import site
from accounts.models import User, VoiceSession
from tests.fixtures.people import Person
from tests.fixtures.staff import make_gig, signed_in
from tests.fixtures.stored_sessions import make_session

pytestmark = pytest.mark.django_db(transaction=True)


def export(client: Client, name: str, query: str = "") -> list[list[str]]:
    """The rows of the file, without the line of the titles."""
    response = client.get(f"/admin/accounts/{name}/export/{query}")
    assert response.status_code == 200, response.headers
    text = b"".join(response.streaming_content).decode("utf-8-sig")
    return list(csv.reader(io.StringIO(text, newline="")))[1:]


def test_every_list_has_a_link_to_its_file(boss: Client) -> None:
    for model in site._registry:
        path = f"/admin/{model._meta.app_label}/{model._meta.model_name}/"
        assert f'href="{path}export/"' in boss.get(path).content.decode(), path
        assert f'href="{path}export/?q=x&amp;p=1"' in boss.get(f"{path}?q=x&p=1").content.decode(), path
        assert boss.get(f"{path}export/").status_code == 200


def test_a_file_has_the_columns_of_the_list(boss: Client, anna: User) -> None:
    session = make_session(anna)
    response = boss.get("/admin/accounts/voicesession/export/")
    day = f"{timezone.now():%Y-%m-%d}"
    assert response["Content-Type"] == "text/csv; charset=utf-8"
    assert response["Content-Disposition"] == f'attachment; filename="voice-sessions-{day}.csv"'
    text = b"".join(response.streaming_content).decode()
    head, row = csv.reader(io.StringIO(text.removeprefix("\ufeff"), newline=""))
    assert text.startswith("\ufeff") and head[:4] == ["created at", "user", "state", "transport"]
    assert row[:6] == [
        f"{session.created_at:%Y-%m-%d %H:%M:%S}",
        "Anna",
        "Saved",
        "Call through the server",
        "10",
        "4000",
    ]
    assert row[-1] == "no" and "<" not in text


def test_a_file_has_the_rows_of_filters_and_search(boss: Client, anna: User, zoe: User) -> None:
    make_session(anna)
    make_session(zoe, state="ended")
    assert len(export(boss, "voicesession")) == 2
    assert [row[1] for row in export(boss, "voicesession", "?state__exact=ended")] == ["Zoe"]
    assert [row[1] for row in export(boss, "voicesession", f"?q={anna.email}&p=7")] == ["Anna"]
    assert export(boss, "voicesession", "?q=nobody") == []


FORMULAS = ["=1+1", "+1", "-1", "@SUM(A1)", "\tx", "\r=1", " =1", "\uff1d1", '=cmd|" /C calc"!A0']


def test_a_cell_that_a_spreadsheet_would_run_is_harmless(boss: Client, teacher: Person) -> None:
    for text in FORMULAS:
        make_gig(teacher.user, text)
    rows = export(boss, "gig")
    assert [row[0] for row in rows] == [f"'{text}".replace("\r=", "\r'=") for text in reversed(FORMULAS)]
    assert {row[3] for row in rows} == {"15.00"}


def test_texts_with_quotes_and_html_stay_as_they_are(boss: Client, teacher: Person) -> None:
    title = '<b>"A", b</b>; l\'eau &amp; 日本語'
    make_gig(teacher.user, title)
    assert export(boss, "gig")[0][0] == title


def test_absurd_parameters_lead_to_the_list(boss: Client, anna: User) -> None:
    make_session(anna)
    for query in ("created_at__year=99999999999", "state__exact=%00"):
        answer = boss.get(f"/admin/accounts/voicesession/export/?{query}")
        assert answer["Location"] == "/admin/accounts/voicesession/?e=1"
    assert not LogEntry.objects.exists()


def test_a_forbidden_filter_is_a_400(boss: Client) -> None:
    for query in ("front__startswith=a", "nothing=1"):
        assert boss.get(f"/admin/accounts/card/export/?{query}").status_code == 400
    assert not LogEntry.objects.exists()


def test_an_export_is_logged_without_the_values_of_its_filters(
    boss: Client, superuser: User, anna: User
) -> None:
    export(boss, "user", f"?q={anna.email}&role__exact=student")
    [entry] = LogEntry.objects.all()
    assert (entry.user, entry.object_repr) == (superuser, "List of users")
    assert entry.change_message == "Exported as CSV. Filters: q, role__exact"
    assert "user" in str(entry.content_type) and entry.object_id is None
    assert boss.get("/admin/").status_code == 200


def test_a_file_needs_the_permission_to_view_the_list(make_staff: Callable[..., User], gig: Any) -> None:
    member, other = signed_in(make_staff("Sam", "view_gig")), signed_in(make_staff("Eve", "view_user"))
    assert len(export(member, "gig")) == 1
    assert other.get("/admin/accounts/gig/export/").status_code == 403
    assert Client().get("/admin/accounts/gig/export/")["Location"].startswith("/admin/login/")
    assert LogEntry.objects.count() == 1


@pytest.fixture
def small_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pages of 3 rows, and files of 7."""
    monkeypatch.setattr(csv_export, "PAGE", 3)
    monkeypatch.setattr(csv_export, "MAX_ROWS", 7)


@pytest.mark.usefixtures("small_pages")
@pytest.mark.parametrize("count", [0, 3, 4, 7])
def test_every_row_is_in_the_file_once_newest_first(boss: Client, anna: User, count: int) -> None:
    at = timezone.now()
    sessions = [make_session(anna, at, reported_tokens=number) for number in range(count)]
    rows = export(boss, "voicesession")
    assert [row[5] for row in rows] == [str(session.reported_tokens) for session in reversed(sessions)]


@pytest.mark.usefixtures("small_pages")
@pytest.mark.parametrize("count", [8, 9])
def test_a_file_ends_at_the_bound_with_a_note(boss: Client, anna: User, count: int) -> None:
    for _ in range(count):
        make_session(anna)
    rows = export(boss, "voicesession")
    assert len(rows) == 8
    assert rows[-1] == ["These are the newest 7 rows. Add filters to the list to export others."]


@pytest.mark.usefixtures("small_pages")
def test_a_page_is_read_when_the_one_before_was_sent(boss: Client, anna: User) -> None:
    VoiceSession.objects.bulk_create(VoiceSession(user=anna, created_at=timezone.now()) for _ in range(7))
    response = boss.get("/admin/accounts/voicesession/export/")
    parts = iter(response.streaming_content)
    queries = []
    for _ in range(4):  # the titles, two pages, the rest
        with CaptureQueriesContext(connection) as counted:
            next(parts)
        queries.append([query["sql"] for query in counted.captured_queries])
    assert [len(each) for each in queries] == [0, 0, 2, 1]  # the second page comes after the keys
    statements = [sql for each in queries for sql in each]
    assert ["ORDER BY" in sql and "LIMIT" in sql for sql in statements] == [True, False, False]
    assert all("CURSOR" not in sql for sql in statements)
    assert list(parts) == []
