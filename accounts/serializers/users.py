"""Shapes of people: what others see, what oneself sees, what a delete asks for."""

import datetime
from typing import Any

from rest_framework import serializers

from accounts.models import Teacher, User
from accounts.models.users import MOST_LEARNING_LANGUAGES
from accounts.serializers.fields import ProfilePictureField, TextListField, TimeZoneField

PROFILE_KEYS = [
    "id",
    "name",
    "role",
    "profile_picture",
    "native_language",
    "learning_languages",
    "bio",
    "city",
    "country",
]


class PublicProfileSerializer(serializers.ModelSerializer[User]):
    """A person as everybody sees them: never an e-mail address, phone number or birth date."""

    profile_picture = ProfilePictureField()

    class Meta:
        model = User
        fields = [*PROFILE_KEYS, "created_at"]
        read_only_fields = fields


class OwnTeacherSerializer(serializers.ModelSerializer[Teacher]):
    """The teaching profile within one's own profile."""

    class Meta:
        model = Teacher
        fields = [
            "headline",
            "about",
            "qualification",
            "experience_years",
            "certificates",
            "is_verified",
            "created_at",
            "updated_at",
        ]
        read_only_fields = fields


class PersonSerializer(PublicProfileSerializer):
    """One person; ``teacher`` is null for somebody who does not teach."""

    teacher = OwnTeacherSerializer(read_only=True, allow_null=True)

    class Meta(PublicProfileSerializer.Meta):
        fields = [*PublicProfileSerializer.Meta.fields, "teacher"]
        read_only_fields = fields


class OwnProfileSerializer(serializers.ModelSerializer[User]):
    """One's own full profile."""

    name = serializers.CharField(max_length=150, required=False)
    learning_languages = TextListField(longest=50, max_length=MOST_LEARNING_LANGUAGES, required=False)
    timezone = TimeZoneField(max_length=64, required=False)
    profile_picture = ProfilePictureField()
    teacher = OwnTeacherSerializer(read_only=True, allow_null=True)

    class Meta:
        model = User
        fields = [
            *PROFILE_KEYS,
            "email",
            "phone_number",
            "date_of_birth",
            "timezone",
            "is_staff",
            "teacher",
            "created_at",
            "updated_at",
        ]
        read_only_fields = [
            "id",
            "role",
            "email",
            "is_staff",
            "created_at",
            "updated_at",
        ]

    def validate_date_of_birth(self, born: datetime.date | None) -> datetime.date | None:
        """A day in the past, within a lifetime."""
        today = datetime.datetime.now(datetime.UTC).date()
        if (born and not 0 <= today.year - born.year <= 130) or (born and born > today):
            raise serializers.ValidationError("Expected a day in the past, within a lifetime.")
        return born


class DeletionSerializer(serializers.Serializer[Any]):
    """One's own address, written out, so that no slip deletes an account."""

    confirm = serializers.CharField(max_length=320)


class ProfilePictureSerializer(serializers.Serializer[Any]):
    """A picture file."""

    profile_picture = serializers.FileField()
