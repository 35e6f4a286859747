"""Serializers of teachers."""

from typing import Any

from rest_framework import serializers

from accounts.models import Teacher
from accounts.models.teachers import MAX_CERTIFICATE_LENGTH, MAX_CERTIFICATES
from accounts.serializers.fields import ModelSerializer, ProfilePictureField, TextField, TextListField
from accounts.serializers.gigs import CurrencyField, NestedGigSerializer
from accounts.serializers.users import PublicProfileSerializer


class TeacherSerializer(ModelSerializer[Teacher]):
    """A teacher: the public profile, the teaching profile, and the gigs on offer, by currency and price."""

    id = serializers.UUIDField(source="user_id", read_only=True)
    name = TextField(source="user.name", read_only=True)
    role = TextField(source="user.role", read_only=True)
    profile_picture = ProfilePictureField(source="user.profile_picture")
    native_language = TextField(source="user.native_language", read_only=True)
    learning_languages = serializers.ListField(
        child=TextField(), source="user.learning_languages", read_only=True
    )
    bio = TextField(source="user.bio", read_only=True)
    city = TextField(source="user.city", read_only=True)
    country = TextField(source="user.country", read_only=True)
    created_at = serializers.DateTimeField(source="user.created_at", read_only=True)
    certificates = TextListField(longest=MAX_CERTIFICATE_LENGTH, max_length=MAX_CERTIFICATES, required=False)
    gigs = NestedGigSerializer(source="offered_gigs", many=True, read_only=True)
    lowest_price = serializers.DecimalField(
        max_digits=10,
        decimal_places=2,
        read_only=True,
        allow_null=True,
        help_text="In the requested currency; null if none is requested. In lists, of the gigs that match.",
    )
    lowest_price_currency = TextField(read_only=True, allow_null=True)
    prices = serializers.SerializerMethodField(
        help_text="Currency -> lowest price of all gigs on offer in it, whatever the filters."
    )

    class Meta:
        model = Teacher
        fields = [
            *PublicProfileSerializer.Meta.fields,
            "headline",
            "about",
            "qualification",
            "experience_years",
            "certificates",
            "is_verified",
            "gigs",
            "lowest_price",
            "lowest_price_currency",
            "prices",
        ]
        read_only_fields = ["is_verified"]

    def get_prices(self, teacher: Any) -> dict[str, str]:
        return {lowest["currency"]: lowest["price"] for lowest in teacher.lowest_prices}


class CurrencyQuerySerializer(serializers.Serializer[Any]):
    """The query parameters of one teacher."""

    currency = CurrencyField(default="", allow_blank=True, help_text="The currency of ``lowest_price``.")
