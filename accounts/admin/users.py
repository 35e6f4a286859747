"""Users in the admin: search, corrections and bans. Superusers also decide who is staff."""

from typing import Any
from uuid import UUID

from django import forms
from django.conf import settings
from django.contrib import admin
from django.contrib.admin.utils import unquote
from django.core.exceptions import ValidationError
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse

from accounts.admin import person_links
from accounts.admin.bans import BannedFilter
from accounts.admin.person_actions import PersonActions
from accounts.admin.site import site
from accounts.models import StoredBytes, User
from accounts.services import bans

RIGHTS = ("is_staff", "is_superuser", "groups", "user_permissions")
PROFILE = ("name", "bio", "city", "country", "phone_number", "date_of_birth", "native_language", "timezone")
READ_ONLY = (
    *("id", "email", "role", "ban_state", "stored", "created_at", "updated_at", "last_login"),
    "deleted_at",
)
NOTE = (
    "Accounts are stored in Supabase. Users register themselves, and only they can delete their account: "
    "the deletion also removes everything that belongs to it. Superusers make registered users members of "
    "staff here; the command createsuperuser creates a new superuser. A ban ends every session at once; the "
    "history of the page has its reason."
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
class UserAdmin(PersonActions):
    """All users, including deleted users."""

    form = UserForm
    list_display = ("__str__", "email", "role", "ban_state", "is_staff", "created_at", "deleted_at")
    list_filter = ("role", BannedFilter, "is_staff", ("deleted_at", admin.EmptyFieldListFilter))
    search_fields = ("email",)
    search_help_text = "Name, profile, e-mail address or id"
    change_form_outer_before_template = "accounts/admin/person_links.html"
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
        return matching(queryset, search_term, by_address=True), False

    def has_change_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        """Requires the permission. Only superusers can change a superuser, and nobody a deleted user."""
        may = super().has_change_permission(request, obj)
        return may and (obj is None or (obj.deleted_at is None and outranks(request, obj)))

    def has_delete_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        """False: users delete their account themselves."""
        return False

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        """The page of a person, with links to the lists of what belongs to the person."""
        row = self.get_object(request, unquote(object_id))
        context = {"links": person_links.links(request, row) if row else [], **(extra_context or {})}
        response: HttpResponse = super().change_view(request, object_id, form_url, context)
        return response

    @admin.display(description="stored bytes")
    def stored(self, user: User) -> str:
        """What the user's rows take, of what they may take."""
        used, allowed = StoredBytes.objects.of_user(user.pk), settings.STORAGE_BYTES_PER_USER
        return f"{used:,} of {allowed:,}" if allowed else f"{used:,}"

    @admin.display(description="banned", ordering="banned_until", empty_value="-")
    def ban_state(self, user: User) -> str | None:
        """The end of the ban, also of one that has ended."""
        return bans.described(user.banned_until) if user.banned_until else None


def matching(users: QuerySet[User], search_term: str, *, by_address: bool) -> QuerySet[User]:
    """The user with this id, or users with every word in the profile.

    ``by_address`` also finds the text in addresses, which reveals them letter by letter.
    """
    text = search_term.replace("\x00", "").strip()
    if not text:
        return users
    if is_uuid(text):
        return users.filter(pk=text)
    found = Q(pk__in=User.objects.mentioning(text).values("pk"))
    return users.filter(found | Q(email__icontains=text) if by_address else found)


def outranks(request: HttpRequest, user: User) -> bool:
    """Whether the member of staff may change this user: only superusers may change a superuser."""
    return bool(request.user.is_superuser or not user.is_superuser)


def is_uuid(text: str) -> bool:
    try:
        UUID(text)
    except ValueError:
        return False
    return True
