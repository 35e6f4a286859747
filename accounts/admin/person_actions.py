"""What staff do to a person, from the list of users and from the person's own page."""

from typing import cast

from django import forms
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from unfold.widgets import UnfoldAdminEmailInputWidget

from accounts.admin import confirmations
from accounts.admin.bans import BanForm
from accounts.admin.pages import StaffModelAdmin, button, logged_already
from accounts.models import User
from accounts.models.bans import FOREVER
from accounts.services import account_changes, bans

BAN = (
    "{rows} will lose all access and every session at once. Only staff see the reason and the end. "
    "A second ban replaces the end of the first."
)
TITLE = "Change the e-mail address"
NEW_EMAIL = (
    "{rows} will log in with the new address, which counts as confirmed. Supabase sends no mail. Whoever has "
    "the address can set a new password."
)


class EmailForm(forms.Form):
    email = forms.EmailField(
        label="New e-mail address",
        max_length=User._meta.get_field("email").max_length,
        widget=UnfoldAdminEmailInputWidget,
    )


class PersonActions(StaffModelAdmin):
    """Bans, and changes of the account. Each service records the change in the admin's log."""

    actions = ("ban", "unban")
    actions_detail = ("ban_on_page", "lift_on_page", "change_email", "make_teacher")

    def has_ban_permission(self, request: HttpRequest, object_id: str | None = None) -> bool:
        """Whether the member of staff sees the actions ``ban`` and ``unban``."""
        return request.user.has_perm("accounts.ban_user")

    def has_account_permission(self, request: HttpRequest, object_id: str) -> bool:
        """Whether the member of staff may change the address and the role of this person."""
        return bool(self.has_change_permission(request, self.get_object(request, object_id)))

    @admin.action(description="Ban with a reason", permissions=["ban"])
    def ban(self, request: HttpRequest, rows: QuerySet[User]) -> HttpResponse | None:
        """Shows a form for the reason and the end, then bans. Changes the end of a banned user."""
        form, at, by = BanForm.given(request), timezone.now(), cast(User, request.user)
        if not form.is_valid():
            return confirmations.page(self, request, rows, title="Ban", effect=BAN, form=form)
        end, reason = form.cleaned_data["until"] or FOREVER, form.cleaned_data["reason"]
        self.apply_to_each(
            request,
            rows,
            lambda user: bans.ban_user(user=user, by=by, reason=reason, at=at, until=end),
            f"Banned {bans.described(end)}",
            log=logged_already,
        )
        return None

    @admin.action(description="Lift the ban", permissions=["ban"])
    def unban(self, request: HttpRequest, rows: QuerySet[User]) -> None:
        by, at = cast(User, request.user), timezone.now()
        self.apply_to_each(
            request,
            rows,
            lambda user: bans.unban_user(user=user, by=by, at=at),
            "Ban lifted",
            log=logged_already,
        )

    def buttons_of(self, row: User) -> tuple[str, ...]:
        """None for a deleted person. A second ban changes the end."""
        if row.deleted_at:
            return ()
        lift = ["lift_on_page"] if row.is_banned(at=timezone.now()) else []
        teach = ["make_teacher"] if row.role == User.Role.STUDENT else []
        return ("ban_on_page", *lift, "change_email", *teach)

    @button("Ban", "ban", "ban")
    def ban_on_page(self, request: HttpRequest, object_id: str) -> HttpResponse:
        return self.act_on_page(request, object_id, self.ban)

    @button("Lift the ban", "lift-ban", "ban")
    def lift_on_page(self, request: HttpRequest, object_id: str) -> HttpResponse:
        return self.act_on_page(
            *(request, object_id, self.unban),
            title="Lift the ban",
            effect="{rows} will have access again after a new login.",
        )

    @button(TITLE, "change-email", "account")
    def change_email(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Shows a form for the address, then changes it at Supabase and in the row."""
        form = EmailForm(request.POST or None)

        def change(request: HttpRequest, rows: QuerySet[User]) -> HttpResponse | None:
            if form.is_valid():
                by, at, email = cast(User, request.user), timezone.now(), form.cleaned_data["email"]
                self.apply_to_each(
                    request,
                    rows,
                    lambda user: account_changes.change_email(user=user, by=by, email=email, at=at),
                    "E-mail address changed",
                    log=logged_already,
                )
                return None
            return confirmations.page(self, request, rows, title=TITLE, effect=NEW_EMAIL, form=form)

        return self.act_on_page(request, object_id, change)

    @button("Make a teacher", "make-teacher", "account")
    def make_teacher(self, request: HttpRequest, object_id: str) -> HttpResponse:
        def make(request: HttpRequest, rows: QuerySet[User]) -> None:
            by = cast(User, request.user)
            self.apply_to_each(
                request,
                rows,
                lambda user: account_changes.make_teacher(user=user, by=by),
                "Made a teacher",
                log=logged_already,
            )

        return self.act_on_page(
            *(request, object_id, make),
            title="Make a teacher",
            effect="{rows} will be a teacher, with an empty teaching profile, and cannot be a student again.",
        )
