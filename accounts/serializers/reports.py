"""Serializers of reports."""

from typing import Any
from uuid import UUID

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from accounts.models import Report
from accounts.models.reports import MAX_REPORT_CHARACTERS
from accounts.serializers.fields import ModelSerializer, TextField

MAX_ID = 2**63 - 1  # of the columns
FORM = "The UUID of a user, or the integer id of the others."


@extend_schema_field({"type": ["string", "integer"], "description": FORM})
class ReportedIdField(serializers.Field[str, Any, Any, Any]):
    """The id of a user, which is a UUID, or of something else, an integer. The column has it as text."""

    default_error_messages = {"invalid": f"Expected: {FORM}"}

    def to_internal_value(self, data: Any) -> str:
        if isinstance(data, str):
            try:
                return str(UUID(data))
            except ValueError:
                self.fail("invalid")
        if not isinstance(data, int) or isinstance(data, bool) or not 0 < data <= MAX_ID:
            self.fail("invalid")
        return str(data)

    def to_representation(self, value: str) -> str | int | None:
        return int(value) if value.isdecimal() else value or None


class ReportSerializer(ModelSerializer[Report]):
    """A report, as its reporter reads it.

    `reported` is the id that was reported; null after that account was deleted and staff have handled the
    report.
    """

    reported = ReportedIdField(source="reported_id", read_only=True, allow_null=True)
    state = serializers.ChoiceField(Report.State.choices, source="shown_state", read_only=True)

    class Meta:
        model = Report
        fields = ["id", "kind", "reported", "reason", "text", "state", "created_at"]
        read_only_fields = fields


class NewReportSerializer(serializers.Serializer[Any]):
    """What to report, and why."""

    kind = serializers.ChoiceField(Report.Kind.choices)
    id = ReportedIdField(source="reported_id")
    reason = serializers.ChoiceField(Report.Reason.choices)
    text = TextField(max_length=MAX_REPORT_CHARACTERS, required=False, allow_blank=True, default="")

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Raises ValidationError if the id is of another kind."""
        if attrs["reported_id"].isdecimal() == (attrs["kind"] == Report.Kind.USER):
            raise serializers.ValidationError({"id": [ReportedIdField.default_error_messages["invalid"]]})
        return attrs
