"""Reset of a forgotten password.

Besides the errors named below, each function raises those of ``integrations/supabase_auth.py``:
InvalidInput (with Supabase's own code), InvalidToken (the session has ended), TooManyRequests,
SupabaseRejected or SupabaseUnavailable.
"""

import logging
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from accounts.errors import (
    InvalidInput,
    LinguaFlexError,
    NotAllowed,
    SecondFactorRequired,
    TooManyRequests,
)
from accounts.integrations import access_tokens, supabase_auth, supabase_mfa
from accounts.integrations.supabase_auth import Scope
from accounts.services import auth_sessions, users

MAX_RECOVERY_AGE = timedelta(hours=1)
# The values of the claim ``amr`` for a sign-in with a mailed code or link.
RECOVERY_METHODS = ("recovery", "otp", "magiclink")
# Supabase's code for a new password in a session without the account's second factor.
INSUFFICIENT_AAL = "insufficient_aal"

logger = logging.getLogger(__name__)


Guess = Callable[[str], AbstractContextManager[None]]


@dataclass(frozen=True)
class _Reset:
    """The input of a reset. A code is tried in the context ``guess(address or id of the account)``."""

    new_password: str
    totp_code: str
    client_ip: str | None
    guess: Guess


def reset_password(*, fields: Mapping[str, Any], client_ip: str | None, guess: Guess, at: datetime) -> None:
    """Sets a new password and ends the other sessions of the account.

    ``fields`` has ``new_password``, ``totp_code`` if the account has a second factor, and one proof:
    ``access_token``, ``token_hash``, or ``email`` with ``otp``. An ``otp`` or ``totp_code`` is tried in
    the context ``guess(address or id of the account)``, which raises TooManyRequests.

    Raises SecondFactorRequired if ``totp_code`` is missing or wrong; InvalidToken or TokenExpired for
    the access token, and NotAllowed if its session did not begin with a mailed code within
    MAX_RECOVERY_AGE.
    """
    reset = _Reset(fields["new_password"], fields.get("totp_code", ""), client_ip, guess)
    if "access_token" in fields:
        _reset_in_session(reset, fields["access_token"], at)
    elif "token_hash" in fields:
        _reset_by_code(reset, {"token_hash": fields["token_hash"]}, at)
    else:
        _reset_by_code(reset, {"email": fields["email"], "token": fields["otp"]}, at)


def _reset_by_code(reset: _Reset, code: dict[str, str], at: datetime) -> None:
    """Redeems a mailed code for a session, sets the password in it, and ends it.

    The session ends also if the password is refused, because its tokens are not sent to the client.
    It remains only for SecondFactorRequired, which has its access token.
    """
    with reset.guess(code["email"]) if "email" in code else nullcontext():
        access_token = supabase_auth.redeem_recovery(code=code, client_ip=reset.client_ip).access_token
    try:
        verified = _with_second_factor_once(reset, access_token)
        user_id = _set_password(reset, verified, hint=" The code is used up: request a new mail.")
    except SecondFactorRequired:
        raise
    except BaseException:
        _try_to_sign_out(access_token, "local")
        raise
    _try_to_sign_out(access_token, "global")
    auth_sessions.revoke_tokens(user_id=user_id, session_id=None, scope="global", at=at)


def _with_second_factor_once(reset: _Reset, access_token: str) -> str:
    """Like ``_with_second_factor``, but raises SecondFactorRequired instead of TooManyRequests.

    The mailed code is redeemed: only the access token allows another attempt.
    """
    try:
        return _with_second_factor(reset, access_token)
    except TooManyRequests as error:
        raise SecondFactorRequired(error.detail, access_token=access_token) from None


def _with_second_factor(reset: _Reset, access_token: str) -> str:
    """Verifies the second factor of the account, if it has one. Returns the session's access token."""
    try:
        return supabase_mfa.verify(
            access_token=access_token,
            code=reset.totp_code,
            guess=reset.guess,
            client_ip=reset.client_ip,
        )
    except InvalidInput as error:
        if error.code not in supabase_mfa.CODES_TO_ENTER_AGAIN:
            raise
        raise SecondFactorRequired(error.detail, access_token=access_token) from None


def _set_password(reset: _Reset, access_token: str, hint: str = "") -> UUID:
    """Sets the password in this session, and returns the account's id."""
    with _refusals_of_new_password(access_token, hint):
        return supabase_auth.set_password(
            new_password=reset.new_password, access_token=access_token, client_ip=reset.client_ip
        )


def _try_to_sign_out(access_token: str, scope: Scope) -> None:
    """Ends sessions. Logs a failure, because the password is already set or refused."""
    try:
        supabase_auth.sign_out(access_token=access_token, scope=scope)
    except LinguaFlexError:
        logger.exception("A recovery session could not be ended.")


def _reset_in_session(reset: _Reset, access_token: str, at: datetime) -> None:
    claims = access_tokens.verify(access_token)
    users.authenticate(claims)
    redeemed_at = auth_sessions.signed_in_at(claims, *RECOVERY_METHODS)
    if redeemed_at is None or at - redeemed_at > MAX_RECOVERY_AGE:
        raise NotAllowed(
            "This session did not begin with a recovery mail of the last hour. Request a new mail.",
            code="recovery_required",
        )
    if claims.aal != "aal2":
        access_token = _with_second_factor(reset, access_token)
    _set_password(reset, access_token)
    auth_sessions.revoke_tokens(user_id=claims.sub, session_id=claims.session_id, scope="others", at=at)


@contextmanager
def _refusals_of_new_password(access_token: str, hint: str) -> Iterator[None]:
    """Renames Supabase's field ``password`` to ours in a refusal, and appends ``hint`` to its sentence.

    Raises SecondFactorRequired if the account has got a second factor meanwhile.
    """
    try:
        yield
    except InvalidInput as error:
        if error.code == INSUFFICIENT_AAL:
            raise SecondFactorRequired(access_token=access_token) from None
        errors = {"new_password": error.errors["password"]} if "password" in error.errors else error.errors
        raise InvalidInput(f"{error.detail}{hint}", code=error.code, errors=errors) from None
