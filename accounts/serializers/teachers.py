"""Shapes of teachers."""

from rest_framework import serializers

from accounts.models import Teacher
from accounts.models.teachers import LONGEST_EXPERIENCE, MOST_CERTIFICATES
from accounts.serializers.fields import ProfilePictureField, TextListField
from accounts.serializers.gigs import OfferedGigSerializer
from accounts.serializers.users import PublicProfileSerializer


class TeacherSerializer(serializers.ModelSerializer[Teacher]):
    """A teacher as everybody sees them, with the gigs on offer, cheapest first."""

    id = serializers.UUIDField(source="user_id", read_only=True)
    name = serializers.CharField(source="user.name", read_only=True)
    role = serializers.CharField(source="user.role", read_only=True)
    profile_picture = ProfilePictureField(source="user.profile_picture")
    native_language = serializers.CharField(source="user.native_language", read_only=True)
    learning_languages = serializers.ListField(
        child=serializers.CharField(), source="user.learning_languages", read_only=True
    )
    bio = serializers.CharField(source="user.bio", read_only=True)
    city = serializers.CharField(source="user.city", read_only=True)
    country = serializers.CharField(source="user.country", read_only=True)
    created_at = serializers.DateTimeField(source="user.created_at", read_only=True)
    experience_years = serializers.IntegerField(min_value=0, max_value=LONGEST_EXPERIENCE, required=False)
    certificates = TextListField(longest=200, max_length=MOST_CERTIFICATES, required=False)
    gigs = OfferedGigSerializer(source="offered_gigs", many=True, read_only=True)
    lowest_price = serializers.DecimalField(max_digits=10, decimal_places=2, read_only=True, allow_null=True)
    lowest_price_currency = serializers.CharField(read_only=True, allow_null=True)

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
