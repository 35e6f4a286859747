"""Authentication of API requests by a Supabase access token."""

from django.conf import settings
from rest_framework.authentication import BaseAuthentication
from rest_framework.request import Request

from accounts.errors import InvalidToken
from accounts.integrations import access_tokens
from accounts.integrations.access_tokens import Claims
from accounts.models import User
from accounts.services import users

STORING_METHODS = ("POST", "PUT", "PATCH")


class SupabaseJWTAuthentication(BaseAuthentication):
    """Authenticates requests by their bearer token, in every view except a PublicEndpoint."""

    def authenticate(self, request: Request) -> tuple[User, Claims] | None:
        """The user and the claims of the bearer token; None without a token.

        Raises InvalidToken, TokenExpired or KeysUnavailable.
        """
        token = bearer_token(request)
        if token is None:
            return None
        claims = access_tokens.verify(token)
        return users.authenticate(claims, measured=may_store(request)), claims

    def authenticate_header(self, request: Request) -> str:
        """The ``WWW-Authenticate`` header of a 401 response (RFC 6750)."""
        return "Bearer"


def may_store(request: Request) -> bool:
    """Whether the request may store something, and the server limits what an account stores."""
    return settings.STORAGE_BYTES_PER_USER > 0 and request.method in STORING_METHODS


def caller_of(request: Request) -> User:
    """The authenticated user."""
    assert isinstance(request.user, User)
    return request.user


def claims_of(request: Request) -> Claims:
    """The claims of the request's access token."""
    assert isinstance(request.auth, Claims)
    return request.auth


def bearer_token(request: Request) -> str | None:
    """The token of ``Authorization: Bearer <token>``; None for another scheme or no header.

    Raises InvalidToken for a Bearer header without exactly one token.
    """
    header: str = request.META.get("HTTP_AUTHORIZATION", "")
    scheme, *rest = header.split() or [""]
    if scheme.lower() != "bearer":
        return None
    if len(rest) != 1:
        raise InvalidToken("The Authorization header must be 'Bearer <access token>'.")
    return rest[0]
