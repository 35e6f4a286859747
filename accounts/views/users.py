"""The directory, and one's own profile."""

from typing import Any, cast

from django.utils import timezone
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework.decorators import action
from rest_framework.mixins import ListModelMixin, RetrieveModelMixin
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import GenericViewSet

from accounts.filters.users import UserFilters
from accounts.models import User
from accounts.models.user_querysets import UserQuerySet
from accounts.rest import lookups
from accounts.rest.authentication import caller_of, claims_of
from accounts.rest.parsers import PictureParser
from accounts.serializers.exports import export_of
from accounts.serializers.users import (
    DeletionSerializer,
    OwnProfileSerializer,
    PersonSerializer,
    ProfilePictureSerializer,
    PublicProfileSerializer,
)
from accounts.services import deletions, profile_pictures, users

# No list: neither pages nor filters.
ALONE: dict[str, Any] = {"pagination_class": None, "filterset_class": None}


class UserViewSet(ListModelMixin, RetrieveModelMixin, GenericViewSet[User]):
    """The directory; the caller's own profile, export, deletion."""

    filterset_class = UserFilters
    queryset = User.objects.none()  # tells the schema the type of the id
    lookup_value_regex = lookups.UUID

    def get_queryset(self) -> UserQuerySet:
        """The people whom everybody may see."""
        return cast(UserQuerySet, User.objects.listed().with_teacher().newest_first())

    def get_serializer_class(self) -> Any:
        """The public profile; the teaching profile too for one person, everything for oneself."""
        by_action = {"list": PublicProfileSerializer, "retrieve": PersonSerializer}
        return by_action.get(self.action, OwnProfileSerializer)

    def filter_queryset(self, queryset: Any) -> Any:
        """The filters of the list; one person is found by the id alone."""
        return queryset if self.detail else super().filter_queryset(queryset)

    @extend_schema(operation_id="users_me")
    @action(["get"], detail=False, **ALONE)
    def me(self, request: Request) -> Response:
        """The caller's full profile."""
        return Response(self.get_serializer(caller_of(request)).data)

    @extend_schema(operation_id="users_me_update")
    @me.mapping.patch
    def update_me(self, request: Request) -> Response:
        """Changes some of it."""
        serializer = self.get_serializer(caller_of(request), data=request.data, partial=True)
        serializer.is_valid(raise_exception=True)
        user = users.update_profile(user=caller_of(request), fields=serializer.validated_data)
        return Response(self.get_serializer(user).data)

    @extend_schema(
        operation_id="users_me_delete",
        request=DeletionSerializer,
        responses={204: None},
    )
    @me.mapping.delete
    def delete_me(self, request: Request) -> Response:
        """Deletes the account with all that belongs to it."""
        serializer = DeletionSerializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        deletions.delete_user(
            user=caller_of(request),
            claims=claims_of(request),
            at=timezone.now(),
            **serializer.validated_data,
        )
        return Response(status=204)

    @extend_schema(operation_id="users_me_export", responses=OpenApiTypes.OBJECT)
    @action(["get"], detail=False, url_path="me/export", **ALONE)
    def export(self, request: Request) -> Response:
        """Everything stored about the caller."""
        return Response(export_of(caller_of(request)))

    @extend_schema(
        operation_id="users_me_profile_picture_set",
        request=ProfilePictureSerializer,
        responses=OwnProfileSerializer,
    )
    @action(["put"], detail=False, url_path="me/profile-picture", parser_classes=[PictureParser], **ALONE)
    def profile_picture(self, request: Request) -> Response:
        """Sets the caller's picture: JPEG, PNG, WebP or GIF, up to 5 MB and 40 megapixels."""
        serializer = ProfilePictureSerializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        content = serializer.validated_data["profile_picture"].read()
        user = profile_pictures.set_picture(user=caller_of(request), content=content)
        return Response(self.get_serializer(user).data)

    @extend_schema(operation_id="users_me_profile_picture_remove", responses={204: None})
    @profile_picture.mapping.delete
    def remove_profile_picture(self, request: Request) -> Response:
        """Takes the caller's picture away."""
        profile_pictures.remove_picture(user=caller_of(request))
        return Response(status=204)
