"""Links that an admin mails by other means: made like those of the outbox, and not sent."""

from starlette.responses import JSONResponse, Response

from standins.supabase.auth import errors, mails, objects, passwords, users
from standins.supabase.auth.bearer import require_admin
from standins.supabase.auth.calls import Call
from standins.supabase.auth.errors import AuthError, validation_failed
from standins.supabase.auth.users import EmailTaken, User

KINDS = {
    "signup": mails.SIGN_UP,
    "invite": mails.INVITE,
    "magiclink": mails.MAGIC_LINK,
    "recovery": mails.RECOVERY,
    "email_change_current": mails.OLD_EMAIL,
    "email_change_new": mails.NEW_EMAIL,
}


def generate(call: Call) -> Response:
    """POST /admin/generate_link: the account, and the link with its code and hash."""
    require_admin(call)
    type, email = call.body.text("type"), call.body.email()
    if type not in KINDS:
        raise validation_failed(f"Type must be one of {', '.join(KINDS)}")
    if type == "signup" and not call.body.text("password"):
        raise validation_failed("Signup requires a valid password")
    user = users.find_by_email(call.cursor, email, lock=True)
    if user is None and type == "magiclink":
        type = "signup"  # this link, too, makes the account
    if type in ("signup", "invite"):
        return _answer(call, _account_to_confirm(call, email, user), type, email)
    if user is None:
        raise AuthError(404, "user_not_found", "User with this email not found")
    if type.startswith("email_change"):
        new_email = _begin_email_change(call, user)
        return _answer(call, user, type, new_email if type == "email_change_new" else email)
    return _answer(call, user, type, email)


def _account_to_confirm(call: Call, email: str, user: User | None) -> User:
    """A new account, or one that still waits; what the latter was made with stays."""
    if user and user.email_confirmed_at:
        raise errors.email_exists()
    password = call.body.text("password")
    password_hash = passwords.new_hash(password) if password else passwords.random_hash()
    if user:
        return user
    try:
        return users.create_user(
            call.cursor,
            email=email,
            password_hash=password_hash,
            user_metadata=call.body.mapping("data"),
            confirmed=False,
            at=call.at,
        )
    except EmailTaken:
        raise errors.email_exists() from None


def _begin_email_change(call: Call, user: User) -> str:
    """The address that the account is to get once both links are used."""
    new_email = call.body.email("new_email")
    if users.find_by_email(call.cursor, new_email):
        raise errors.email_exists()
    if user.email_change != new_email:
        users.update(call.cursor, user.id, at=call.at, email_change=new_email, email_change_confirm_status=0)
    return new_email


def _answer(call: Call, user: User, type: str, to: str) -> Response:
    kind = KINDS[type]
    mail = mails.write(call, user, kind, to=to)
    user = users.update(call.cursor, user.id, at=call.at, **{kind.sent_at: call.at})
    link = {
        "action_link": mail.link,
        "email_otp": mail.code,
        "hashed_token": mail.token_hash,
        "verification_type": type,
        "redirect_to": mails.redirect_target(call),
    }
    return JSONResponse(objects.user_object(call.cursor, user) | link)
