"""Query plans of reports and notices: a page reads the rows that it shows, whatever their number.

A handling has the same statements for one report and for many.
"""

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import Notice, Report
from accounts.services import report_handling
from accounts.services.report_handling import Decision
from tests.fixtures.people import Person
from tests.fixtures.plans import many_rows, nodes_of
from tests.fixtures.reports import reported

pytestmark = [pytest.mark.django_db, pytest.mark.slow]

# A hundredth of the reports is open, and the student has filed a hundredth.
REPORTS = """
insert into accounts_report (kind, reported_id, reported_user_id, reporter_id, reason, text, copied_text,
  created_at, handled_at, action, handling_reason)
select 'gig', n::text, %(teacher)s, case n %% 100 when 1 then %(student)s::uuid else gen_random_uuid() end,
  'spam', 'x', case when n < 50 then 'x' else '' end, now() - n * interval '1 minute',
  case n %% 100 when 0 then null else now() - interval '40 days' end,
  case n %% 100 when 0 then '' else 'warn' end, '' from generate_series(1, 20000) n"""
NOTICES = """
insert into accounts_notice (user_id, kind, text, created_at)
select case n %% 100 when 1 then %(student)s::uuid else gen_random_uuid() end, 'warning', 'x',
  now() - n * interval '1 minute' from generate_series(1, 20000) n"""


@pytest.fixture
def many(student: Person, teacher: Person) -> Person:
    """The student, among 20,000 reports and as many notices."""
    people = {"student": student.user.pk, "teacher": teacher.user.pk}
    with connection.cursor() as cursor:
        for table, sql in (("accounts_report", REPORTS), ("accounts_notice", NOTICES)):
            with many_rows(cursor, table):
                cursor.execute(sql, people)
            cursor.execute(f"analyze {table}")
    return student


def assert_reads_few(rows: Any, index: str) -> None:
    """Asserts that the plan uses the index, and reads at most three times the rows of a page."""
    nodes = nodes_of(rows)
    assert index in {node.get("Index Name") for node in nodes}, nodes
    assert max(node["Actual Rows"] for node in nodes) <= 150, nodes


def test_pages_of_reports_and_notices_are_read_by_an_index(many: Person) -> None:
    queue = ("-handled_at", "created_at", "pk")
    assert_reads_few(Report.objects.order_by(*queue)[:50], "report_queue")
    assert_reads_few(Report.objects.open().order_by(*queue)[:50], "report_queue")
    assert_reads_few(Report.objects.for_user(many.user).newest_first()[:51], "report_of_reporter")
    assert_reads_few(Report.objects.about("gig", "7"), "report_of_thing")
    assert_reads_few(Report.objects.with_expired_copy(timezone.now()), "report_with_copy")
    assert_reads_few(Notice.objects.for_user(many.user).newest_first()[:51], "notice_of_user")


def test_statements_of_a_handling_do_not_depend_on_the_number_of_reports(
    staff: Person, student: Person, teacher: Person, stranger: Person
) -> None:
    def statements_of(gig: int) -> int:
        """The number of statements of a dismissal."""
        report = Report.objects.filter(kind="gig", reported_id=str(gig)).first()
        assert report
        decision = Decision(action=Report.Action.DISMISS, by=staff.user, reason="x")
        with CaptureQueriesContext(connection) as counted:
            report_handling.handle_report(pk=report.pk, decision=decision, at=timezone.now())
        return len(counted)

    first, second, third = (teacher.offer()["id"] for _ in range(3))
    for gig, people in ((first, [student]), (second, [student]), (third, [student, stranger])):
        for person in people:
            reported(person, "gig", gig)
    statements_of(first)  # reads the content types
    assert statements_of(second) == statements_of(third)
