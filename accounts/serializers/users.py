"""Serializers of users: the public profile, the caller's profile, and the body of a deletion."""

from typing import Any

from rest_framework import serializers

from accounts.models import Teacher, User
from accounts.models.learning_settings import MAX_RETENTION, MIN_RETENTION
from accounts.models.users import MAX_LEARNING_LANGUAGES
from accounts.serializers.fields import (
    ModelSerializer,
    NumberField,
    ProfilePictureField,
    TextField,
    TextListField,
)

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


class PublicProfileSerializer(ModelSerializer[User]):
    """A user as other users see them: without e-mail address, phone number and birth date."""

    profile_picture = ProfilePictureField()

    class Meta:
        model = User
        fields = [*PROFILE_KEYS, "created_at"]
        read_only_fields = fields


class NestedUserSerializer(ModelSerializer[User]):
    """A user inside the representation of another row."""

    profile_picture = ProfilePictureField()

    class Meta:
        model = User
        fields = ["id", "name", "profile_picture"]
        read_only_fields = fields


class OwnTeacherSerializer(ModelSerializer[Teacher]):
    """The teaching profile inside the profile of a user."""

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
    """A user with the teaching profile; ``teacher`` is null for a student."""

    teacher = OwnTeacherSerializer(read_only=True, allow_null=True)

    class Meta(PublicProfileSerializer.Meta):
        fields = [*PublicProfileSerializer.Meta.fields, "teacher"]
        read_only_fields = fields


class OwnProfileSerializer(ModelSerializer[User]):
    """The caller's full profile.

    Empty `name`, `native_language` and `learning_languages`, and the `timezone` UTC, are filled from the
    metadata of the Supabase account, unless a request has emptied them.
    """

    name = TextField(max_length=150, required=False)
    learning_languages = TextListField(longest=50, max_length=MAX_LEARNING_LANGUAGES, required=False)
    profile_picture = ProfilePictureField()
    desired_retention = NumberField(
        min_value=MIN_RETENTION,
        max_value=MAX_RETENTION,
        required=False,
        help_text="The probability of a right answer at which a card is due.",
    )
    teacher = OwnTeacherSerializer(source="teaching_profile", read_only=True, allow_null=True)

    class Meta:
        model = User
        fields = [
            *PROFILE_KEYS,
            "email",
            "phone_number",
            "date_of_birth",
            "timezone",
            "auto_cards",
            "desired_retention",
            "reviews_per_day",
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


class DeletionSerializer(serializers.Serializer[Any]):
    """The caller's own e-mail address or user id, so that no account is deleted by mistake."""

    confirm = TextField(max_length=320)


class ProfilePictureSerializer(serializers.Serializer[Any]):
    """An uploaded picture file."""

    profile_picture = serializers.FileField()
