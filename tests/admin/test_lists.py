"""Lists of the admin: search, filters, query counts with ten thousand rows, permissions."""

from __future__ import annotations

import re
import uuid
from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import Group
from django.db import connection
from django.db.models import Model
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.admin.site import site
from accounts.models import Chat, Gig, PrivateTextReading, Report, Teacher, User, VoiceSession
from tests.fixtures.learning import make_learning
from tests.fixtures.people import Person
from tests.fixtures.private_rows import make_chat
from tests.fixtures.routes import all_patterns, example_of
from tests.fixtures.staff import make_gig, signed_in

pytestmark = pytest.mark.django_db(transaction=True)

MANY = 10_000
MOST_QUERIES = 12
COPIED_ID = "md5(n::text)::uuid"


def page(client: Client, model: str, query: str = "") -> Any:
    """One page of a list."""
    response = client.get(f"/admin/accounts/{model}/{query}")
    assert response.status_code == 200, response.headers
    return response


def found(client: Client, model: str, query: str) -> set[str]:
    """The rows of a list, as text."""
    return {str(row) for row in page(client, model, query).context["cl"].result_list}


@pytest.fixture
def many(superuser: User, make_account: Callable[..., User]) -> None:
    """Ten thousand teachers with one gig each, and as many groups."""
    gig = make_gig(make_account("Person", role="teacher"), "Gig")
    Teacher.objects.update(headline="Hello", search_text="hello")
    group = Group.objects.create(name="Group")
    copy(gig.teacher.user, id=COPIED_ID, email="'p' || n || '@example.com'", name="'Person ' || n")
    copy(gig.teacher, user_id=COPIED_ID)
    copy(gig, id="n + row.id", teacher_id=COPIED_ID, title="'Gig ' || n", search_text="'gig ' || n")
    copy(group, id="n + row.id", name="'Group ' || n")
    session = VoiceSession.objects.create(user=gig.teacher.user, created_at=timezone.now(), charged_minutes=5)
    copy(session, id="n + row.id")
    learning = make_learning(gig.teacher.user)
    copy(learning.correction, id="n + row.id", comment_id="null")
    copy(learning.card, id="n + row.id", dedupe_key="''")
    copy(learning.comment, id="n + row.id")
    copy(learning.share, id="n + row.id", ended_at="now()")
    conversation = learning.share.conversation
    assert conversation is not None
    conversation.queue_feedback(at=timezone.now())
    copy(conversation, id="n + row.id")
    nobody = User.objects.create(pk=uuid.UUID(int=0))
    chat = Chat.objects.create(first=nobody, second=User.objects.create(pk=uuid.UUID(int=2**128 - 1)))
    copy(chat, id=COPIED_ID, first_id=COPIED_ID)
    reading = PrivateTextReading(by=superuser, owner=gig.teacher.user, model="card", object_id="1", why="x")
    reading.save()
    copy(reading, id="n + row.id")
    report = Report.objects.create(
        kind="user", reported_id="x", reported_user=gig.teacher.user, reason="spam"
    )
    action = "case n & 1 when 0 then 'ban' else '' end"
    handled = {"handled_at": "case n & 1 when 0 then now() end", "action": action}
    copy(report, id="n + row.id", reported_id="n", **handled)


def copy(row: Model, **changes: str) -> None:
    """Copies a row MANY times. ``changes`` maps columns to SQL expressions of the number ``n``."""
    table, key = row._meta.db_table, row._meta.pk.column
    names = [f'"{field.column}"' for field in row._meta.concrete_fields if not field.generated]
    columns, columns_of_copy = ", ".join(names), ", ".join(f"copied.{name}" for name in names)
    pairs = ", ".join(f"'{column}', {expression}" for column, expression in changes.items())
    with connection.cursor() as cursor:
        cursor.execute(
            f"insert into {table} ({columns}) select {columns_of_copy} from {table} row,"
            f" generate_series(1, {MANY}) n,"
            f" jsonb_populate_record(row, jsonb_build_object({pairs})) copied where row.{key} = %s",
            [row.pk],
        )
        cursor.execute(f"analyze {table}")  # autovacuum would do the same later


