"""Mails with codes and links. They are not sent, but stored in an outbox, shown on a page and printed."""

import re
from dataclasses import dataclass
from html import escape
from ipaddress import ip_address
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

from starlette.responses import HTMLResponse, JSONResponse, Response

from standins.supabase.auth import flow_states, one_time_tokens, users
from standins.supabase.auth.calls import Call
from standins.supabase.auth.errors import AuthError
from standins.supabase.auth.objects import rfc3339
from standins.supabase.auth.users import User
from standins.supabase.config import Config

SHOWN = 100  # the newest mails on the page
COLUMNS = "sent_at, recipient, type, subject, code, token_hash, link"
LOOPBACK = re.compile(r"(localhost|127(\.\d{1,3}){3}|\[::1\])(:\d+)?", re.IGNORECASE)
# Browsers and urlsplit parse these characters differently. A forged address could pass the check.
AMBIGUOUS = re.compile(r"[\x00-\x20\x7f\\]")
# Pages of other origins must not read the codes.
HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}
PAGE = """<!doctype html>
<html lang="en"><meta charset="utf-8"><title>Outbox</title>
<style>
  body {{ font: 16px/1.5 system-ui, sans-serif; max-width: 50rem; margin: 2rem auto; padding: 0 1rem }}
  a {{ overflow-wrap: anywhere }}
</style>
<h1>Outbox</h1>
<p>Mails that the local Supabase stand-in would have sent, newest first.</p>
{articles}
</html>
"""
ARTICLE = """<article>
<h2>{subject}</h2>
<p>{recipient}, <time>{sent_at}</time></p>
<p>Code: <code>{code}</code></p>
<p>token_hash: {token_hash}</p>
<p><a href="{link}">{link}</a></p>
</article>"""


@dataclass(frozen=True)
class Kind:
    """One kind of mail.

    ``type`` is a parameter of its link, ``token`` its token type, ``sent_at`` the column of ``auth.users``
    with the time of the mail.
    """

    type: str
    token: str
    sent_at: str
    subject: str


SIGN_UP = Kind("signup", "confirmation_token", "confirmation_sent_at", "Confirm your e-mail address")
RECOVERY = Kind("recovery", "recovery_token", "recovery_sent_at", "Reset your password")
OLD_EMAIL = Kind(
    "email_change", "email_change_token_current", "email_change_sent_at", "Confirm leaving this address"
)
NEW_EMAIL = Kind(
    "email_change", "email_change_token_new", "email_change_sent_at", "Confirm your new e-mail address"
)


def send(call: Call, user: User, kind: Kind, *, to: str | None = None) -> User:
    """Mails a new code to the account's address or to ``to``; returns the changed account.

    The link uses PKCE if the request has a code challenge. The caller must hold the account's lock.
    """
    recipient = to or user.email
    challenge = flow_states.challenge_in(call.body)
    if challenge:
        flow_states.begin(call.cursor, user.id, challenge, kind.type, at=call.at)
    prefix = flow_states.PREFIX if challenge else ""
    code, token_hash = one_time_tokens.issue(
        call.cursor, user.id, kind.token, recipient, at=call.at, prefix=prefix
    )
    redirect_to = allowed_or_site(call.config, call.query.text("redirect_to"))
    parameters = {"token": token_hash, "type": kind.type, "redirect_to": redirect_to}
    link = f"{call.config.issuer}/verify?{urlencode(parameters, quote_via=quote)}"
    call.cursor.execute(
        f"insert into standin.mails ({COLUMNS}) values (%s, %s, %s, %s, %s, %s, %s)",
        (call.at, recipient, kind.type, kind.subject, code, token_hash, link),
    )
    if call.config.print_mails:
        line = f"[mail] {kind.subject}: {recipient}, code {code} {link}"
        call.after_commit.append(lambda: print(line, flush=True))
    return users.update(call.cursor, user.id, at=call.at, **{kind.sent_at: call.at})


def allowed_or_site(config: Config, redirect_to: str) -> str:
    """The target of a redirect: ``redirect_to`` without its fragment, or the site if it is not allowed.

    Allowed hosts are the site's, localhost and 127.0.0.1.
    """
    target = redirect_to.partition("#")[0]
    try:
        parts, site = urlsplit(target), urlsplit(config.site_url)
    except ValueError:
        return config.site_url
    is_web = parts.scheme in ("http", "https") and "@" not in parts.netloc
    hosts = (site.hostname, "localhost", "127.0.0.1")
    is_allowed = is_web and parts.hostname in hosts and not AMBIGUOUS.search(target)
    return target if is_allowed else config.site_url


def outbox_page(call: Call) -> Response:
    articles = "\n".join(_article(mail) for mail in _newest(call)) or "<p>No mail yet.</p>"
    return HTMLResponse(PAGE.format(articles=articles), headers=HEADERS)


def outbox_json(call: Call) -> Response:
    return JSONResponse(_newest(call), headers=HEADERS)


def _newest(call: Call) -> list[dict[str, Any]]:
    """The newest mails. Raises AuthError for another machine, and for another host name (DNS rebinding)."""
    peer = call.request.client
    is_near = peer is not None and ip_address(peer.host).is_loopback
    if not is_near or not LOOPBACK.fullmatch(call.request.headers.get("host", "")):
        raise AuthError(403, "not_allowed", "The outbox answers to localhost only")
    call.cursor.execute(f"select {COLUMNS} from standin.mails order by id desc limit %s", (SHOWN,))
    mails = [dict(zip(COLUMNS.split(", "), row, strict=True)) for row in call.cursor.fetchall()]
    return [mail | {"sent_at": rfc3339(mail["sent_at"])} for mail in mails]


def _article(mail: dict[str, Any]) -> str:
    escaped = {name: escape(value) for name, value in mail.items()}
    return ARTICLE.format(**escaped)
