"""PKCE (RFC 7636) for mailed links: only the client that requested the mail can use its link.

1. The client requests the mail with a code challenge, which is stored in ``auth.flow_state``.
2. The link's token starts with ``pkce_``; the link redirects to the site with ``?code=``.
3. The client exchanges the code and its verifier for a session at the token endpoint.
"""

import base64
import hashlib
import hmac
import re
import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from standins.supabase.auth.errors import AuthError, validation_failed
from standins.supabase.auth.input import Fields
from standins.supabase.pool import Cursor

PREFIX = "pkce_"
# A code expires after CODE_LIFETIME; a link expires with its token.
CODE_LIFETIME = timedelta(minutes=5)
LINK_LIFETIME = timedelta(hours=1)
# The method in the session's ``amr`` for each type of link.
METHODS = {"signup": "email/signup", "recovery": "recovery", "email_change": "email_change"}


@dataclass(frozen=True)
class Challenge:
    """A code challenge; ``method`` is ``s256`` or ``plain``."""

    method: str
    value: str

    def is_met_by(self, verifier: str) -> bool:
        if self.method == "s256":
            digest = hashlib.sha256(verifier.encode()).digest()
            verifier = base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
        return hmac.compare_digest(verifier.encode(), self.value.encode())


def challenge_in(body: Fields) -> Challenge | None:
    """The challenge in a request, or None. Raises AuthError for an incomplete or invalid challenge."""
    value, method = body.text("code_challenge"), body.text("code_challenge_method").lower()
    if not value and not method:
        return None
    if not value or not method:
        raise validation_failed("PKCE flow requires code_challenge_method and code_challenge")
    if method not in ("s256", "plain"):
        raise validation_failed("code_challenge_method must be s256 or plain")
    if not re.fullmatch(r"[A-Za-z0-9._~-]{43,128}", value):
        raise validation_failed(
            "code challenge has to be between 43 and 128 characters of"
            " alphanumeric characters, hyphens, periods, underscores and tildes"
        )
    return Challenge(method, value)


def begin(cursor: Cursor, user_id: UUID, challenge: Challenge, type: str, *, at: datetime) -> None:
    """Stores the challenge for the link of ``type``.

    Deletes the account's previous challenge of this type, and all expired challenges.
    """
    cursor.execute(
        """delete from auth.flow_state
           where (user_id = %s and authentication_method = %s) or created_at < %s""",
        (str(user_id), METHODS[type], at - LINK_LIFETIME - CODE_LIFETIME),
    )
    cursor.execute(
        """insert into auth.flow_state (id, user_id, auth_code, code_challenge_method, code_challenge,
             provider_type, created_at, updated_at, authentication_method)
           values (%s, %s, %s, %s, %s, 'email', %s, %s, %s)""",
        (
            *(str(uuid.uuid4()), str(user_id), str(uuid.uuid4())),
            *(challenge.method, challenge.value, at, at, METHODS[type]),
        ),
    )


def issue_code(cursor: Cursor, user_id: UUID, type: str, *, at: datetime) -> str:
    """The code for the redirect after the link of ``type`` is opened. Raises AuthError."""
    cursor.execute(
        """update auth.flow_state set auth_code_issued_at = %s, updated_at = %s
           where user_id = %s and authentication_method = %s returning auth_code""",
        (at, at, str(user_id), METHODS.get(type, "")),
    )
    row = cursor.fetchone()
    if row is None:
        raise _not_found()
    return str(row[0])


def redeem(cursor: Cursor, code: str, verifier: str, *, at: datetime) -> tuple[UUID, str]:
    """Deletes the code; returns the id of its account and the method of authentication. Raises AuthError."""
    cursor.execute(
        """select id::text, user_id::text, authentication_method, code_challenge_method::text,
             code_challenge, auth_code_issued_at from auth.flow_state
           where auth_code = %s and auth_code_issued_at is not null for update""",
        (code,),
    )
    row = cursor.fetchone()
    if row is None:
        raise _not_found()
    flow_id, user_id, method, challenge_method, challenge, issued_at = row
    if at > issued_at + CODE_LIFETIME:
        raise AuthError(422, "flow_state_expired", "invalid flow state, flow state has expired")
    if not Challenge(challenge_method, challenge).is_met_by(verifier):
        message = "code challenge does not match previously saved code verifier"
        raise AuthError(400, "bad_code_verifier", message)
    cursor.execute("delete from auth.flow_state where id = %s", (flow_id,))
    return UUID(user_id), method


def _not_found() -> AuthError:
    return AuthError(404, "flow_state_not_found", "invalid flow state, no valid flow state found")
