"""Teachers: found by what they offer, made from people."""

from typing import Any, cast

from drf_spectacular.utils import extend_schema
from rest_framework.decorators import action
from rest_framework.mixins import ListModelMixin, RetrieveModelMixin
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.errors import NotATeacher
from accounts.filters.teachers import TeacherFilters
from accounts.models import Gig, Teacher
from accounts.models.teachers import TeacherQuerySet
from accounts.rest.viewsets import BaseViewSet
from accounts.serializers.teachers import TeacherSerializer
from accounts.services import teachers


class TeacherViewSet(ListModelMixin, RetrieveModelMixin, BaseViewSet[Teacher]):
    """Teachers with a gig on offer; one's own teaching profile."""

    serializer_class = TeacherSerializer
    filterset_class = TeacherFilters
    queryset = Teacher.objects.none()  # tells the schema the type of the id
    lookup_value_converter = "any_uuid"

    def get_queryset(self) -> TeacherQuerySet:
        """Teachers of the directory with what they offer."""
        return Teacher.objects.listed().with_offer(Gig.objects.active())

    @extend_schema(responses={201: TeacherSerializer})
    def create(self, request: Request) -> Response:
        """Makes the caller a teacher; 409 for one who is."""
        teachers.become_teacher(user=self.caller, fields=self.validated_data(partial=True))
        return Response(self.own(request), status=201)

    @action(["get"], detail=False, filterset_class=None, pagination_class=None)
    def me(self, request: Request) -> Response:
        """The caller's own teaching profile."""
        return Response(self.own(request))

    @me.mapping.patch
    def update_me(self, request: Request) -> Response:
        """Changes some of it."""
        teachers.update_teacher(user=self.caller, fields=self.validated_data(partial=True))
        return Response(self.own(request))

    def own(self, request: Request) -> dict[str, Any]:
        """The caller's teacher object; raises NotATeacher."""
        rows = Teacher.objects.for_user(self.caller).with_offer(Gig.objects.active())
        teacher = rows.first()
        if teacher is None:
            raise NotATeacher
        return cast(dict[str, Any], self.get_serializer(teacher).data)
