"""Shapes of gigs."""

from decimal import Decimal
from typing import Any

from rest_framework import serializers

from accounts.models import Gig, Teacher
from accounts.models.gigs import LONGEST_MINUTES, MOST_TAGS
from accounts.serializers.fields import ProfilePictureField, TextListField, UUIDTextField
from accounts.values import currencies


class GigTeacherSerializer(serializers.ModelSerializer[Teacher]):
    """The teacher beside a gig."""

    id = serializers.UUIDField(source="user_id")
    name = serializers.CharField(source="user.name")
    profile_picture = ProfilePictureField(source="user.profile_picture")

    class Meta:
        model = Teacher
        fields = ["id", "name", "profile_picture", "headline", "experience_years", "is_verified"]
        read_only_fields = fields


class CurrencyField(serializers.CharField):
    """A currency by its ISO 4217 code, in any case."""

    default_error_messages = {"unknown": 'Expected a currency code of ISO 4217 such as "EUR".'}

    def to_internal_value(self, data: Any) -> str:
        """The code in capitals."""
        code = super().to_internal_value(data).upper()
        if code not in currencies.CODES:
            self.fail("unknown")
        return code


class PriceField(serializers.DecimalField):
    """An amount of money; "-0" is zero."""

    def __init__(self, **options: Any) -> None:
        super().__init__(max_digits=10, decimal_places=2, **options)

    def to_internal_value(self, data: Any) -> Decimal:
        """The amount."""
        return super().to_internal_value(data) + 0


class OfferedGigSerializer(serializers.ModelSerializer[Gig]):
    """A gig beside its teacher."""

    price_per_session = PriceField(min_value=0)
    currency = CurrencyField(required=False)
    session_minutes = serializers.IntegerField(min_value=1, max_value=LONGEST_MINUTES)
    tags = TextListField(longest=50, max_length=MOST_TAGS, required=False)
    status = serializers.ChoiceField(choices=Gig.Status.choices, required=False)
    suspension_reason = serializers.SerializerMethodField(help_text="For its owner: why staff hid it.")

    class Meta:
        model = Gig
        fields = [
            "id",
            "title",
            "description",
            "language",
            "language_code",
            "price_per_session",
            "currency",
            "session_minutes",
            "tags",
            "what_is_included",
            "status",
            "suspension_reason",
            "created_at",
            "updated_at",
        ]
        read_only_fields = ["language_code"]

    def get_suspension_reason(self, gig: Gig) -> str | None:
        """The sentence of staff; null for every gig that is not suspended."""
        return gig.suspension_reason or None


class ExportedGigSerializer(OfferedGigSerializer):
    """A gig as its owner exports it."""

    class Meta(OfferedGigSerializer.Meta):
        fields = [*OfferedGigSerializer.Meta.fields, "client_id"]


class GigSerializer(OfferedGigSerializer):
    """A gig with its teacher."""

    teacher = GigTeacherSerializer(read_only=True)
    client_id = UUIDTextField(required=False, allow_null=True, write_only=True)

    class Meta(OfferedGigSerializer.Meta):
        fields = ["id", "teacher", *OfferedGigSerializer.Meta.fields[1:], "client_id"]
        validators: list[Any] = []  # client_id: the database decides, and a retry is no error
