"""The caller of an access token, with the session check in the query of the user."""

from typing import Any

from django.db.models import BooleanField
from django.db.models.expressions import RawSQL
from django.utils import timezone
from rest_framework import authentication, exceptions

from benchmarks.speed.peers import tokens
from benchmarks.speed.peers.django_peers.models import User

SESSION_IS_LIVE = """exists (
  select from auth.sessions s join auth.users a on a.id = s.user_id
  where s.id = %s and s.user_id = %s and (s.not_after is null or s.not_after > now())
    and a.deleted_at is null and (a.banned_until is null or a.banned_until <= now()))"""


def user_of(token: str) -> User:
    """Raises AuthenticationFailed."""
    try:
        claims = tokens.verify(token)
        is_live = RawSQL(SESSION_IS_LIVE, [claims.session_id, claims.sub], output_field=BooleanField())
        user = User.objects.annotate(session_is_live=is_live).get(pk=claims.sub)
    except (*tokens.REFUSED, User.DoesNotExist):
        raise exceptions.AuthenticationFailed from None
    is_banned = user.banned_until and user.banned_until > timezone.now()
    is_present = user.session_is_live and not is_banned and not user.deleted_at
    if not is_present or user.email != claims.email:
        raise exceptions.AuthenticationFailed
    return user


class TokenAuthentication(authentication.BaseAuthentication):
    def authenticate(self, request: Any) -> tuple[User, None] | None:
        header = request.headers.get("Authorization", "")
        return (user_of(header.removeprefix("Bearer ")), None) if header else None

    def authenticate_header(self, request: Any) -> str:
        return "Bearer"
