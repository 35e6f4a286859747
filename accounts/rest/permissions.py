"""Permissions by role. Access to single rows is decided by ``for_user`` of the QuerySets."""

from typing import Any

from rest_framework.permissions import BasePermission
from rest_framework.request import Request

from accounts.errors import NotAllowed
from accounts.models import User
from accounts.rest.authentication import caller_of


class TeachersOnly(BasePermission):
    """Allows teachers only."""

    def has_permission(self, request: Request, view: Any) -> bool:
        """Returns True for a teacher, and raises NotAllowed for any other user."""
        if caller_of(request).role != User.Role.TEACHER:
            raise NotAllowed("Only teachers may do this. POST teachers/ makes you one.", code="teachers_only")
        return True
