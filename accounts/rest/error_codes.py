"""The codes of error responses, with the status and the meaning of each, for the OpenAPI document."""

from collections.abc import Callable, Iterator
from typing import Any, TypeVar

from drf_spectacular.utils import extend_schema

from accounts import errors
from accounts.rest.exception_handler import STATUS

EXTENSION = "x-error-codes"
Action = TypeVar("Action", bound=Callable[..., Any])

# Codes that no class of accounts/errors.py has.
OTHERS = {
    # Supabase Auth: https://supabase.com/docs/guides/auth/debugging/error-codes
    "email_address_invalid": (400, "Supabase Auth does not accept this address."),
    "email_not_confirmed": (400, "The address is not confirmed. Follow the link in the mail."),
    "invalid_credentials": (400, "The address or the password is wrong."),
    "otp_expired": (400, "The code or link of the mail is wrong, used or too old."),
    "over_email_send_rate_limit": (429, "Supabase Auth sends no more mails for now."),
    "over_request_rate_limit": (429, "Supabase Auth takes no more requests for now."),
    "refresh_token_already_used": (400, "The refresh token was used before. Log in again."),
    "refresh_token_not_found": (400, "The refresh token is unknown. Log in again."),
    "same_password": (400, "The new password equals the old one."),
    "session_expired": (400, "The session has ended. Log in again."),
    "user_already_exists": (400, "The address is registered."),
    "user_banned": (400, "The account is suspended."),
    "weak_password": (400, "The password is too short, too long or too simple."),
    # LinguaFlex
    "account_refused": (400, "Supabase Auth refuses this. Its other codes pass through as they are."),
    "already_a_teacher": (409, "The caller is a teacher already."),
    "bad_request": (400, "The header Host names another server, or the request is malformed."),
    "blocked": (403, "One of the two has blocked the chat."),
    "currency_required": (400, "A filter or an order by price needs `currency`."),
    "database_unavailable": (503, "The database cannot be reached."),
    "gig_is_a_draft": (409, "A draft is not on offer, so it cannot be paused."),
    "gig_suspended": (409, "Staff have suspended the gig."),
    "jobs_late": (503, "A due job has waited for too long."),
    "message_deleted": (409, "The message has been deleted."),
    "method_not_allowed": (405, "The path does not have this method."),
    "mfa_factor_unsupported": (400, "The second factor of the account is not an authenticator app."),
    "not_acceptable": (406, "The header Accept excludes the media type of the answer."),
    "not_authenticated": (401, "No access token was sent."),
    "nothing_to_judge": (409, "The learner has said too little."),
    "own_message": (403, "Nobody corrects their own message."),
    "parse_error": (400, "The body cannot be read, or not be stored."),
    "participant_deleted": (409, "The other participant has deleted their account."),
    "reauthentication_required": (403, "The sign-in is older than 15 minutes. Log in again."),
    "recovery_required": (403, "The session did not begin with a recovery mail of the last hour."),
    "server_error": (500, "A fault of the server."),
    "share_declined": (403, "The teacher declines conversations of this learner."),
    "speakers_unknown": (409, "The transcription does not say who speaks."),
    "teachers_only": (403, "The caller is not a teacher."),
    "throttled": (429, "Too many requests or attempts. Wait as long as `Retry-After` says."),
    "token_too_large": (400, "The access token would exceed 8 KB, because of the account's metadata."),
    "too_many_comments": (409, "The conversation has as many comments as it may have."),
    "too_many_corrections": (409, "The message has as many corrections as it may have."),
    "too_many_gigs": (409, "The teacher has as many gigs as they may have."),
    "too_many_reviews": (409, "The card has as many reviews as it may have."),
    "too_many_shares": (429, "The shares of the day, of all or with one teacher, are used up."),
    "transport_not_allowed": (400, "This server gives out no client secrets."),
    "unknown_conversation_type": (404, "There is no such type of conversations."),
    "unsupported_media_type": (415, "The header Content-Type names another type than the body must have."),
    "voice_minutes_exhausted": (429, "The minutes of the day are used up."),
    "voice_sessions_exhausted": (429, "The sessions of the hour are used up."),
    "worker_not_seen": (503, "No worker of a queue was seen in the last minute."),
}


def _of_classes(parent: type[errors.LinguaFlexError]) -> Iterator[tuple[str, tuple[int, str]]]:
    for kind in parent.__subclasses__():
        status = next(number for known, number in STATUS.items() if issubclass(kind, known))
        if "code" in vars(kind):
            yield kind.code, (status, kind.detail)
        yield from _of_classes(kind)


CODES: dict[str, tuple[int, str]] = {**dict(_of_classes(errors.LinguaFlexError)), **OTHERS}


def error_codes(*codes: str) -> Callable[[Action], Action]:
    """Declares error codes of an action in the OpenAPI document, beside those that every such action has.

    Raises KeyError for a code that is not in CODES.
    """
    statuses = {code: CODES[code][0] for code in codes}
    return extend_schema(extensions={EXTENSION: list(statuses)})
