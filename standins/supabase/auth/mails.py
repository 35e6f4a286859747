"""Sends codes: makes one, records when, and puts the mail into the outbox."""

from dataclasses import dataclass
from urllib.parse import quote, urlencode

from standins.supabase.auth import flow_states, one_time_tokens, outbox, redirects, users
from standins.supabase.auth.calls import Call
from standins.supabase.auth.outbox import Mail
from standins.supabase.auth.users import User


@dataclass(frozen=True)
class Kind:
    """One sort of mail: the ``type`` of its link, the stored token, the account's instant."""

    type: str
    token: str
    sent_at: str
    subject: str


SIGN_UP = Kind("signup", "confirmation_token", "confirmation_sent_at", "Confirm your e-mail address")
INVITE = Kind("invite", "confirmation_token", "invited_at", "You have been invited")
RECOVERY = Kind("recovery", "recovery_token", "recovery_sent_at", "Reset your password")
MAGIC_LINK = Kind("magiclink", "recovery_token", "recovery_sent_at", "Your sign-in link")
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
REAUTHENTICATION = Kind(
    "reauthentication",
    "reauthentication_token",
    "reauthentication_sent_at",
    "Confirm that it is you",
)


def send(call: Call, user: User, kind: Kind, *, to: str | None = None) -> User:
    """Mails a new code to the account's address, or to ``to``; the caller holds the account's lock."""
    mail = write(call, user, kind, to=to or user.email)
    outbox.store(call.cursor, mail)
    if call.config.print_mails:
        call.after_commit.append(lambda: outbox.show(mail))
    return users.update(call.cursor, user.id, at=call.at, **{kind.sent_at: call.at})


def write(call: Call, user: User, kind: Kind, *, to: str) -> Mail:
    """The mail with a new code, not sent; its link asks for PKCE if the request does."""
    challenge = flow_states.challenge_in(call.body) if kind.type in flow_states.METHODS else None
    if challenge:
        flow_states.begin(call.cursor, user.id, challenge, kind.type, at=call.at)
    prefix = flow_states.PREFIX if challenge else ""
    code, token_hash = one_time_tokens.issue(call.cursor, user.id, kind.token, to, at=call.at, prefix=prefix)
    link = _link(call, kind, token_hash) if kind is not REAUTHENTICATION else ""
    return Mail(call.at, to, kind.type, kind.subject, code, token_hash, link)


def redirect_target(call: Call) -> str:
    """Where the link of a mail leads in the end."""
    return redirects.allowed_or_site(call.config, call.query.text("redirect_to"))


def _link(call: Call, kind: Kind, token_hash: str) -> str:
    parameters = {"token": token_hash, "type": kind.type, "redirect_to": redirect_target(call)}
    return f"{call.config.issuer}/verify?{urlencode(parameters, quote_via=quote)}"