@pytest.mark.slow
@pytest.mark.usefixtures("many")
def test_every_list_costs_a_fixed_number_of_queries_with_ten_thousand_rows(boss: Client) -> None:
    year = f"created_at__year={Gig.objects.latest('created_at').created_at.year}"
    teacher = Teacher.objects.latest("created_at").pk
    lists = {
        "accounts/user": ["", "?q=person", "?banned=no&role__exact=teacher", f"?{year}", "?p=99"],
        "accounts/teacher": ["", "?q=hello", "?banned=no", "?is_verified__exact=0", f"?{year}", "?p=99"],
        "accounts/gig": ["", "?q=gig", "?status__exact=active", f"?{year}", f"?teacher__pk={teacher}"],
        "accounts/voicesession": ["", "?q=person", "?state__exact=ended", f"?{year}"],
        "accounts/correction": ["", "?q=person", "?source__exact=teacher", "?language=español", f"?{year}"],
        "accounts/card": ["", "?q=person", "?state__exact=new", "?language=es", "?o=-5", f"?{year}", "?p=99"],
        "accounts/comment": ["", "?q=person", "?language=Spanish", f"?{year}", "?p=99"],
        "accounts/share": ["", "?q=person", "?ended_at__isempty=0", "?language=es", f"?{year}"],
        "accounts/report": [
            "",
            "?q=person",
            "?state=open",
            "?kind__exact=user&state=handled",
            f"?{year}",
            "?p=99",
        ],
        "accounts/voiceconversation": [
            *("", "?q=person", "?language=es", f"?{year}", "?p=99", "?feedback_status__exact=queued"),
            *("?conversation_type__exact=practice", "?o=-7"),
        ],
        "accounts/chat": ["", "?q=person", f"?{year}", "?p=99", "?o=4"],
        "accounts/feedbackjob": ["", "?q=person", "?language=es", "?feedback_status__exact=queued", "?p=99"],
        "accounts/privatetextreading": ["", "?q=person", "?model=card", f"?{year}", "?p=99"],
        "auth/group": ["", "?q=Group"],
    }
    registered = {f"{model._meta.app_label}/{model._meta.model_name}" for model in site._registry}
    assert registered == set(lists)
    for name, queries in lists.items():
        for query in queries:
            with CaptureQueriesContext(connection) as counted:
                response = boss.get(f"/admin/{name}/{query}")
            assert response.status_code == 200, (name, query)
            assert len(response.context["cl"].result_list) >= 1, (name, query)
            assert len(counted) <= MOST_QUERIES, (name, query, [q["sql"][:150] for q in counted])


def test_no_list_counts_the_rows_of_its_filters(boss: Client) -> None:
    for model in site._registry:
        path = f"/admin/{model._meta.app_label}/{model._meta.model_name}/?_facets=1"
        with CaptureQueriesContext(connection) as counted:
            assert boss.get(path).status_code == 200
        assert not any("FILTER (WHERE" in query["sql"] for query in counted.captured_queries), path


def test_gigs_are_found_by_any_word_without_accents(boss: Client, teacher: Person) -> None:
    make_gig(teacher.user, "Café conversation", tags=["Exam"])
    make_gig(teacher.user, "Business French", language="French", currency="USD")
    assert found(boss, "gig", "?q=CAFE") == {"Café conversation"}
    assert found(boss, "gig", "?q=exam+conversation") == {"Café conversation"}
    assert found(boss, "gig", "?q=tomas") == {"Café conversation", "Business French"}
    assert found(boss, "gig", "?q=nothing") == set()
    assert found(boss, "gig", "?currency__exact=USD") == {"Business French"}
    assert found(boss, "gig", f"?teacher__pk={teacher.user.pk}") == {"Café conversation", "Business French"}


def test_gigs_are_sorted_by_price_within_one_currency(boss: Client, teacher: Person) -> None:
    for title, price, currency in (("b", "9", "EUR"), ("a", "12", "EUR"), ("c", "1", "JPY")):
        make_gig(teacher.user, title, price_per_session=price, currency=currency)
    for order, titles in (("4", "bac"), ("-4", "cab")):
        page = boss.get(f"/admin/accounts/gig/?o={order}")
        assert "".join(gig.title for gig in page.context["cl"].result_list) == titles


def test_chats_are_chosen_by_the_day_of_the_newest_message(
    boss: Client, student: Person, teacher: Person
) -> None:
    make_chat(student.user, teacher.user)
    days = set(re.findall(r"(\w+)__day=", page(boss, "chat").content.decode()))
    assert days == {"updated_at"}


def test_users_are_found_by_name_address_and_id(boss: Client, make_account: Callable[..., User]) -> None:
    anna, zoe = make_account("Anna"), make_account("Zoe", city="Malmö")
    anna.name = "Ánna"
    anna.save()
    assert found(boss, "user", "?q=anna") == {"Ánna"}
    assert found(boss, "user", "?q=malmo") == {"Zoe"}
    assert found(boss, "user", f"?q={zoe.email.upper()}") == {"Zoe"}
    assert found(boss, "user", f"?q={anna.pk}") == {"Ánna"}
    assert found(boss, "user", "?q=%00") >= {"Ánna", "Zoe"}


def test_the_gig_filter_completes_teachers_names(boss: Client, gig: Gig) -> None:
    query = "?app_label=accounts&model_name=gig&field_name=teacher&term=tomas"
    answer = boss.get(f"/admin/autocomplete/{query}").json()
    assert [row["id"] for row in answer["results"]] == [str(gig.teacher_id)]


