"""The errors of the domain. ``rest/exception_handler.py`` maps each to an HTTP status.

``code`` is a stable identifier for programs, ``detail`` a sentence for users.
"""


class LinguaFlexError(Exception):
    """The base of all domain errors. The client receives ``code`` and ``detail``."""

    code = "error"
    detail = "Something went wrong."

    def __init__(self, detail: str | None = None, *, code: str | None = None) -> None:
        self.detail = detail or self.detail
        self.code = code or self.code
        super().__init__(self.detail)


class InvalidInput(LinguaFlexError):
    """Invalid input. ``errors`` maps each invalid field to its messages."""

    code = "invalid"
    detail = "Invalid input."

    def __init__(
        self,
        detail: str | None = None,
        *,
        code: str | None = None,
        errors: dict[str, list[str]] | None = None,
    ) -> None:
        super().__init__(detail, code=code)
        self.errors = errors or {}


class InvalidToken(LinguaFlexError):
    """The access token is malformed or wrongly signed, or its session has ended."""

    code = "invalid_token"
    detail = "The access token is invalid. Sign in again."


class AccountDeleted(InvalidToken):
    """The account of the access token has been deleted."""

    detail = "This account has been deleted."


class AccountBanned(InvalidToken):
    """The account is banned. Clients learn neither that, nor the reason, nor the end."""

    detail = "This session has ended. Sign in again."


class TokenTooLarge(InvalidToken):
    """The token exceeds 8 KB, usually because of large user metadata."""

    detail = "The access token is larger than 8 KB. Remove some of the account's metadata."


class TokenExpired(InvalidToken):
    """The access token has expired. The client refreshes it."""

    code = "token_expired"
    detail = "The access token has expired. Refresh it."


class NotAllowed(LinguaFlexError):
    """The user is authenticated but lacks the permission."""

    code = "permission_denied"
    detail = "You may not do this."


class SecondFactorRequired(NotAllowed):
    """The account has a second factor, and its code is missing, wrong or was not tried.

    ``access_token`` belongs to the session in which the request can be repeated with a code.
    """

    code = "mfa_required"
    detail = "Enter the code of your authenticator app."

    def __init__(self, detail: str | None = None, *, access_token: str = "") -> None:
        super().__init__(detail)
        self.access_token = access_token


class NotFound(LinguaFlexError):
    """The row does not exist, or the user may not see it."""

    code = "not_found"
    detail = "Not found."


class NotATeacher(NotFound):
    """The user has no teaching profile."""

    code = "not_a_teacher"
    detail = "You are not a teacher. POST teachers/ makes you one."


class Conflict(LinguaFlexError):
    """The state of the row does not allow the operation, or a retry differs from the first request."""

    code = "conflict"
    detail = "This conflicts with the current state."


class ClientIdReused(Conflict):
    """A ``client_id`` was repeated with different input."""

    code = "client_id_reused"
    detail = "This client_id was already used with other content. Use a new UUID for a new item."


class ReportHandled(Conflict):
    """Somebody has handled the report already."""

    code = "report_handled"
    detail = "Another member of staff has handled this report already."


class CallExists(Conflict):
    """The session has a call, or a request for one is under way."""

    code = "call_exists"
    detail = "This session has a call already. Begin a new session for another call."


class SessionEnded(Conflict):
    """The session has expired, or it was finished without a conversation."""

    code = "session_ended"
    detail = "This session has ended. Begin a new one."


class SessionSaved(Conflict):
    """The session is saved. ``conversation`` is the id of its conversation; None if that was deleted."""

    code = "session_saved"
    detail = "This session is saved already."

    def __init__(self, conversation: int | None = None) -> None:
        super().__init__()
        self.conversation = conversation


class StorageFull(Conflict):
    """The account stores as many bytes as it may. ``used`` and ``allowed`` are in bytes."""

    code = "storage_full"
    advice = "Delete conversations, messages, cards, comments or gigs to make room."
    detail = f"The account is full. {advice}"

    def __init__(self, used: int = 0, allowed: int = 0) -> None:
        counts = f"Your account stores {used:,} bytes, and may store {allowed:,}. {self.advice}"
        super().__init__(counts if allowed else None)
        self.used = used
        self.allowed = allowed


