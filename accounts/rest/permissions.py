"""Who may do what, by role; whose row it is decides the QuerySet."""

from typing import Any

from rest_framework.permissions import BasePermission
from rest_framework.request import Request

from accounts.errors import NotAllowed
from accounts.models import User
from accounts.rest.authentication import caller_of


class TeachersOnly(BasePermission):
    """Lets teachers in; raises NotAllowed, which tells others how to become one."""

    def has_permission(self, request: Request, view: Any) -> bool:
        """Whether the caller teaches."""
        if caller_of(request).role != User.Role.TEACHER:
            raise NotAllowed("Only teachers offer gigs. POST teachers/ makes you one.", code="teachers_only")
        return True
