"""Serializers of teachers."""

from collections import defaultdict
from collections.abc import Sequence
from functools import cache
from typing import Any, cast

from django.db.models import F
from rest_framework import serializers

from accounts.models import Teacher
from accounts.models.gigs import GigQuerySet
from accounts.models.teachers import MAX_CERTIFICATE_LENGTH, MAX_CERTIFICATES
from accounts.serializers.fields import ModelSerializer, ProfilePictureField, TextField, TextListField
from accounts.serializers.gigs import CurrencyField, NestedGigSerializer
from accounts.serializers.rows import RowWriter
from accounts.serializers.users import PublicProfileSerializer

MAX_LISTED_GIGS = 5  # of each teacher in a list


class TeacherSerializer(ModelSerializer[Teacher]):
    """A teacher: the public profile, the teaching profile, and the gigs on offer.

    Expects a row of ``TeacherQuerySet.with_offer``.
    """

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
        return {offer["currency"]: offer["lowest_price"] for offer in teacher.offers}

    def get_gigs_count(self, teacher: Any) -> int:
        return sum(offer["gigs"] for offer in teacher.offers)


class ListedTeacherSerializer(TeacherSerializer):
    """A teacher in a list. Expects a row of ``TeacherQuerySet.with_prices``."""

    gigs = serializers.SerializerMethodField()  # type: ignore[assignment]

    def get_gigs(self, teacher: Teacher) -> list[dict[str, Any]]:
        return cast(list[dict[str, Any]], self.context["gigs"].get(teacher.pk, []))


def listed(teachers: Sequence[Teacher], gigs: GigQuerySet) -> list[Any]:
    """Teachers as JSON values, each with the first MAX_LISTED_GIGS of ``gigs``. One query."""
    writer = gig_writer()
    columns = [*writer.columns, F("teacher")]
    rows = gigs.first_of_teachers([teacher.pk for teacher in teachers], MAX_LISTED_GIGS)
    found = defaultdict(list)
    for row in rows.values_list(*columns):
        found[row[-1]].append(writer.write(row))
    return cast(list[Any], ListedTeacherSerializer(teachers, many=True, context={"gigs": found}).data)


@cache
def gig_writer() -> RowWriter:
    """Writes the gigs of ``listed``."""
    return RowWriter(NestedGigSerializer())


class CurrencyQuerySerializer(serializers.Serializer[Any]):
    """The query parameters of one teacher."""

    currency = CurrencyField(default="", allow_blank=True, help_text="The currency of ``lowest_price``.")