class PayloadTooLarge(LinguaFlexError):
    """The request body exceeds the endpoint's limit."""

    code = "payload_too_large"
    detail = "The request body is too large."


class TooManyRequests(LinguaFlexError):
    """A rate limit of LinguaFlex or Supabase. ``retry_after`` is in seconds."""

    code = "too_many_requests"
    detail = "Too many requests. Wait a little and try again."
    retry_after = 60

    def __init__(
        self, detail: str | None = None, *, code: str | None = None, retry_after: int | None = None
    ) -> None:
        super().__init__(detail, code=code)
        self.retry_after = retry_after or self.retry_after


class VoiceSessionsExhausted(TooManyRequests):
    """The user has reached the limit of voice sessions per hour."""

    code = "voice_sessions_exhausted"


class VoiceMinutesExhausted(TooManyRequests):
    """The user has reached the limit of voice minutes per day."""

    code = "voice_minutes_exhausted"


class TooManyShares(TooManyRequests):
    """The learner has reached the limit of new shares, of all or with one teacher."""

    code = "too_many_shares"


class Unavailable(LinguaFlexError):
    """A dependency is down or not configured. ``retry_after`` is in seconds."""

    code = "unavailable"
    detail = "A service that this request needs cannot be reached. Try again shortly."
    retry_after = 5


class KeysUnavailable(Unavailable):
    """The signing keys cannot be fetched, so no token can be verified."""

    code = "keys_unavailable"
    detail = "The keys that verify access tokens cannot be reached. Try again shortly."


class SupabaseUnavailable(Unavailable):
    """Supabase Auth did not respond, or responded with a server error."""

    code = "supabase_unavailable"
    detail = "The account service cannot be reached. Try again shortly."


class SupabaseRejected(Unavailable):
    """Supabase refuses our API key. A retry cannot succeed. ``reason`` is a sentence for operators."""

    code = "supabase_rejected"
    detail = "Supabase does not accept the key of this server. Tell the people who run this server."
    retry_after = 3600

    def __init__(self, detail: str | None = None, *, reason: str = "") -> None:
        super().__init__(detail)
        self.reason = reason


class StorageUnavailable(Unavailable):
    """Supabase Storage did not respond, or responded with a server error."""

    code = "storage_unavailable"
    detail = "The file storage cannot be reached. Try again shortly."


class PicturesBusy(Unavailable):
    """This process decodes other pictures, one at a time."""

    code = "pictures_busy"
    detail = "Other pictures are being converted. Try again shortly."


class ExportBusy(Unavailable):
    """This process writes another long export, one at a time."""

    code = "export_busy"
    detail = "Other exports are being written. Try again shortly."


class OpenAINotConfigured(Unavailable):
    """OPENAI_API_KEY is not set."""

    code = "openai_not_configured"
    detail = "Voice sessions and AI feedback are not configured: this server has no OPENAI_API_KEY."
    retry_after = 3600  # an operator has to set the key


class OpenAIUnavailable(Unavailable):
    """OpenAI did not respond, is overloaded, or failed. A later attempt may succeed."""

    code = "openai_unavailable"
    detail = "The AI service cannot be reached. Try again shortly."


class OpenAIRejected(Unavailable):
    """OpenAI rejected the request because of its key, model or size. A retry cannot succeed."""

    code = "openai_rejected"
    detail = "The AI service does not accept our request. Tell the people who run this server."
    retry_after = 3600


class AIRefused(LinguaFlexError):
    """The model refused to answer."""

    code = "ai_refused"
    detail = "The AI declined to judge this conversation."


class AIAnswerUnusable(LinguaFlexError):
    """The model's answer is truncated or does not match the schema. A later attempt may succeed."""

    code = "ai_answer_unusable"
    detail = "The AI's answer cannot be used."


class SearchTooBroad(LinguaFlexError):
    """The search reads too many rows. It was stopped; the same search is stopped again."""

    code = "search_too_broad"
    detail = "This search takes too long. Add a longer or rarer word, or another filter."
