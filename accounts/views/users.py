"""The directory of users, and the caller's own profile."""

from typing import Any, cast

from django.http.response import HttpResponseBase
from django.utils import timezone
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework.decorators import action
from rest_framework.mixins import RetrieveModelMixin
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.filters.users import UserFilters
from accounts.models import User
from accounts.models.users import UserQuerySet
from accounts.rest.error_codes import error_codes
from accounts.rest.pages import whole_or_streamed
from accounts.rest.parsers import PictureParser
from accounts.rest.viewsets import BaseViewSet
from accounts.serializers.exports import ExportSerializer, export_of
from accounts.serializers.listings import Listing
from accounts.serializers.users import (
    DeletionSerializer,
    OwnProfileSerializer,
    PersonSerializer,
    ProfilePictureSerializer,
    PublicProfileSerializer,
)
from accounts.services import deletions, profile_pictures, users

# An action that returns one object has neither pages nor filters.
SINGLE: dict[str, Any] = {"pagination_class": None, "filterset_class": None}
PROFILE = OwnProfileSerializer()
DIRECTORY = Listing(PublicProfileSerializer, lambda: User.objects.listed().newest_first())


@extend_schema_view(
    retrieve=extend_schema(description="Get a user. A teacher has the teaching profile in `teacher`."),
)
class UserViewSet(RetrieveModelMixin, BaseViewSet[User]):
    filterset_class = UserFilters
    throttle_scopes = {"profile_picture": "pictures"}
    queryset = User.objects.none()  # drf-spectacular reads the type of the id from it
    lookup_value_converter = "any_uuid"

    def get_queryset(self) -> UserQuerySet:
        return cast(UserQuerySet, User.objects.listed().with_teacher())

    def get_serializer_class(self) -> Any:
        by_action = {"list": PublicProfileSerializer, "retrieve": PersonSerializer}
        return by_action.get(self.action, OwnProfileSerializer)

    def list(self, request: Request) -> Response:
        """List users. Newest first, without staff and banned users."""
        return self.page_of(DIRECTORY.rows(), DIRECTORY.write)

    @extend_schema(operation_id="users_me")
    @action(["get"], detail=False, **SINGLE)
    def me(self, request: Request) -> Response:
        """Get my profile. Includes the fields that other users cannot see."""
        return Response(PROFILE.to_representation(self.caller))

    @extend_schema(operation_id="users_me_update")
    @me.mapping.patch
    def update_me(self, request: Request) -> Response:
        """Update my profile. Fields that are absent stay unchanged."""
        user = users.update_profile(user=self.caller, fields=self.validated_data(partial=True))
        return Response(PROFILE.to_representation(user))

    @error_codes("reauthentication_required")
    @extend_schema(
        operation_id="users_me_delete",
        request=DeletionSerializer,
        responses={204: None},
    )
    @me.mapping.delete
    def delete_me(self, request: Request) -> Response:
        """Delete my account. Requires a sign-in within the last 15 minutes.

        `confirm` is your e-mail address or your user id. Access ends at once. Conversations and gigs are
        deleted, and chat messages lose their content, before the response. The Supabase account and files
        are deleted within seconds, or after an outage.
        """
        deletions.delete_user(
            user=self.caller,
            claims=self.claims,
            at=timezone.now(),
            **self.validated_data(DeletionSerializer),
        )
        return Response(status=204)

    @error_codes("export_busy")
    @extend_schema(operation_id="users_me_export", responses=ExportSerializer)
    @action(["get"], detail=False, url_path="me/export", **SINGLE)
    def export(self, request: Request) -> HttpResponseBase:
        """Export my data. One document with everything that is stored about the caller."""
        return whole_or_streamed(request, export_of(self.caller))

    @error_codes("pictures_busy", "storage_unavailable", "supabase_rejected")
    @extend_schema(
        operation_id="users_me_profile_picture_set",
        request=ProfilePictureSerializer,
        responses=OwnProfileSerializer,
    )
    @action(["put"], detail=False, url_path="me/profile-picture", parser_classes=[PictureParser], **SINGLE)
    def profile_picture(self, request: Request) -> Response:
        """Set my profile picture. JPEG, PNG, WebP or GIF, up to 5 MB and 40 megapixels.

        A WebP picture may have up to 16 megapixels. A file that takes long to decode is refused: a PNG of
        more than 80 MB without compression (20 megapixels with transparency), or a JPEG with many scans.
        """
        content = self.validated_data(ProfilePictureSerializer)["profile_picture"].read()
        user = profile_pictures.set_picture(user=self.caller, content=content)
        return Response(PROFILE.to_representation(user))

    @extend_schema(operation_id="users_me_profile_picture_remove", responses={204: None})
    @profile_picture.mapping.delete
    def remove_profile_picture(self, request: Request) -> Response:
        """Remove my profile picture. Its file is deleted soon. Without a picture, nothing changes."""
        profile_pictures.remove_picture(user=self.caller)
        return Response(status=204)
