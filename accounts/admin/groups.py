"""Groups in the admin, for superusers only."""

from django.contrib import admin
from django.contrib.auth.models import Group
from django.db.models import Model
from django.http import HttpRequest
from unfold.admin import ModelAdmin

from accounts.admin.site import site


@admin.register(Group, site=site)
class GroupAdmin(ModelAdmin):
    """Groups of permissions. Staff who could change a group could give themselves any permission."""

    search_fields = ("name",)
    ordering = ("name",)
    filter_horizontal = ("permissions",)
    show_full_result_count = False

    def has_module_permission(self, request: HttpRequest) -> bool:
        return request.user.is_superuser

    def has_view_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return request.user.is_superuser

    def has_add_permission(self, request: HttpRequest) -> bool:
        return request.user.is_superuser

    has_change_permission = has_delete_permission = has_view_permission
