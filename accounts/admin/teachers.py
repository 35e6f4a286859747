"""Teachers in the admin. Staff search, correct and verify them."""

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse

from accounts.admin.bans import BannedUserFilter
from accounts.admin.pages import StaffModelAdmin, button
from accounts.admin.site import site
from accounts.models import Gig, Teacher
from accounts.services import teachers


@admin.register(Teacher, site=site)
class TeacherAdmin(StaffModelAdmin):
    """Every teaching profile. A user creates it over the API; it is deleted with the account."""

    list_display = ("user", "headline", "qualification", "experience_years", "is_verified", "created_at")
    list_filter = ("is_verified", BannedUserFilter)
    list_select_related = ("user",)
    search_fields = ("headline",)
    search_help_text = "Name, headline, qualification or a word of their gigs"
    actions = ("verify", "take_verification_back")
    actions_detail = ("verify_on_page", "take_back_on_page")
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
        """Searches as the API does, in gigs of every status."""
        return queryset.mentioning(search_term, Gig.objects.all()), False  # type: ignore[attr-defined]

    def has_delete_permission(self, request: HttpRequest, obj: Teacher | None = None) -> bool:
        return False

    def has_verify_permission(self, request: HttpRequest, object_id: str | None = None) -> bool:
        """True for staff who may verify teachers."""
        return request.user.has_perm("accounts.verify_teacher")

    def buttons_of(self, row: Teacher) -> tuple[str, ...]:
        return ("take_back_on_page",) if row.is_verified else ("verify_on_page",)

    @button("Verify", "verify", "verify")
    def verify_on_page(self, request: HttpRequest, object_id: str) -> HttpResponse:
        return self.act_on_page(
            *(request, object_id, self.verify),
            title="Verify",
            effect="{rows} will be shown as verified: staff have checked the qualification.",
        )

    @button("Take the verification back", "take-back", "verify")
    def take_back_on_page(self, request: HttpRequest, object_id: str) -> HttpResponse:
        return self.act_on_page(
            *(request, object_id, self.take_verification_back),
            title="Take the verification back",
            effect="{rows} will not be shown as verified.",
        )

    @admin.action(description="Verify", permissions=["verify"])
    def verify(self, request: HttpRequest, rows: QuerySet[Teacher]) -> None:
        """Stores that staff have checked the qualification."""
        self.set_verified(request, rows, True, "Verified")

    @admin.action(description="Take the verification back", permissions=["verify"])
    def take_verification_back(self, request: HttpRequest, rows: QuerySet[Teacher]) -> None:
        """Stores that staff have not checked the qualification."""
        self.set_verified(request, rows, False, "Verification taken back")

    def set_verified(self, request: HttpRequest, rows: QuerySet[Teacher], verified: bool, note: str) -> None:
        """Sets ``is_verified`` of each teacher."""
        self.apply_to_each(
            request, rows, lambda row: teachers.verify_teacher(pk=row.pk, verified=verified), note
        )
