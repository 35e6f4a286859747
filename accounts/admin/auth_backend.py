"""Authentication of staff: Supabase checks the password, and the user must have ``is_staff``."""

import logging
from functools import partial
from typing import Any

from django.contrib.auth.backends import ModelBackend
from django.http import HttpRequest

from accounts.errors import InvalidInput, InvalidToken, LinguaFlexError
from accounts.integrations import access_tokens, supabase_auth, supabase_mfa
from accounts.models import User
from accounts.rest import client_address, throttles

logger = logging.getLogger(__name__)


class StaffBackend(ModelBackend):
    """Authenticates against Supabase. Permissions are those of Django."""

    def authenticate(  # type: ignore[override]
        self, request: HttpRequest, username: str = "", password: str = "", code: str = ""
    ) -> User | None:
        """Returns the member of staff, or None for a wrong password or a user who is not staff.

        ``code`` is the code of the account's second factor, if it has one. Raises InvalidInput for a
        missing or wrong code, TooManyRequests, SupabaseUnavailable or KeysUnavailable.
        """
        client_ip = client_address.proxied_ip(request)
        try:
            with throttles.guess(request, username):
                session = supabase_auth.sign_in(email=username, password=password, client_ip=client_ip)
        except InvalidInput:
            return None
        try:
            return _authenticated_member(request, session.access_token, code)
        except InvalidToken:
            return None
        finally:
            _sign_out(session.access_token)

    def get_user(self, user_id: Any) -> User | None:
        """Returns the member of staff of a Django session, or None if banned, deleted or not staff.

        Django calls this at each request.
        """
        user: User | None = User.objects.staff().with_active_account(user_id).first()
        return user


def _authenticated_member(request: HttpRequest, access_token: str, code: str) -> User | None:
    """Verifies the second factor, and returns the member of staff with the token's ``sub``, if any."""
    user: User | None = User.objects.staff().filter(pk=access_tokens.verify(access_token).sub).first()
    if user is None:
        return None
    verified = supabase_mfa.verify(
        access_token=access_token,
        code=code,
        guess=partial(throttles.guess, request),
        client_ip=client_address.proxied_ip(request),
    )
    return user if access_tokens.verify(verified).sub == user.pk else None


def _sign_out(access_token: str) -> None:
    """Ends the Supabase session, because the admin has its own sessions. Logs a failure."""
    try:
        supabase_auth.sign_out(access_token=access_token, scope="local")
    except LinguaFlexError as error:
        logger.warning("The Supabase session of a staff login could not be ended: %s", error.code)
