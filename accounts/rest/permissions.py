"""Permissions by role. Access to single rows is decided by ``for_user`` of the QuerySets."""

from typing import Any

from rest_framework.permissions import BasePermission
from rest_framework.request import Request

from accounts.errors import NotAllowed
from accounts.models import User
from accounts.rest.authentication import caller_of


class TeachersOnly(BasePermission):
    """Admits teachers. Raises NotAllowed, whose sentence says how to become one."""

    def has_permission(self, request: Request, view: Any) -> bool:
        """True for a teacher."""
        if caller_of(request).role != User.Role.TEACHER:
            raise NotAllowed("Only teachers offer gigs. POST teachers/ makes you one.", code="teachers_only")
        return True
