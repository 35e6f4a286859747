"""Ending sessions: at Supabase, and in the table of revocations."""

from datetime import datetime
from uuid import UUID

from accounts.integrations import access_tokens, supabase_auth
from accounts.integrations.access_tokens import Claims
from accounts.integrations.supabase_auth import Scope
from accounts.models import Revocation
from accounts.models.auth_sessions import session_created_at


def sign_out(*, claims: Claims, access_token: str, scope: Scope, at: datetime) -> None:
    """Ends sessions of the caller: this one (``local``), all (``global``) or all others (``others``).

    Raises SupabaseUnavailable or TooManyRequests, and changes nothing then.
    """
    supabase_auth.sign_out(access_token=access_token, scope=scope)
    revoke_tokens(user_id=claims.sub, session_id=claims.session_id, scope=scope, at=at)
    if scope == "global":
        # A global revocation does not cover tokens issued in the current second, see below.
        revoke_tokens(user_id=claims.sub, session_id=claims.session_id, scope="local", at=at)


def signed_in_at(claims: Claims, *among: str) -> datetime | None:
    """The instant of the latest sign-in by one of the methods ``among``, or by any method without them.

    If the token states no instant, the creation of the session, which is not later. None if the session did
    not begin with one of these methods, if the instant is unknown, or if one is later than the token.
    """
    methods = claims.methods.keys() & among if among else claims.methods.keys()
    if among and not methods:
        return None
    stated = (claims.methods[method] for method in methods)
    latest = max((instant for instant in stated if instant), default=None)
    if latest and not claims.is_possible(latest):
        return None
    return latest or session_created_at(sub=claims.sub, session_id=claims.session_id)


def revoke_tokens(*, user_id: UUID, session_id: UUID | None, scope: Scope, at: datetime) -> None:
    """Revokes the access tokens of ended sessions, and deletes expired revocations.

    The revocations are used only if the database role cannot read or delete Supabase's sessions.
    """
    expires_at = at + access_tokens.MAX_LIFETIME
    Revocation.objects.expired(at=at).delete()
    Revocation.objects.create(
        user_id=user_id,
        session_id=session_id if scope == "local" else None,
        spared_session_id=session_id if scope == "others" else None,
        # Supabase issues no tokens to an ended session, so all of its tokens are revoked. Other scopes
        # revoke tokens issued before the current second: ``iat`` is in whole seconds, and a new sign-in
        # may follow in the same second.
        issued_before=expires_at if scope == "local" else at.replace(microsecond=0),
        expires_at=expires_at,
    )
