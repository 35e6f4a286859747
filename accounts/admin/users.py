"""People in the admin: found, corrected, banned; who is staff, for superusers alone."""

from typing import Any
from uuid import UUID

from django import forms
from django.contrib import admin
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.utils import timezone

from accounts.admin.pages import StaffModelAdmin
from accounts.admin.site import site
from accounts.errors import NotAllowed
from accounts.models import User
from accounts.services import users

RIGHTS = ("is_staff", "is_superuser", "groups", "user_permissions")
PROFILE = ("name", "bio", "city", "country", "phone_number", "date_of_birth", "native_language", "timezone")
GIVEN = ("id", "email", "role", "is_active", "created_at", "updated_at", "last_login", "deleted_at")
NOTE = (
    "Accounts are Supabase's. People register themselves, and staff are made with createsuperuser or "
    "here, from an account that is there; people delete their account themselves, which takes all that "
    "is theirs with it. Staff ban: that ends every session at once and can be lifted."
)


class UserForm(forms.ModelForm):  # type: ignore[type-arg]
    """A person's profile and, for superusers, rights."""

    def clean_is_staff(self) -> bool:
        """Among staff an address is unique, and only they are asked for it."""
        is_staff: bool = self.cleaned_data["is_staff"]
        others = User.objects.filter(email__iexact=self.instance.email, is_staff=True)
        if is_staff and others.exclude(pk=self.instance.pk).exists():
            raise forms.ValidationError("Another member of staff has this e-mail address.")
        return is_staff


@admin.register(User, site=site)
class UserAdmin(StaffModelAdmin):
    """Everybody, with tombstones of the deleted."""

    form = UserForm
    list_display = ("__str__", "email", "role", "is_active", "is_staff", "created_at", "deleted_at")
    list_filter = ("role", "is_active", "is_staff", ("deleted_at", admin.EmptyFieldListFilter))
    search_fields = ("email",)
    search_help_text = "Name, profile, e-mail address or id"
    actions = ("ban", "unban")
    autocomplete_fields = ("groups",)
    filter_horizontal = ("user_permissions",)
    fieldsets = (
        (None, {"fields": GIVEN, "description": NOTE}),
        ("Profile", {"fields": (*PROFILE, "learning_languages", "profile_picture")}),
        ("Rights", {"fields": RIGHTS}),
    )

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        """What Supabase and the actions decide; rights too, but for superusers."""
        given = (*GIVEN, "learning_languages", "profile_picture")
        return given if request.user.is_superuser else (*given, *RIGHTS)

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[User], search_term: str
    ) -> tuple[QuerySet[User], bool]:
        """Each word in the name or profile, or the text in the address, or the id itself."""
        text = search_term.replace("\x00", "").strip()
        if not text:
            return queryset, False
        if is_uuid(text):
            return queryset.filter(pk=text), False
        mentioned = User.objects.mentioning(text).values("pk")
        return queryset.filter(Q(email__icontains=text) | Q(pk__in=mentioned)), False

    def has_change_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        """As granted; a superuser is changed by superusers alone, a tombstone by nobody."""
        may = super().has_change_permission(request, obj)
        return may and (obj is None or (obj.deleted_at is None and may_touch(request, obj)))

    def has_delete_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        """Never: see NOTE."""
        return False

    def has_ban_permission(self, request: HttpRequest) -> bool:
        """Whether the member of staff may ban and lift bans."""
        return request.user.has_perm("accounts.ban_user")

    @admin.action(description="Ban", permissions=["ban"])
    def ban(self, request: HttpRequest, rows: QuerySet[User]) -> None:
        """Shuts these people out at once."""
        at = timezone.now()

        def ban_one(user: User) -> None:
            require_touchable(request, user)
            users.ban_user(user=user, at=at)

        self.apply_to_each(request, rows, ban_one, "Banned")

    @admin.action(description="Lift the ban", permissions=["ban"])
    def unban(self, request: HttpRequest, rows: QuerySet[User]) -> None:
        """Lets these people in again."""

        def unban_one(user: User) -> None:
            require_touchable(request, user)
            users.unban_user(user=user)

        self.apply_to_each(request, rows, unban_one, "Ban lifted")


def may_touch(request: HttpRequest, user: User) -> bool:
    """Whether the member of staff stands high enough."""
    return bool(request.user.is_superuser or not user.is_superuser)


def require_touchable(request: HttpRequest, user: User) -> None:
    """Raises NotAllowed for oneself and, unless one is a superuser, for superusers."""
    if user.pk == request.user.pk:
        raise NotAllowed("Nobody bans themselves.")
    if not may_touch(request, user):
        raise NotAllowed("Only superusers ban a superuser.")


def is_uuid(text: str) -> bool:
    """Whether ``text`` is an id."""
    try:
        UUID(text)
    except ValueError:
        return False
    return True
