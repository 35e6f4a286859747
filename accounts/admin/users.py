"""Users in the admin: search, corrections and bans. Superusers also decide who is staff."""

from typing import Any
from uuid import UUID

from django import forms
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.utils import timezone

from accounts.admin.pages import StaffModelAdmin
from accounts.admin.site import site
from accounts.errors import NotAllowed
from accounts.models import User
from accounts.services import bans

RIGHTS = ("is_staff", "is_superuser", "groups", "user_permissions")
PROFILE = ("name", "bio", "city", "country", "phone_number", "date_of_birth", "native_language", "timezone")
READ_ONLY = ("id", "email", "role", "is_active", "created_at", "updated_at", "last_login", "deleted_at")
NOTE = (
    "Accounts are stored in Supabase. Users register themselves, and only they can delete their account: "
    "the deletion also removes everything that belongs to it. Superusers make registered users members of "
    "staff here; the command createsuperuser creates a new superuser. A ban ends every session at once, and "
    "can be lifted."
)


class UserForm(forms.ModelForm):  # type: ignore[type-arg]
    def validate_unique(self) -> None:
        """Also checks the constraint ``staff_email_once``.

        Django skips a constraint if the form lacks one of its fields, and the address is read-only.
        """
        super().validate_unique()
        try:
            self.instance.validate_constraints()
        except ValidationError as error:
            self.add_error(None, error)


@admin.register(User, site=site)
class UserAdmin(StaffModelAdmin):
    """All users, including deleted users."""

    form = UserForm
    list_display = ("__str__", "email", "role", "is_active", "is_staff", "created_at", "deleted_at")
    list_filter = ("role", "is_active", "is_staff", ("deleted_at", admin.EmptyFieldListFilter))
    search_fields = ("email",)
    search_help_text = "Name, profile, e-mail address or id"
    actions = ("ban", "unban")
    autocomplete_fields = ("groups",)
    filter_horizontal = ("user_permissions",)
    fieldsets = (
        (None, {"fields": READ_ONLY, "description": NOTE}),
        ("Profile", {"fields": (*PROFILE, "learning_languages", "profile_picture")}),
        ("Rights", {"fields": RIGHTS}),
    )

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        """Fields that Supabase or an action sets. Only superusers change the rights."""
        read_only = (*READ_ONLY, "learning_languages", "profile_picture")
        return read_only if request.user.is_superuser else (*read_only, *RIGHTS)

    def save_model(self, request: HttpRequest, obj: User, form: Any, change: bool) -> None:
        """Saves the user. Access tokens do not fill a field again that staff have emptied."""
        super().save_model(request, obj, form, change)
        obj.note_emptied(form.changed_data)

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[User], search_term: str
    ) -> tuple[QuerySet[User], bool]:
        """The users that ``matching`` finds."""
        return matching(queryset, search_term), False

    def has_change_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        """Requires the permission. Only superusers can change a superuser, and nobody a deleted user."""
        may = super().has_change_permission(request, obj)
        return may and (obj is None or (obj.deleted_at is None and outranks(request, obj)))

    def has_delete_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        """False: users delete their account themselves."""
        return False

    def has_ban_permission(self, request: HttpRequest) -> bool:
        """Whether the member of staff sees the actions ``ban`` and ``unban``."""
        return request.user.has_perm("accounts.ban_user")

    @admin.action(description="Ban", permissions=["ban"])
    def ban(self, request: HttpRequest, rows: QuerySet[User]) -> None:
        at = timezone.now()

        def ban_one(user: User) -> None:
            check_bannable(request, user)
            bans.ban_user(user=user, at=at)

        self.apply_to_each(request, rows, ban_one, "Banned")

    @admin.action(description="Lift the ban", permissions=["ban"])
    def unban(self, request: HttpRequest, rows: QuerySet[User]) -> None:
        def unban_one(user: User) -> None:
            check_bannable(request, user)
            bans.unban_user(user=user)

        self.apply_to_each(request, rows, unban_one, "Ban lifted")


def matching(users: QuerySet[User], search_term: str) -> QuerySet[User]:
    """The user with this id, or users with every word in the profile or the text in the address."""
    text = search_term.replace("\x00", "").strip()
    if not text:
        return users
    if is_uuid(text):
        return users.filter(pk=text)
    mentioned = User.objects.mentioning(text).values("pk")
    return users.filter(Q(email__icontains=text) | Q(pk__in=mentioned))


def outranks(request: HttpRequest, user: User) -> bool:
    """Whether the member of staff may change this user: only superusers may change a superuser."""
    return bool(request.user.is_superuser or not user.is_superuser)


def check_bannable(request: HttpRequest, user: User) -> None:
    """Raises NotAllowed if ``user`` sent the request, or is a superuser and the sender is not."""
    if user.pk == request.user.pk:
        raise NotAllowed("Nobody bans themselves.")
    if not outranks(request, user):
        raise NotAllowed("Only superusers ban a superuser.")


def is_uuid(text: str) -> bool:
    try:
        UUID(text)
    except ValueError:
        return False
    return True
