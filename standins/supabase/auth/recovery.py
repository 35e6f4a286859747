"""Endpoints that send a mail. The response does not reveal whether the address is known."""

from starlette.responses import JSONResponse, Response

from standins.supabase.auth import flow_states, mails, users
from standins.supabase.auth.calls import Call
from standins.supabase.auth.errors import validation_failed


def recover(call: Call) -> Response:
    """POST /recover: mails a code that starts a session in which the password can be changed."""
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
