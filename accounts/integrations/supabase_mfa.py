"""The second factor of Supabase Auth: what we ask of it.

Raises InvalidInput (with Supabase's own code), TooManyRequests or SupabaseUnavailable only.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from accounts.errors import InvalidInput
from accounts.integrations import supabase_client

if TYPE_CHECKING:
    from supabase import Client

CODE_REQUIRED, CODE_WRONG = "mfa_code_required", "mfa_verification_failed"


def prove(*, access_token: str, code: str, client_ip: str | None = None) -> str:
    """The session's access token after ``code`` of an authenticator app, where the account has one.

    The same token comes back for an account without a second factor. Raises InvalidInput
    (``mfa_code_required``) for an absent code, ``mfa_verification_failed`` for a wrong one and
    ``mfa_factor_unsupported`` for an account whose factors are of other kinds only.
    """
    with supabase_client.for_one_call(client_ip=client_ip) as client:
        # The client asks for a refresh token with it, which these few calls never use.
        client.auth.set_session(access_token, refresh_token="unused")
        factors = client.auth.mfa.list_factors()
        if not any(factor.status == "verified" for factor in factors.all):
            return access_token
        if not factors.totp:
            message = "The second factor of this account cannot be used here. Add an authenticator app."
            raise InvalidInput(message, code="mfa_factor_unsupported")
        if not code:
            raise InvalidInput("Enter the code of your authenticator app.", code=CODE_REQUIRED)
        return _redeem_totp(client, [factor.id for factor in factors.totp], code)


def _redeem_totp(client: Client, factor_ids: list[str], code: str) -> str:
    """The access token that ``code`` of one of these factors gives; raises the last refusal."""
    from supabase_auth.errors import AuthApiError

    for number, factor_id in enumerate(factor_ids, start=1):
        try:
            return client.auth.mfa.challenge_and_verify({"factor_id": factor_id, "code": code}).access_token
        except AuthApiError as error:
            if error.code != CODE_WRONG or number == len(factor_ids):
                raise
    raise AssertionError("no factor")
