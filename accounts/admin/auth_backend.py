"""How staff get into the admin: Supabase checks the password, the row says who is staff."""

import logging
from typing import Any

from django.contrib.auth.backends import ModelBackend
from django.http import HttpRequest

from accounts.errors import InvalidInput, InvalidToken, LinguaFlexError
from accounts.integrations import access_tokens, supabase_auth, supabase_mfa
from accounts.models import User
from accounts.rest import client_address

logger = logging.getLogger(__name__)


class StaffBackend(ModelBackend):
    """Django's sign-in over Supabase; permissions are Django's own."""

    def authenticate(  # type: ignore[override]
        self, request: HttpRequest | None, username: str = "", password: str = "", code: str = ""
    ) -> User | None:
        """The member of staff with this address, password and, where the account has one, second factor.

        None for a wrong password and for everybody who is not staff: nothing tells them apart. Raises
        InvalidInput about the code, TooManyRequests, SupabaseUnavailable or KeysUnavailable.
        """
        client_ip = client_address.proxied_ip(request) if request else None
        try:
            session = supabase_auth.sign_in(email=username, password=password, client_ip=client_ip)
        except InvalidInput:
            return None
        try:
            return _member_of(session.access_token, code, client_ip)
        except InvalidToken:
            return None
        finally:
            _end(session.access_token)

    def get_user(self, user_id: Any) -> User | None:
        """The member of staff of a Django session, asked at each request: who is banned, gone or no
        longer staff is out."""
        found: User | None = User.objects.staff().with_open_account(user_id).first()
        return found


def _member_of(access_token: str, code: str, client_ip: str | None) -> User | None:
    """The member of staff of a session, by its ``sub``, once the second factor is proved."""
    user: User | None = User.objects.staff().filter(pk=access_tokens.verify(access_token).sub).first()
    if user is None:
        return None
    proved = supabase_mfa.prove(access_token=access_token, code=code, client_ip=client_ip)
    return user if access_tokens.verify(proved).sub == user.pk else None


def _end(access_token: str) -> None:
    """Ends the Supabase session, which has served: the admin has sessions of its own."""
    try:
        supabase_auth.sign_out(access_token=access_token, scope="local")
    except LinguaFlexError as error:
        logger.warning("A staff sign-in left its Supabase session behind: %s", error.code)
