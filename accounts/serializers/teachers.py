"""Serializers of teachers."""

from rest_framework import serializers

from accounts.models import Teacher
from accounts.models.teachers import MAX_CERTIFICATE_LENGTH, MAX_CERTIFICATES
from accounts.serializers.fields import ModelSerializer, ProfilePictureField, TextField, TextListField
from accounts.serializers.gigs import NestedGigSerializer
from accounts.serializers.users import PublicProfileSerializer


class TeacherSerializer(ModelSerializer[Teacher]):
    """A teacher: the public profile, the teaching profile, and the gigs on offer, cheapest first."""

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
    lowest_price = serializers.DecimalField(max_digits=10, decimal_places=2, read_only=True, allow_null=True)
    lowest_price_currency = TextField(read_only=True, allow_null=True)

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
        ]
        read_only_fields = ["is_verified"]
