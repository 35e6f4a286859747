"""Endpoints of second factors: enrol, challenge, verify and unenrol an authenticator app."""

from datetime import datetime
from html import escape
from typing import Any
from urllib.parse import quote, urlencode

from starlette.responses import JSONResponse, Response

from standins.supabase.auth import factors, objects, refresh_tokens, sessions, users
from standins.supabase.auth.bearer import current_user
from standins.supabase.auth.calls import Call
from standins.supabase.auth.errors import AuthError, session_not_found, validation_failed
from standins.supabase.auth.factors import Factor
from standins.supabase.auth.input import uuid_of
from standins.supabase.auth.sessions import Session
from standins.supabase.auth.users import User

# The URI as text, in place of a QR code.
NO_CHALLENGE = "MFA factor with the provided challenge ID not found"
PICTURE = '<svg xmlns="http://www.w3.org/2000/svg" width="640" height="40"><text y="24">{}</text></svg>'


def enroll(call: Call) -> Response:
    """POST /factors: creates an unverified factor and returns its secret."""
    user, session = current_user(call, lock=True)
    factor_type = call.body.text("factor_type")
    if factor_type in ("phone", "webauthn"):
        raise AuthError(
            422, f"mfa_{factor_type}_enroll_not_enabled", "MFA enroll is disabled for this factor"
        )
    if factor_type != "totp":
        raise validation_failed("factor_type needs to be totp, phone or webauthn")
    found = factors.of_user(call.cursor, user.id)
    if any(factor.status == "verified" for factor in found):
        _require_aal2(session, "AAL2 required to enroll a new factor", status=403)
    name = call.body.text("friendly_name")
    if any(factor.friendly_name == name for factor in found):
        message = f'A factor with the friendly name "{name}" for this user already exists'
        raise AuthError(422, "mfa_factor_name_conflict", message)
    factor = factors.enroll(call.cursor, user.id, name, at=call.at)
    issuer = call.body.text("issuer") or call.config.site_url
    return JSONResponse(_enrolled(factor, user, issuer))


def challenge(call: Call) -> Response:
    user, _ = current_user(call)
    factor = _target(call, user)
    challenge_id = factors.challenge(call.cursor, factor, at=call.at)
    expires_at = int((call.at + factors.CHALLENGE_LIFETIME).timestamp())
    return JSONResponse({"id": str(challenge_id), "type": "totp", "expires_at": expires_at})


def verify(call: Call) -> Response:
    """POST /factors/{id}/verify: sets the session to ``aal2`` and returns it."""
    user, session = current_user(call, lock=True)
    factor = _target(call, user)
    if not call.body.text("code"):
        raise validation_failed("Code needs to be non-empty")
    if not call.body.text("challenge_id"):
        raise AuthError(422, "mfa_factor_not_found", NO_CHALLENGE)
    challenge_id = uuid_of(call.body.text("challenge_id"), "challenge_id")
    # A failed check rolls the transaction back, so the challenge stays unused.
    _check_code(call, factor, factors.use_challenge(call.cursor, factor, challenge_id, at=call.at))
    factors.verify(call.cursor, factor, user.id, at=call.at)
    if session is None:
        raise session_not_found()
    raised = sessions.raise_to_aal2(call.cursor, session, factor.id, at=call.at)
    token = refresh_tokens.swap(call.cursor, raised, at=call.at)
    user = users.get(call.cursor, user.id)
    return JSONResponse(objects.session_object(call.cursor, call.config, user, raised, token, at=call.at))


def unenroll(call: Call) -> Response:
    """DELETE /factors/{id}: a verified factor can be deleted only in an ``aal2`` session."""
    user, session = current_user(call, lock=True)
    factor = _target(call, user)
    if factor.status == "verified":
        _require_aal2(session, "AAL2 required to unenroll verified factor")
    factors.remove(call.cursor, factor)
    return JSONResponse({"id": str(factor.id)})


def _check_code(call: Call, factor: Factor, challenged_at: datetime | None) -> None:
    """Raises AuthError unless the code is valid and its challenge is unused and unexpired."""
    if challenged_at is None:
        raise AuthError(422, "mfa_factor_not_found", NO_CHALLENGE)
    if call.at > challenged_at + factors.CHALLENGE_LIFETIME:
        message = "MFA challenge has expired, verify against another challenge or create a new challenge."
        raise AuthError(422, "mfa_challenge_expired", message)
    call.guesses.check(call.at)
    if not factors.accepts(factor, call.body.text("code"), call.at):
        call.guesses.record(call.at)
        raise AuthError(422, "mfa_verification_failed", "Invalid TOTP code entered")


def _require_aal2(session: Session | None, message: str, *, status: int = 422) -> None:
    if session is None or session.aal != "aal2":
        raise AuthError(status, "insufficient_aal", message)


def _target(call: Call, user: User) -> Factor:
    """The account's factor in the path. Raises AuthError (404)."""
    factor_id = uuid_of(call.request.path_params["id"], "factor_id")
    found = [factor for factor in factors.of_user(call.cursor, user.id) if factor.id == factor_id]
    if not found:
        raise AuthError(404, "mfa_factor_not_found", "Factor not found")
    return found[0]


def _enrolled(factor: Factor, user: User, issuer: str) -> dict[str, Any]:
    label = quote(f"{issuer}:{user.email}")
    query = urlencode({"secret": factor.secret, "issuer": issuer, "period": factors.STEP_SECONDS})
    uri = f"otpauth://totp/{label}?{query}"
    totp = {"qr_code": PICTURE.format(escape(uri)), "secret": factor.secret, "uri": uri}
    return {"id": str(factor.id), "type": "totp", "friendly_name": factor.friendly_name, "totp": totp}
