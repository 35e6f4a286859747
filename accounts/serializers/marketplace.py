"""Teachers and gigs for requests without a token. Each field is listed here; no other is sent."""

from typing import Any

from accounts.serializers.gigs import GigSerializer, NestedGigSerializer, NestedTeacherSerializer
from accounts.serializers.teachers import ListedTeacherSerializer, TeacherSerializer, complete

OFFER_FIELDS = [
    "title",
    "description",
    "language",
    "language_code",
    "price_per_session",
    "currency",
    "session_minutes",
    "tags",
    "what_is_included",
]
PERSON_FIELDS = ["id", "name", "profile_picture"]
TEACHER_FIELDS = [*PERSON_FIELDS, "headline", "about", "native_language", "learning_languages"]


class OpenNestedTeacherSerializer(NestedTeacherSerializer):
    """The teacher inside the representation of a gig."""

    class Meta(NestedTeacherSerializer.Meta):
        fields = [*PERSON_FIELDS, "headline"]
        read_only_fields = fields


class OpenNestedGigSerializer(NestedGigSerializer):
    """A gig inside the representation of its teacher."""

    class Meta(NestedGigSerializer.Meta):
        fields = ["id", *OFFER_FIELDS]
        read_only_fields = fields


class OpenGigSerializer(GigSerializer):
    """A gig with its teacher."""

    teacher = OpenNestedTeacherSerializer(read_only=True)

    class Meta(GigSerializer.Meta):
        fields = ["id", "teacher", *OFFER_FIELDS]
        read_only_fields = fields


class OpenTeacherSerializer(TeacherSerializer):
    """A teacher with the gigs on offer. Expects a row of ``TeacherQuerySet.with_offer``."""

    gigs = OpenNestedGigSerializer(source="offered_gigs", many=True, read_only=True)

    class Meta(TeacherSerializer.Meta):
        fields = [*TEACHER_FIELDS, "prices", "gigs"]
        read_only_fields = fields


class ListedOpenTeacherSerializer(ListedTeacherSerializer):
    """The columns of a teacher in a list. ``complete_open`` makes the value of a teacher of them."""

    class Meta(ListedTeacherSerializer.Meta):
        fields = [*TEACHER_FIELDS, "offers"]
        read_only_fields = fields


def complete_open(teachers: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Written rows of ListedOpenTeacherSerializer, each with its first gigs. One query."""
    found = complete(teachers, OpenNestedGigSerializer)
    return [{name: teacher[name] for name in OpenTeacherSerializer.Meta.fields} for teacher in found]
