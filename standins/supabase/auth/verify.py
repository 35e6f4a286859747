"""Endpoints that mail a code or link, and those that redeem it."""

from typing import Any
from urllib.parse import urlencode, urlsplit

from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response

from standins.supabase.auth import flow_states, mails, one_time_tokens, users
from standins.supabase.auth.calls import Call
from standins.supabase.auth.errors import AuthError, user_banned, validation_failed
from standins.supabase.auth.sign_in import new_session
from standins.supabase.auth.users import User

FIRST_OF_TWO = "Confirmation link accepted. Please proceed to confirm link sent to the other email"


def recover(call: Call) -> Response:
    """POST /recover: mails a code for a session in which the user can set a new password."""
    flow_states.challenge_in(call.body)  # an invalid challenge is an error for unknown addresses too
    user = users.find_by_email(call.cursor, call.body.email(), lock=True)
    if user:
        mails.send(call, user, mails.RECOVERY)
    return JSONResponse({})


def resend(call: Call) -> Response:
    """POST /resend: mails a new code for an unconfirmed sign-up."""
    flow_states.challenge_in(call.body)
    if call.body.text("type") != "signup":
        raise validation_failed("Missing one of these types: signup")
    user = users.find_by_email(call.cursor, call.body.email(), lock=True)
    if user and not user.email_confirmed_at:
        mails.send(call, user, mails.SIGN_UP)
    return JSONResponse({})


def by_code(call: Call) -> Response:
    """POST /verify: creates a session for an address with its code, or for a ``token_hash``."""
    body = call.body
    type, token_hash = body.text("type"), body.text("token_hash")
    if type not in one_time_tokens.KINDS:
        raise validation_failed("Verify requires a verification type")
    if token_hash and (body.text("email") or body.text("phone") or body.text("token")):
        raise validation_failed("Only the token_hash and type should be provided")
    if body.text("token"):
        code_hash = one_time_tokens.hash_of(body.email(), body.text("token"))
        hashes = [code_hash, flow_states.PREFIX + code_hash]
    elif token_hash:
        hashes = [token_hash]
    else:
        raise validation_failed("Verify requires either a token or a token hash")
    user = _redeem(call, type, hashes)
    if user is None:
        return JSONResponse({"msg": FIRST_OF_TWO, "code": "200"})
    return JSONResponse(new_session(call, user, "otp"))


def by_link(call: Call) -> Response:
    """GET /verify: redirects with a session in the fragment, or with a PKCE code in the query."""
    if call.request.method == "HEAD":
        # Mail scanners send HEAD before the user opens the link.
        raise AuthError(405, "method_not_allowed", "Open the link with GET")
    type, token_hash = call.query.text("type"), call.query.text("token")
    if type not in one_time_tokens.KINDS or not token_hash:
        raise validation_failed("Verify requires a token and a verification type")
    is_pkce = token_hash.startswith(flow_states.PREFIX)
    user = _redeem(call, type, [token_hash], failure="Email link is invalid or has expired")
    if user is None:
        return _redirect(call.request, {"message": FIRST_OF_TWO}, in_query=is_pkce)
    if is_pkce:
        code = flow_states.issue_code(call.cursor, user.id, type, at=call.at)
        return _redirect(call.request, {"code": code}, in_query=True)
    session = new_session(call, user, "otp")
    names = ("access_token", "expires_at", "expires_in", "refresh_token", "token_type")
    return _redirect(call.request, {name: session[name] for name in names} | {"type": type, "sb": ""})


def failed_link(request: Request, error: AuthError) -> Response:
    """Redirects to the site with the error (RFC 6749 sections 4.1.2.1 and 4.2.2.1)."""
    reason = {
        "error": "access_denied" if error.status < 500 else "server_error",
        "error_code": error.code,
        "error_description": error.message,
    }
    is_pkce = request.query_params.get("token", "").startswith(flow_states.PREFIX)
    return _redirect(request, reason, in_query=is_pkce)


def _redeem(
    call: Call, type: str, hashes: list[str], *, failure: str = "Token has expired or is invalid"
) -> User | None:
    """Confirms the address and returns the account; None after the first of two confirmations.

    Deletes the account's other codes, as Supabase Auth does. Raises AuthError.
    """
    call.guesses.check(call.at)
    user_id = one_time_tokens.redeem(call.cursor, type, hashes, at=call.at)
    if user_id is None:
        call.guesses.record(call.at)
        # keep_changes commits the deletion of an expired token.
        raise AuthError(403, "otp_expired", failure, keep_changes=True)
    user = users.get(call.cursor, user_id)
    if user.is_banned(call.at):
        raise user_banned(403)
    if type == "email_change" and call.config.confirm_email and user.email_change_confirm_status == 0:
        users.update(call.cursor, user.id, at=call.at, email_change_confirm_status=1)
        return None
    one_time_tokens.clear(call.cursor, user.id)
    if type != "email_change":
        return users.confirm(call.cursor, user, at=call.at)
    return users.change_email(call.cursor, user, user.email_change, at=call.at)


def _redirect(request: Request, values: dict[str, Any], *, in_query: bool = False) -> Response:
    """Redirects to the site with ``values`` in the fragment, or added to the query."""
    wanted = request.query_params.get("redirect_to", "")
    target = mails.allowed_or_site(request.app.state.config, wanted)
    separator = "#"
    if in_query:
        separator = "&" if urlsplit(target).query else "?"
    return RedirectResponse(f"{target}{separator}{urlencode(values)}", status_code=303)
