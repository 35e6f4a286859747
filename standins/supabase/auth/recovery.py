"""Asking for a mail. Known and unknown addresses get the same answer, a bad PKCE challenge included."""

from starlette.responses import JSONResponse, Response

from standins.supabase.auth import flow_states, mails, one_time_tokens, passwords, users
from standins.supabase.auth.calls import Call
from standins.supabase.auth.errors import AuthError, validation_failed
from standins.supabase.auth.input import no_phone
from standins.supabase.auth.sign_in import register
from standins.supabase.auth.users import User


def recover(call: Call) -> Response:
    """POST /recover: a code to set a new password with."""
    flow_states.challenge_in(call.body)
    user = users.find_by_email(call.cursor, call.body.email(), lock=True)
    if user:
        mails.send(call, user, mails.RECOVERY)
    return JSONResponse({})


def send_sign_in_link(call: Call) -> Response:
    """POST /otp: a code to sign in with; makes the account unless ``create_user`` is false."""
    no_phone(call.body, "logins")
    flow_states.challenge_in(call.body)
    email = call.body.email()
    user = users.find_by_email(call.cursor, email, lock=True)
    if user is None and not call.body.flag("create_user", default=True):
        raise AuthError(422, "otp_disabled", "Signups not allowed for otp")
    if user is None:
        user, _ = register(call, email, passwords.random_hash(), call.body.mapping("data"))
    mails.send(call, user, mails.MAGIC_LINK if user.email_confirmed_at else mails.SIGN_UP)
    return JSONResponse({})


def resend(call: Call) -> Response:
    """POST /resend: the pending confirmation once more."""
    no_phone(call.body, "signups")
    flow_states.challenge_in(call.body)
    type, email = call.body.text("type"), call.body.email()
    if type not in ("signup", "email_change"):
        raise validation_failed("Missing one of these types: signup, email_change")
    user = users.find_by_email(call.cursor, email, lock=True)
    if user and type == "signup" and not user.email_confirmed_at:
        mails.send(call, user, mails.SIGN_UP)
    elif user and type == "email_change" and user.email_change:
        _resend_email_change(call, user)
    return JSONResponse({})


def _resend_email_change(call: Call, user: User) -> None:
    """To both addresses, or to the one that has not agreed: neither may agree twice."""
    pending = one_time_tokens.pending(call.cursor, user.id)
    first = user.email_change_confirm_status == 0
    for kind, address in ((mails.OLD_EMAIL, user.email), (mails.NEW_EMAIL, user.email_change)):
        if first or kind.token in pending:
            mails.send(call, user, kind, to=address)
