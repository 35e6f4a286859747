"""Groups in the admin, for superusers only."""

from django.contrib import admin
from django.contrib.auth.models import Group
from django.db.models import Model, QuerySet
from django.http import HttpRequest

from accounts.admin.pages import ListAdmin
from accounts.admin.site import site
from accounts.services.staff_groups import GROUPS


@admin.register(Group, site=site)
class GroupAdmin(ListAdmin):
    """Groups of permissions. Staff who could change a group could give themselves any permission.

    Nobody changes or deletes the groups in GROUPS: each ``migrate`` would restore their permissions.
    """

    search_fields = ("name",)
    ordering = ("name",)
    filter_horizontal = ("permissions",)
    show_full_result_count = False

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Group], search_term: str
    ) -> tuple[QuerySet[Group], bool]:
        """Groups by name. PostgreSQL's texts contain no NUL."""
        found: tuple[QuerySet[Group], bool] = super().get_search_results(
            request, queryset, search_term.replace("\x00", "")
        )
        return found

    def has_module_permission(self, request: HttpRequest) -> bool:
        return request.user.is_superuser

    def has_view_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return request.user.is_superuser

    def has_add_permission(self, request: HttpRequest) -> bool:
        return request.user.is_superuser

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return request.user.is_superuser and getattr(obj, "name", None) not in GROUPS

    has_delete_permission = has_change_permission
