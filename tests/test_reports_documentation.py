"""docs/REPORTS.md: its examples are executed, and it names every route, kind, reason and action."""

from __future__ import annotations

import re
import uuid

import pytest
from django.utils import timezone

from accounts.admin.report_actions import STEPS
from accounts.models import Notice, Report, User
from accounts.services import report_handling, reports
from accounts.services.report_handling import Decision
from tests.fixtures.documentation import REPORTS_PAGE, SERVER, fetch_examples
from tests.fixtures.documented_answers import INSTANT, UUID, assert_as_shown, requests_of, run_fetch
from tests.fixtures.programs import need
from tests.fixtures.routes import all_routes

FORMS = {"reported": UUID, **dict.fromkeys(("created_at", "read_at"), INSTANT)}
OWN_ROUTES = re.compile(r"/reports/|/notices/")


def handle_a_report_of(email: str) -> None:
    """Files a report of the user with this address, which staff dismiss."""
    now, reported = timezone.now(), User.objects.get(email="lucia@example.com")
    report, _ = reports.file_report(
        user=User.objects.get(email=email),
        kind=Report.Kind.USER,
        reported_id=str(reported.pk),
        reason=Report.Reason.SPAM,
        text="",
        at=now,
    )
    staff = User.objects.create(pk=uuid.uuid4(), name="Sam", is_staff=True)
    decision = Decision(action=Report.Action.DISMISS, by=staff, reason="Nothing to see.")
    report_handling.handle_report(pk=report.pk, decision=decision, at=now)


@pytest.mark.slow
@pytest.mark.django_db(transaction=True, reset_sequences=True)
def test_the_examples_answer_as_shown(demo_url: str) -> None:
    need("node")
    handle_a_report_of("ana@example.com")
    found = fetch_examples(REPORTS_PAGE.replace(SERVER, demo_url))
    shown = requests_of(found)
    assert len(shown) == 4
    for example, outcome in zip(shown, run_fetch(found, in_scopes=False), strict=True):
        assert_as_shown(example, outcome, FORMS)


def test_the_page_has_an_example_of_every_route() -> None:
    code = "\n".join(example.fetch for example in fetch_examples(REPORTS_PAGE))
    called = {
        (method.lower(), re.sub(r"\$\{[^}]*\}", "{}", path))
        for method, path in re.findall(r'"([A-Z]+)", ["`]([^"`]+)["`]', code)
    }
    routes = {
        (route.method, re.sub(r"<[^>]*>", "{}", route.pattern).removeprefix("/accounts/"))
        for route in all_routes()
        if OWN_ROUTES.search(route.pattern)
    }
    assert len(routes) == 4
    assert routes <= called


def test_the_page_names_every_kind_reason_and_action() -> None:
    values = [*Report.Kind.values, *Report.Reason.values, *Report.State.values, *Notice.Kind.values]
    assert [value for value in values if f"`{value}`" not in REPORTS_PAGE] == []
    assert [step.label for step in STEPS if f"| {step.label} |" not in REPORTS_PAGE] == []
