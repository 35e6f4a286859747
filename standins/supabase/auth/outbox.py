"""The outbox: mails are stored, shown on a page and printed, not sent."""

import re
from dataclasses import asdict, astuple, dataclass
from datetime import datetime
from html import escape

from starlette.responses import HTMLResponse, JSONResponse, Response

from standins.supabase.auth.calls import Call
from standins.supabase.auth.errors import AuthError
from standins.supabase.auth.objects import rfc3339
from standins.supabase.pool import Cursor

SHOWN = 100
COLUMNS = "sent_at, recipient, type, subject, code, token_hash, link"
LOOPBACK = re.compile(r"(localhost|127(\.\d{1,3}){3}|\[::1\])(:\d+)?", re.IGNORECASE)
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
  article {{ border-top: 1px solid #ccc; padding: 1rem 0 }}
  code {{ font-size: 1.5rem }}
  a {{ overflow-wrap: anywhere }}
</style>
<h1>Outbox</h1>
<p>Mails that the local Supabase stand-in would have sent, newest first.</p>
{articles}
</html>
"""


@dataclass(frozen=True)
class Mail:
    sent_at: datetime
    recipient: str
    type: str
    subject: str
    code: str
    token_hash: str
    link: str


def store(cursor: Cursor, mail: Mail) -> None:
    cursor.execute(
        f"insert into standin.mails ({COLUMNS}) values (%s, %s, %s, %s, %s, %s, %s)",
        astuple(mail),
    )


def newest(cursor: Cursor, limit: int = SHOWN) -> list[Mail]:
    cursor.execute(f"select {COLUMNS} from standin.mails order by id desc limit %s", (limit,))
    return [Mail(*row) for row in cursor.fetchall()]


def show(mail: Mail) -> None:
    """Prints the mail to the console."""
    print(f"[mail] {mail.subject}: {mail.recipient}, code {mail.code} {mail.link}", flush=True)


def page(call: Call) -> Response:
    """GET /outbox"""
    _local_only(call)
    articles = "\n".join(_article(mail) for mail in newest(call.cursor)) or "<p>No mail yet.</p>"
    return HTMLResponse(PAGE.format(articles=articles), headers=HEADERS)


def listing(call: Call) -> Response:
    """GET /outbox.json"""
    _local_only(call)
    mails = [asdict(mail) | {"sent_at": rfc3339(mail.sent_at)} for mail in newest(call.cursor)]
    return JSONResponse(mails, headers=HEADERS)


def _article(mail: Mail) -> str:
    link = escape(mail.link)
    return (
        f"<article><h2>{escape(mail.subject)}</h2>"
        f"<p>{escape(mail.recipient)}, <time>{rfc3339(mail.sent_at)}</time></p>"
        f"<p>Code: <code>{escape(mail.code)}</code></p>"
        f"<p>token_hash: {escape(mail.token_hash)}</p>"
        f'<p><a href="{link}">{link}</a></p></article>'
    )


def _local_only(call: Call) -> None:
    """Rejects requests with another host name, which prevents DNS rebinding. Raises AuthError."""
    if not LOOPBACK.fullmatch(call.request.headers.get("host", "")):
        raise AuthError(403, "not_allowed", "The outbox answers to localhost only")
