"""The actions on a report: who may choose them, their forms, and what a form decides."""

from dataclasses import dataclass
from typing import Any, cast

from django import forms
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest
from unfold.widgets import UnfoldAdminTextareaWidget

from accounts.admin.bans import BanForm
from accounts.admin.confirmations import ReasonForm
from accounts.models import Report, User
from accounts.models.bans import FOREVER
from accounts.models.notices import MAX_NOTICE_CHARACTERS
from accounts.models.validators import validate_not_blank
from accounts.services import report_handling
from accounts.services.report_handling import Decision

Action = Report.Action
CLOSES = (
    "All open reports of the same thing are closed. "
    "Their reporters get a notice that does not name the action."
)


class WarningForm(ReasonForm):
    """The text of a warning, and the reason of it."""

    warning = forms.CharField(
        max_length=MAX_NOTICE_CHARACTERS,
        widget=UnfoldAdminTextareaWidget(attrs={"dir": "auto"}),
        validators=[validate_not_blank],
        help_text="The person reads this.",
    )
    field_order = ("warning", "reason")


@dataclass(frozen=True)
class Step:
    """An action as a page of the admin."""

    action: Report.Action
    label: str
    effect: str
    permission: str = ""  # besides handle_report
    form: type[ReasonForm] = ReasonForm

    @property
    def slug(self) -> str:
        """The last segment of the page's path."""
        return self.action.value.replace("_", "-")

    @property
    def url_name(self) -> str:
        """The name of the page's URL, without the admin's namespace."""
        return f"accounts_report_{self.action.value}"

    def is_allowed(self, request: HttpRequest) -> bool:
        """Whether the member of staff may choose the action."""
        return not self.permission or request.user.has_perm(self.permission)

    def decision(self, request: HttpRequest, form: Any) -> Decision:
        """What the valid form decides."""
        fields = dict(form.cleaned_data)
        until = fields.pop("until", None) or FOREVER
        return Decision(action=self.action, by=cast(User, request.user), until=until, **fields)


STEPS = (
    Step(Action.DISMISS, "Dismiss", "Nothing happens to what was reported. Staff read the reason."),
    Step(
        Action.WARN,
        "Warn",
        "The person gets your text as a notice. Staff read the reason.",
        form=WarningForm,
    ),
    Step(
        Action.SUSPEND_GIG,
        "Suspend gig",
        "The gig will be hidden from everybody but the teacher and staff. The teacher can read the reason.",
        permission="accounts.suspend_gig",
    ),
    Step(
        Action.REMOVE_MESSAGE,
        "Remove message",
        "Both people see that staff have removed the message. Staff read the reason.",
    ),
    Step(
        Action.REMOVE_COMMENT,
        "Remove comment",
        "The comment and its correction will be deleted. Staff read the reason.",
    ),
    Step(
        Action.BAN,
        "Ban",
        "The person loses all access, at once. Staff read the reason.",
        permission="accounts.ban_user",
        form=BanForm,
    ),
)


def step_of(slug: str) -> Step:
    """The step with this slug."""
    return next(step for step in STEPS if step.slug == slug)


def allowed_steps(request: HttpRequest, report: Report) -> list[Step]:
    """The steps that the report allows, and that the member of staff may choose."""
    allowed = [step for step in STEPS if step.is_allowed(request)]
    return [step for step in allowed if not report_handling.refusal_of(report, step.action)]


def refuse_unless(allowed: bool) -> None:
    """Raises PermissionDenied unless ``allowed``."""
    if not allowed:
        raise PermissionDenied
