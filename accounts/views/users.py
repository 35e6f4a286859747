"""One's own profile."""

from typing import Any

from django.utils import timezone
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import GenericViewSet

from accounts.authentication import caller_of, claims_of
from accounts.serializers.exports import export_of
from accounts.serializers.users import DeletionSerializer, OwnProfileSerializer
from accounts.services import users


class UserViewSet(GenericViewSet[Any]):
    """The caller: profile, export, deletion."""

    serializer_class = OwnProfileSerializer
    pagination_class = None
    filter_backends = []

    @extend_schema(operation_id="users_me")
    @action(["get"], detail=False)
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
        users.delete_user(
            user=caller_of(request),
            claims=claims_of(request),
            at=timezone.now(),
            **serializer.validated_data,
        )
        return Response(status=204)

    @extend_schema(operation_id="users_me_export", responses=OpenApiTypes.OBJECT)
    @action(["get"], detail=False, url_path="me/export")
    def export(self, request: Request) -> Response:
        """Everything stored about the caller."""
        return Response(export_of(caller_of(request)))
