"""Using a mailed code or link."""

from typing import Any
from urllib.parse import urlencode, urlsplit

from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response

from standins.supabase.auth import anonymous, flow_states, one_time_tokens, redirects, users
from standins.supabase.auth.calls import Call
from standins.supabase.auth.errors import AuthError, validation_failed
from standins.supabase.auth.sign_in import new_session
from standins.supabase.auth.users import User

FIRST_OF_TWO = "Confirmation link accepted. Please proceed to confirm link sent to the other email"
TYPES = set(one_time_tokens.KINDS) - {"reauthentication"}


def by_code(call: Call) -> Response:
    """POST /verify: an address with its code, or a ``token_hash`` alone."""
    body = call.body
    type, token_hash = body.text("type"), body.text("token_hash")
    if type not in TYPES:
        raise validation_failed("Verify requires a verification type")
    if token_hash and (body.text("email") or body.text("phone") or body.text("token")):
        raise validation_failed("Only the token_hash and type should be provided")
    if token_hash:
        user = _take(call, type, token_hash)
    elif body.text("token"):
        user = _take(call, type, body.text("token"), body.email())
    else:
        raise validation_failed("Verify requires either a token or a token hash")
    if user is None:
        return JSONResponse({"msg": FIRST_OF_TWO, "code": "200"})
    return JSONResponse(new_session(call, user, "otp"))


def by_link(call: Call) -> Response:
    """GET /verify: redirects with the session in the fragment, or with a PKCE code in the query."""
    if call.request.method == "HEAD":
        # Mail scanners look a link over before its reader does: that must not use it up.
        raise AuthError(405, "method_not_allowed", "Open the link with GET")
    type, token_hash = call.query.text("type"), call.query.text("token")
    if type not in TYPES or not token_hash:
        raise validation_failed("Verify requires a token and a verification type")
    is_pkce = token_hash.startswith(flow_states.PREFIX)
    user = _take(call, type, token_hash, failure="Email link is invalid or has expired")
    if user is None:
        return _redirect(call.request, {"message": FIRST_OF_TWO}, in_query=is_pkce)
    if is_pkce:
        code = flow_states.issue_code(call.cursor, user.id, type, at=call.at)
        return _redirect(call.request, {"code": code}, in_query=True)
    session = new_session(call, user, "otp")
    names = ("access_token", "expires_at", "expires_in", "refresh_token", "token_type")
    return _redirect(call.request, {name: session[name] for name in names} | {"type": type, "sb": ""})


def failed_link(request: Request, error: AuthError) -> Response:
    """Tells the site instead of the browser window (RFC 6749 sections 4.1.2.1 and 4.2.2.1)."""
    reason = {
        "error": "access_denied" if error.status < 500 else "server_error",
        "error_code": error.code,
        "error_description": error.message,
    }
    is_pkce = request.query_params.get("token", "").startswith(flow_states.PREFIX)
    return _redirect(request, reason, in_query=is_pkce)


def _take(
    call: Call,
    type: str,
    token: str,
    email: str | None = None,
    *,
    failure: str = "Token has expired or is invalid",
) -> User | None:
    """The account, confirmed by the code or link; None after the first of two confirmations."""
    call.guesses.check(call.at)
    if email is None:
        found = one_time_tokens.take_by_hash(call.cursor, type, token, at=call.at)
    else:
        found = one_time_tokens.take_by_code(call.cursor, type, email, token, at=call.at)
    if found is None:
        call.guesses.record(call.at)
        # A counted guess and a used-up code stay so.
        raise AuthError(403, "otp_expired", failure, keep_changes=True)
    user = users.get(call.cursor, found.user_id)
    if user.is_banned(call.at):
        raise AuthError(403, "user_banned", "User is banned")
    if type == "email_change":
        return _confirm_email_change(call, user)
    return users.confirm(call.cursor, user, at=call.at)


def _confirm_email_change(call: Call, user: User) -> User | None:
    if user.email_change_confirm_status == 0:
        users.update(call.cursor, user.id, at=call.at, email_change_confirm_status=1)
        return None
    if user.is_anonymous:
        return anonymous.identify(call.cursor, user, user.email_change, at=call.at)
    return users.change_email(call.cursor, user, user.email_change, at=call.at)


def _redirect(request: Request, values: dict[str, Any], *, in_query: bool = False) -> Response:
    """Leads to the site with ``values`` in the fragment, or added to the query."""
    wanted = request.query_params.get("redirect_to", "")
    target = redirects.allowed_or_site(request.app.state.config, wanted)
    mark = "#"
    if in_query:
        mark = "&" if urlsplit(target).query else "?"
    return RedirectResponse(f"{target}{mark}{urlencode(values)}", status_code=303)
