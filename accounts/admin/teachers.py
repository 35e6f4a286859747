"""Teachers in the admin: found, corrected, verified."""

from collections.abc import Callable

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from accounts.admin.pages import StaffModelAdmin
from accounts.admin.site import site
from accounts.models import Gig, Teacher
from accounts.services import teachers


@admin.register(Teacher, site=site)
class TeacherAdmin(StaffModelAdmin):
    """Every teaching profile. People become teachers themselves and cease with their account."""

    list_display = ("user", "headline", "qualification", "experience_years", "is_verified", "created_at")
    list_filter = ("is_verified", "user__is_active")
    list_select_related = ("user",)
    search_fields = ("headline",)
    search_help_text = "Name, headline, qualification or a word of their gigs"
    actions = ("verify", "take_verification_back")
    fields = (
        "user",
        "headline",
        "about",
        "qualification",
        "experience_years",
        "certificates",
        "is_verified",
        "created_at",
        "updated_at",
    )
    readonly_fields = ("user", "certificates", "is_verified", "created_at", "updated_at")

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Teacher], search_term: str
    ) -> tuple[QuerySet[Teacher], bool]:
        """As the API searches, in every gig."""
        return queryset.mentioning(search_term, Gig.objects.all()), False  # type: ignore[attr-defined]

    def has_delete_permission(self, request: HttpRequest, obj: Teacher | None = None) -> bool:
        """Never: the profile goes with the person."""
        return False

    def has_verify_permission(self, request: HttpRequest) -> bool:
        """Whether the member of staff may vouch for a qualification."""
        return request.user.has_perm("accounts.verify_teacher")

    @admin.action(description="Verify", permissions=["verify"])
    def verify(self, request: HttpRequest, rows: QuerySet[Teacher]) -> None:
        """Notes that staff have checked the qualification."""
        self.apply_to_each(request, rows, checked(True), "Verified")

    @admin.action(description="Take the verification back", permissions=["verify"])
    def take_verification_back(self, request: HttpRequest, rows: QuerySet[Teacher]) -> None:
        """Notes that it is not checked."""
        note = "Verification taken back"
        self.apply_to_each(request, rows, checked(False), note)


def checked(verified: bool) -> Callable[[Teacher], None]:
    """What notes of a teacher whether the qualification is checked."""
    return lambda teacher: teachers.verify_teacher(user_id=teacher.pk, verified=verified)
