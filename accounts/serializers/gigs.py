"""Serializers of gigs."""

from decimal import Decimal
from typing import Any

from django.db.models import DecimalField
from rest_framework import serializers

from accounts.models import Gig, Teacher
from accounts.models.gigs import MAX_TAG_LENGTH, MAX_TAGS
from accounts.models.validators import validate_currency
from accounts.serializers.fields import (
    ModelSerializer,
    NullForEmptyField,
    ProfilePictureField,
    TextField,
    TextListField,
    UUIDTextField,
)


class NestedTeacherSerializer(ModelSerializer[Teacher]):
    """The teacher inside the representation of a gig."""

    id = serializers.UUIDField(source="user_id")
    name = TextField(source="user.name")
    profile_picture = ProfilePictureField(source="user.profile_picture")

    class Meta:
        model = Teacher
        fields = ["id", "name", "profile_picture", "headline", "experience_years", "is_verified"]
        read_only_fields = fields


class CurrencyField(TextField):
    """An ISO 4217 code in upper or lower case; the value is in upper case."""

    default_validators = [validate_currency]

    def to_internal_value(self, data: Any) -> str:
        code = super().to_internal_value(data)
        return code.upper() if code.isascii() else code  # the upper case of "ſ" is an ASCII letter


class PriceField(serializers.DecimalField):
    """An amount of money. The value of "-0" is zero, without a sign."""

    def to_internal_value(self, data: Any) -> Decimal:
        return super().to_internal_value(data) + 0


class NestedGigSerializer(ModelSerializer[Gig]):
    """A gig inside the representation of its teacher."""

    serializer_field_mapping = {
        **ModelSerializer.serializer_field_mapping,
        DecimalField: PriceField,
    }

    currency = CurrencyField(required=False)
    tags = TextListField(longest=MAX_TAG_LENGTH, max_length=MAX_TAGS, required=False)
    suspension_reason = NullForEmptyField(
        help_text="The reason why staff suspended the gig; null if it is not suspended."
    )

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


class ExportedGigSerializer(NestedGigSerializer):
    """A gig in the owner's data export."""

    class Meta(NestedGigSerializer.Meta):
        fields = [*NestedGigSerializer.Meta.fields, "client_id"]


class GigSerializer(NestedGigSerializer):
    """A gig with its teacher."""

    teacher = NestedTeacherSerializer(read_only=True)
    client_id = UUIDTextField(required=False, allow_null=True, write_only=True)

    class Meta(NestedGigSerializer.Meta):
        fields = ["id", "teacher", *NestedGigSerializer.Meta.fields[1:], "client_id"]
        validators: list[Any] = []  # a repeated client_id is a retry, not an error
