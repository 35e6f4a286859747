"""docs/REPORTS.md names every kind, reason and action. tests/test_guides.py tests the rest of the page."""

from accounts.admin.report_actions import STEPS
from accounts.models import Notice, Report
from tests.fixtures.guides import REPORTS


def test_the_page_names_every_kind_reason_and_action() -> None:
    values = [*Report.Kind.values, *Report.Reason.values, *Report.State.values, *Notice.Kind.values]
    assert [value for value in values if f"`{value}`" not in REPORTS.text] == []
    assert [step.label for step in STEPS if f"| {step.label} |" not in REPORTS.text] == []
