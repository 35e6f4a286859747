"""Reports in the admin: the queue, what staff read and when it is logged, and permissions."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import Message, PrivateTextReading, Report, User
from accounts.models.reports import COPY_KEPT
from tests.fixtures.moderation import PERMISSIONS, address_of, handle, read
from tests.fixtures.people import Person
from tests.fixtures.reports import close, ids_of_things, reported
from tests.fixtures.shared import Shared
from tests.fixtures.staff import signed_in

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("clean_auth")]

LIST = "/admin/accounts/report/"


@pytest.fixture
def moderator(make_staff: Callable[..., User]) -> Client:
    """A member of staff who may handle reports, suspend gigs and ban."""
    return signed_in(make_staff("Mo", *PERMISSIONS))


@pytest.fixture
def chatted(student: Person, teacher: Person) -> Report:
    """A report of the eighth of fifteen messages."""
    chat = student.open_chat(teacher)
    sent = [teacher.write(chat, f"secret {number:02}") for number in range(1, 16)]
    return reported(student, "message", sent[7]["id"], text="secret of the reporter")


def listed(client: Client, query: str = "") -> list[int]:
    """The ids of the reports of a list."""
    response = client.get(f"{LIST}{query}")
    assert response.status_code == 200, response.headers
    return [report.pk for report in response.context["cl"].result_list]


def test_open_reports_come_first_and_the_oldest_of_them(
    moderator: Client, shared: Shared, staff: Person
) -> None:
    ids = ids_of_things(shared)
    first, second, third, fourth = (reported(shared.learner, kind, pk) for kind, pk in ids.items())
    close(first, staff.user, days_ago=2)
    close(third, staff.user, days_ago=1)
    assert listed(moderator) == [second.pk, fourth.pk, third.pk, first.pk]
    assert listed(moderator, "?state=open") == [second.pk, fourth.pk]
    assert listed(moderator, "?state=handled") == [third.pk, first.pk]
    assert listed(moderator, "?kind__exact=gig") == [second.pk]
    assert listed(moderator, "?reason__exact=scam") == []
    assert listed(moderator, "?q=ana") == listed(moderator)
    assert listed(moderator, f"?q={shared.teacher.user.pk}") == listed(moderator)
    assert listed(moderator, "?q=secret") == []


def test_no_list_and_no_page_shows_or_reads_a_text_before_the_reading(
    moderator: Client, shared: Shared
) -> None:
    for kind, pk in ids_of_things(shared).items():
        report = reported(shared.learner, kind, pk, text="secret of the reporter")
        pages = (LIST, address_of(report), address_of(report, "dismiss"), address_of(report, "history"))
        with CaptureQueriesContext(connection) as counted:
            for path in pages:
                assert "secret" not in moderator.get(path).content.decode(), path
        statements = " ".join(query["sql"] for query in counted.captured_queries)
        for column in ('"accounts_report"."text"', '"copied_text"', '"content"', '"accounts_comment"."text"'):
            assert column not in statements.replace('"accounts_report"."copied_text" =', ""), (kind, column)
    assert not PrivateTextReading.objects.exists()


def test_no_filter_finds_a_text(moderator: Client, chatted: Report) -> None:
    for column in ("text", "copied_text", "handling_reason"):
        response = moderator.get(f"{LIST}?{column}__contains=secret")
        assert response.status_code in (302, 400)


def test_reading_is_logged_before_the_texts_are_read(
    moderator: Client, chatted: Report, teacher: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("accounts.admin.report_pages.texts_of", lambda *args, **named: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        moderator.post(address_of(chatted, "read"))
    [reading] = PrivateTextReading.objects.all()
    assert (reading.by.name, reading.owner) == ("Mo", teacher.user)
    assert (reading.model, reading.object_id) == ("message", chatted.reported_id)
    assert reading.why == f"Report {chatted.pk}: Spam"


def test_superuser_is_logged_too(boss: Client, chatted: Report) -> None:
    read(boss, chatted)
    read(boss, chatted)
    assert PrivateTextReading.objects.count() == 2


def test_get_of_the_texts_shows_none_and_logs_nothing(moderator: Client, chatted: Report) -> None:
    response = moderator.get(address_of(chatted, "read"), follow=True)
    assert response.status_code == 200 and b"secret" not in response.content
    assert not PrivateTextReading.objects.exists()


def test_message_is_read_with_ten_around_it(moderator: Client, chatted: Report) -> None:
    response = moderator.post(address_of(chatted, "read"))
    assert "no-store" in response["Cache-Control"]
    lines = response.context["texts"]["messages"]
    assert [line.text for line in lines] == [f"secret {number:02}" for number in range(3, 14)]
    assert [line.text for line in lines if line.is_reported] == ["secret 08"]
    html = response.content.decode()
    assert "secret of the reporter" in html and "secret 13" in html and "secret 14" not in html


def test_texts_are_escaped(moderator: Client, student: Person, teacher: Person) -> None:
    message = teacher.write(student.open_chat(teacher), "<script>alert(1)</script>")
    html = read(moderator, reported(student, "message", message["id"], text="<b>bold</b>"))
    assert "<script>alert" not in html and "&lt;script&gt;alert(1)" in html
    assert "<b>bold" not in html


@pytest.mark.parametrize("kind", ["user", "gig", "comment"])
def test_other_things_are_read_as_they_were_and_as_they_are(
    moderator: Client, shared: Shared, kind: str
) -> None:
    User.objects.filter(pk=shared.teacher.user.pk).update(bio="secret user")
    report = reported(shared.learner, kind, ids_of_things(shared)[kind])
    texts = moderator.post(address_of(report, "read")).context["texts"]
    assert f"secret {kind}" in texts["copy"] and texts["now"] == texts["copy"]
    assert texts["messages"] == []
    assert PrivateTextReading.objects.get().owner == shared.teacher.user


def test_deleted_message_is_shown_as_deleted_with_its_copy(moderator: Client, chatted: Report) -> None:
    Message.objects.get(pk=chatted.reported_id).soft_delete(at=timezone.now())
    assert "(deleted)" in moderator.get(address_of(chatted)).content.decode()
    texts = moderator.post(address_of(chatted, "read")).context["texts"]
    assert (texts["copy"], texts["now"]) == ("secret 08", None)
    [line] = [line for line in texts["messages"] if line.is_reported]
    assert (line.text, line.note.partition(", ")[2]) == ("", "deleted")


def test_texts_cannot_be_read_thirty_days_after_the_handling(
    moderator: Client, chatted: Report, staff: Person
) -> None:
    close(chatted, staff.user, days_ago=COPY_KEPT.days)
    assert chatted.copied_text
    response = moderator.post(address_of(chatted, "read"), follow=True)
    html = response.content.decode()
    assert "until 30 days after the handling" in html
    assert not [text for text in ("secret 0", "secret of", "Read the texts") if text in html]
    assert not PrivateTextReading.objects.exists()


def test_no_filter_of_people_finds_a_reporter(
    make_staff: Callable[..., User], student: Person, chatted: Report
) -> None:
    member = signed_in(make_staff("Eve", "view_user", "handle_report"))
    for lookup in (f"filed_reports={chatted.pk}", "filed_reports__isnull=False", "password__startswith=!"):
        assert member.get(f"/admin/accounts/user/?{lookup}").status_code == 400, lookup
    assert member.get(f"/admin/accounts/user/?id__exact={student.user.pk}").status_code == 200


def test_page_names_the_reason_the_people_and_the_state(
    moderator: Client, shared: Shared, staff: Person
) -> None:
    report = reported(shared.learner, "user", ids_of_things(shared)["user"])
    close(report, staff.user, days_ago=1)
    facts = dict(moderator.get(address_of(report)).context["facts"]["rows"])
    report.refresh_from_db()
    assert facts["Reason"] == report.get_reason_display()
    assert (facts["State"], facts["Action"]) == ("Handled", report.get_action_display())


def test_page_has_the_history_of_thing_and_person(
    moderator: Client, shared: Shared, stranger: Person, staff: Person
) -> None:
    ids = ids_of_things(shared)
    old = reported(stranger, "gig", ids["gig"])
    handle(moderator, old, "suspend-gig", reason="Not a lesson.")
    report = reported(shared.learner, "user", ids["user"])
    html = moderator.get(address_of(report)).content.decode()
    assert f"Report {old.pk}" in html and "Gig suspended" in html
    assert "Suspended: Not a lesson." in html


def test_pages_of_reports_need_the_permission(make_staff: Callable[..., User], chatted: Report) -> None:
    others = ("view_user", "change_user", "ban_user", "suspend_gig", "read_private_text")
    member = signed_in(make_staff("Eve", *others))
    pages = ("change", "read", "dismiss", "warn", "suspend-gig", "remove-message", "remove-comment", "ban")
    for path in (LIST, *(address_of(chatted, page) for page in pages)):
        assert member.get(path).status_code == 403, path
        assert Client().get(path)["Location"].startswith("/admin/login/")
        if path != LIST:
            assert member.post(path, {"reason": "x", "warning": "x"}).status_code == 403, path
    assert LIST not in member.get("/admin/").content.decode()
    assert not PrivateTextReading.objects.exists() and Report.objects.open().count() == 1


def test_suspensions_and_bans_need_their_own_permission(
    make_staff: Callable[..., User], shared: Shared
) -> None:
    report = reported(shared.learner, "gig", ids_of_things(shared)["gig"])
    member = signed_in(make_staff("Eve", "handle_report"))
    steps = member.get(address_of(report)).context["steps"]
    assert [step.label for step in steps] == ["Dismiss", "Warn"]
    for action in ("suspend-gig", "ban"):
        assert member.post(address_of(report, action), {"reason": "x"}).status_code == 403
    assert Report.objects.open().count() == 1


def test_unknown_report_is_not_found(moderator: Client) -> None:
    for page in ("change", "dismiss", "read"):
        assert moderator.get(f"{LIST}999999/{page}/").status_code == 404


def test_staff_add_change_and_delete_no_report(boss: Client, chatted: Report) -> None:
    assert boss.get(f"{LIST}add/").status_code == 403
    assert boss.post(address_of(chatted, "delete"), {"post": "yes"}).status_code == 403
    before: Any = Report.objects.values().get()
    assert boss.post(address_of(chatted), {"reason": "scam"}).status_code == 403
    assert Report.objects.values().get() == before
