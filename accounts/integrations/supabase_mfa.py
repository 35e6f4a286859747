"""Requests to Supabase Auth about the second factor of an account.

Raises InvalidInput (with Supabase's own code), TooManyRequests or SupabaseUnavailable only.
"""

from typing import Any

from accounts.errors import InvalidInput
from accounts.integrations import supabase_client

CODE_REQUIRED, CODE_WRONG = "mfa_code_required", "mfa_verification_failed"


def verify(*, access_token: str, code: str, client_ip: str | None = None) -> str:
    """Verifies the second factor and returns the new access token of the session.

    ``code`` is from the account's authenticator app. Returns the given token if the account has no
    second factor. Raises InvalidInput: ``mfa_code_required`` without a code,
    ``mfa_verification_failed`` for a wrong one, ``mfa_factor_unsupported`` if the account has
    factors, but no authenticator app.
    """
    with supabase_client.for_one_call(client_ip=client_ip) as client:
        # The library requires a refresh token. These requests do not use it.
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


def _redeem_totp(client: Any, factor_ids: list[str], code: str) -> str:
    """Tries ``code`` with each factor and returns the new access token. Raises the last refusal."""
    from supabase_auth.errors import AuthApiError

    for number, factor_id in enumerate(factor_ids, start=1):
        try:
            verified = client.auth.mfa.challenge_and_verify({"factor_id": factor_id, "code": code})
            return str(verified.access_token)
        except AuthApiError as error:
            if error.code != CODE_WRONG or number == len(factor_ids):
                raise
    raise AssertionError("no factor")
