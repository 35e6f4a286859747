"""Requests to Supabase Auth about the second factor of an account.

Raises InvalidInput (with Supabase's own code), InvalidToken (the session has ended), TooManyRequests,
SupabaseRejected (our API key is refused) or SupabaseUnavailable only.
"""

import re
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any

from accounts.errors import InvalidInput
from accounts.integrations import supabase_client

CODE_REQUIRED, CODE_WRONG = "mfa_code_required", "mfa_verification_failed"
# The codes of refusals after which another code may be accepted.
CODES_TO_ENTER_AGAIN = {
    CODE_REQUIRED,
    CODE_WRONG,
    "mfa_verification_rejected",
    "mfa_challenge_expired",
    "mfa_ip_address_mismatch",
}
# RFC 6238, with the number of digits that Supabase uses.
TOTP_CODE = re.compile("[0-9]{6}")


def verify(
    *,
    access_token: str,
    code: str,
    guess: Callable[[str], AbstractContextManager[None]],
    client_ip: str | None = None,
) -> str:
    """Verifies the second factor and returns the new access token of the session.

    ``code`` is from the account's authenticator app. Returns the given token if the account has no
    second factor. A code is tried in the context ``guess(account's id)``, which raises TooManyRequests.
    Raises InvalidInput: ``mfa_code_required`` without a code, ``mfa_verification_failed`` for a wrong
    one, ``mfa_factor_unsupported`` if the account has factors, but no authenticator app.
    """
    with supabase_client.for_one_call(client_ip=client_ip, access_token=access_token) as client:
        account = client.auth.get_user(access_token).user
        factors = [factor for factor in account.factors or [] if factor.status == "verified"]
        if not factors:
            return access_token
        apps = [factor.id for factor in factors if factor.factor_type == "totp"]
        if not apps:
            message = "The second factor of this account cannot be used here. Add an authenticator app."
            raise InvalidInput(message, code="mfa_factor_unsupported")
        code = "".join(code.split())
        if not code:
            raise InvalidInput("Enter the code of your authenticator app.", code=CODE_REQUIRED)
        if not TOTP_CODE.fullmatch(code):
            raise InvalidInput("The code of an authenticator app has six digits.", code=CODE_WRONG)
        with guess(account.id):
            return _redeem_totp(client, apps, code)


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
