"""Serializers of teachers."""

import json
from collections import defaultdict
from functools import cache
from typing import Any
from uuid import UUID, uuid4

from django.db.models import TextField as TextColumn
from django.db.models.functions import Cast
from rest_framework import serializers

from accounts.models import Gig, Teacher, User
from accounts.models.compiled import CompiledQuery
from accounts.models.teachers import MAX_CERTIFICATE_LENGTH, MAX_CERTIFICATES
from accounts.serializers.fields import ModelSerializer, ProfilePictureField, TextField, TextListField
from accounts.serializers.gigs import CurrencyField, NestedGigSerializer
from accounts.serializers.rows import RowWriter
from accounts.serializers.users import PublicProfileSerializer

MAX_LISTED_GIGS = 5  # of each teacher in a list
NOT_COLUMNS = ("gigs", "gigs_count", "prices")  # of a TeacherSerializer


class TeacherSerializer(ModelSerializer[Teacher]):
    """A teacher: the public profile, the teaching profile, and the gigs on offer.

    Expects a row of ``TeacherQuerySet.with_offer``.
    """

    id = serializers.UUIDField(source="user_id", read_only=True)
    name = TextField(source="user.name", read_only=True)
    role = serializers.ChoiceField(User.Role.choices, source="user.role", read_only=True)
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
    gigs = NestedGigSerializer(
        source="offered_gigs",
        many=True,
        read_only=True,
        help_text=f"The gigs on offer, by currency and price. In lists, the first {MAX_LISTED_GIGS}.",
    )
    gigs_count = serializers.SerializerMethodField(help_text="The number of gigs on offer.")
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
            "gigs_count",
            "lowest_price",
            "lowest_price_currency",
            "prices",
        ]
        read_only_fields = ["is_verified"]

    def get_prices(self, teacher: Any) -> dict[str, str]:
        return prices_of(json.loads(teacher.offers))

    def get_gigs_count(self, teacher: Any) -> int:
        return count_of(json.loads(teacher.offers))


class ListedTeacherSerializer(TeacherSerializer):
    """The columns of a teacher in a list. ``complete`` makes a TeacherSerializer's value of them.

    Expects the columns of ``TeacherQuerySet.with_prices``.
    """

    gigs = gigs_count = prices = None  # type: ignore[assignment]  # not columns
    offers = TextField(read_only=True)

    class Meta(TeacherSerializer.Meta):
        fields = [
            *(name for name in TeacherSerializer.Meta.fields if name not in NOT_COLUMNS),
            "offers",
        ]


def complete(
    teachers: list[dict[str, Any]], gig_serializer: type[NestedGigSerializer] = NestedGigSerializer
) -> list[dict[str, Any]]:
    """Written rows of ListedTeacherSerializer, each with its first MAX_LISTED_GIGS gigs. One query."""
    gigs = defaultdict(list)
    writer, query = first_gigs(gig_serializer)
    for row in query.run(teachers=[UUID(teacher["id"]) for teacher in teachers]):
        gigs[row[-1]].append(writer.write(row))
    for teacher in teachers:
        offers = json.loads(teacher.pop("offers"))
        teacher |= {
            "gigs": gigs[teacher["id"]],
            "gigs_count": count_of(offers),
            "prices": prices_of(offers),
        }
    return teachers


def prices_of(offers: list[dict[str, Any]]) -> dict[str, str]:
    return {offer["currency"]: offer["lowest_price"] for offer in offers}


def count_of(offers: list[dict[str, Any]]) -> int:
    return sum(offer["gigs"] for offer in offers)


@cache
def first_gigs(gig_serializer: type[NestedGigSerializer]) -> tuple[RowWriter, CompiledQuery[Any]]:
    """Writes gigs; reads its columns of the first gigs of ``teachers``, and the teacher's id as text."""
    writer, teachers = RowWriter(gig_serializer()), [uuid4()]
    gigs = Gig.objects.active_of_listed().first_of_teachers(teachers, MAX_LISTED_GIGS)
    teacher = Cast("teacher", TextColumn())
    return writer, CompiledQuery(gigs.values_list(*writer.columns, teacher), teachers=teachers)


class CurrencyQuerySerializer(serializers.Serializer[Any]):
    """The query parameters of one teacher."""

    currency = CurrencyField(default="", allow_blank=True, help_text="The currency of ``lowest_price``.")
