"""The log of readings of private text in the admin, read-only."""

from django.contrib import admin

from accounts.admin.read_only import ReadOnlyAdmin
from accounts.admin.site import site
from accounts.models import PrivateTextReading


@admin.register(PrivateTextReading, site=site)
class PrivateTextReadingAdmin(ReadOnlyAdmin):
    """Every reading: who, whose, which row, why and when. ``record_reading`` writes it."""

    ordering = ("-pk",)
    people = ("by", "owner")
    list_display = ("created_at", "by", "owner", "model", "object_id", "why")
    list_filter = ("model", "created_at")
    list_select_related = people
    filtered = (*list_filter, *people, "object_id")
    fields = list_display
    readonly_fields = fields
