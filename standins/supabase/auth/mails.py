"""Creates a code and stores its mail in the outbox."""

from dataclasses import dataclass
from urllib.parse import quote, urlencode

from standins.supabase.auth import flow_states, one_time_tokens, outbox, redirects, users
from standins.supabase.auth.calls import Call
from standins.supabase.auth.outbox import Mail
from standins.supabase.auth.users import User


@dataclass(frozen=True)
class Kind:
    """One kind of mail: the ``type`` of its link, its token type, and a column of ``auth.users``."""

    type: str
    token: str
    sent_at: str
    subject: str


SIGN_UP = Kind("signup", "confirmation_token", "confirmation_sent_at", "Confirm your e-mail address")
RECOVERY = Kind("recovery", "recovery_token", "recovery_sent_at", "Reset your password")
OLD_EMAIL = Kind(
    "email_change",
    "email_change_token_current",
    "email_change_sent_at",
    "Confirm leaving this e-mail address",
)
NEW_EMAIL = Kind(
    "email_change",
    "email_change_token_new",
    "email_change_sent_at",
    "Confirm your new e-mail address",
)


def send(call: Call, user: User, kind: Kind, *, to: str | None = None) -> User:
    """Mails a new code to the account's address or to ``to``. The caller holds the account's lock.

    The link uses PKCE if the request has a code challenge.
    """
    recipient = to or user.email
    challenge = flow_states.challenge_in(call.body)
    if challenge:
        flow_states.begin(call.cursor, user.id, challenge, kind.type, at=call.at)
    prefix = flow_states.PREFIX if challenge else ""
    code, token_hash = one_time_tokens.issue(
        call.cursor, user.id, kind.token, recipient, at=call.at, prefix=prefix
    )
    redirect_to = redirects.allowed_or_site(call.config, call.query.text("redirect_to"))
    parameters = {"token": token_hash, "type": kind.type, "redirect_to": redirect_to}
    link = f"{call.config.issuer}/verify?{urlencode(parameters, quote_via=quote)}"
    mail = Mail(call.at, recipient, kind.type, kind.subject, code, token_hash, link)
    outbox.store(call.cursor, mail)
    if call.config.print_mails:
        call.after_commit.append(lambda: outbox.show(mail))
    return users.update(call.cursor, user.id, at=call.at, **{kind.sent_at: call.at})