ABSURD = [
    f"created_at__year={'9' * 11}",
    f"created_at__year={'9' * 40}",
    "created_at__year=9999",
    "created_at__year=9999&created_at__month=12",
    f"created_at__year=2026&created_at__month={'9' * 11}",
    "created_at__year=2026&created_at__day=31&created_at__month=2",
    f"created_at__month={'9' * 11}",
    "created_at__month=1&created_at__day=-1",
    "created_at__gte=now",
    "role__exact=%00",
    "status__exact=%00",
    "state__exact=%00",
    "is_verified__exact=%00",
    "created_at__range=2026-01-01",
    "tags=1",
    "name=%00",
    f"p={'9' * 30}",
    f"o={'9' * 30}",
    "q=%00",
]


@pytest.mark.slow
@pytest.mark.parametrize("model", site._registry)
def test_every_list_survives_absurd_parameters(boss: Client, gig: Gig, model: type[Model]) -> None:
    VoiceSession.objects.create(user=gig.teacher.user, created_at=timezone.now())
    path = f"/admin/{model._meta.app_label}/{model._meta.model_name}/"
    for query in ABSURD:
        answer = boss.get(f"{path}?{query}")
        assert answer.status_code in (200, 302, 400), query
        assert answer.headers.get("Location", f"{path}?e=1") == f"{path}?e=1", query
    assert boss.get(f"{path}?e=1").status_code == 200


@pytest.mark.parametrize(("model", "action"), [("user", "unban"), ("gig", "lift_suspension")])
def test_an_action_survives_absurd_parameters(boss: Client, gig: Gig, model: str, action: str) -> None:
    path = f"/admin/accounts/{model}/"
    pk = {"user": gig.teacher.user.pk, "gig": gig.pk}[model]
    for query in ABSURD:
        for data in ({"action": action, "_selected_action": str(pk)}, {}):
            answer = boss.post(f"{path}?{query}", data)
            assert answer.status_code in (200, 302, 400), query


def test_an_absurd_date_leads_to_the_whole_list(boss: Client, gig: Gig) -> None:
    answer = boss.get("/admin/accounts/gig/?created_at__year=99999999999", follow=True)
    assert [str(row) for row in answer.context["cl"].result_list] == [gig.title]


@pytest.mark.parametrize(("model", "action"), [("user", "unban"), ("gig", "lift_suspension")])
def test_an_action_on_absurd_ids_leads_to_the_list(boss: Client, model: str, action: str) -> None:
    for pk in ("x", "\x00", "9" * 30):
        data = {"action": action, "_selected_action": pk}
        answer = boss.post(f"/admin/accounts/{model}/", data, follow=True)
        assert answer.status_code == 200 and "cl" in answer.context, pk


def test_the_completion_of_groups_ignores_nul(boss: Client) -> None:
    Group.objects.create(name="Editors")
    query = "?app_label=accounts&model_name=user&field_name=groups&term=edi%00tors"
    answer = boss.get(f"/admin/autocomplete/{query}").json()
    assert [row["text"] for row in answer["results"]] == ["Editors"]


def test_empty_list_says_whether_a_search_found_nothing(boss: Client, gig: Gig) -> None:
    assert "There are no rows yet." in page(boss, "report").content.decode()
    assert "No row matches the search and the filters." in page(boss, "gig", "?q=nothing").content.decode()


def test_staff_see_only_the_lists_they_have_a_permission_for(
    make_staff: Callable[..., User], gig: Gig, student: Person
) -> None:
    member = signed_in(make_staff("Sam", "view_gig"))
    page(member, "gig")
    assert member.get(f"/admin/accounts/gig/{gig.pk}/change/").status_code == 200
    for path in ("user/", "teacher/", f"user/{student.user.pk}/change/"):
        assert member.get(f"/admin/accounts/{path}").status_code == 403
    assert member.get("/admin/auth/group/").status_code == 403
    nobody = Client().get("/admin/accounts/gig/")
    assert nobody.status_code == 302 and nobody["Location"].startswith("/admin/login/")
    bearer = Client(headers={"Authorization": f"Bearer {student.token}"})
    assert bearer.get("/admin/accounts/gig/").status_code == 302


def test_an_admin_session_does_not_authenticate_to_the_api(boss: Client) -> None:
    assert boss.get("/accounts/users/me/").status_code == 401


def test_access_token_of_staff_opens_no_page_of_the_admin(staff: Person) -> None:
    pages = [example_of(path) for path, _ in all_patterns() if path.startswith("/admin/")]
    assert len(pages) > 30
    for page in set(pages) - {"/admin/login/", "/admin/logout/"}:
        answer = staff.client.get(page)
        assert (answer.status_code, answer["Location"][:13]) == (302, "/admin/login/"), page


def test_pages_load_nothing_from_other_sites(boss: Client, gig: Gig) -> None:
    for path in ("", "accounts/gig/", f"accounts/gig/{gig.pk}/change/", "accounts/user/"):
        html = boss.get(f"/admin/{path}").content.decode()
        loaded = re.findall(r'(?:src|<link[^>]*href)="([^"]+)"', html)
        assert loaded and all(address.startswith("/") for address in loaded), loaded
    assert boss.get("/admin/")["X-Frame-Options"] == "DENY"
