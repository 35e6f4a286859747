"""What can go wrong, in the words of the domain; ``exceptions.py`` gives each its HTTP status.

``code`` is the stable word that clients test; ``detail`` is a sentence for a person.
"""


class LinguaFlexError(Exception):
    """A refusal or failure that the caller is told about."""

    code = "error"
    detail = "Something went wrong."

    def __init__(self, detail: str | None = None, *, code: str | None = None) -> None:
        self.detail = detail or self.detail
        self.code = code or self.code
        super().__init__(self.detail)


class InvalidInput(LinguaFlexError):
    """The caller's input cannot be used; ``errors`` names the fields at fault."""

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
    """The access token is not one of ours, or no longer."""

    code = "invalid_token"
    detail = "The access token is invalid. Sign in again."


class AccountDeleted(InvalidToken):
    """The account of the access token has been deleted."""

    detail = "This account has been deleted."


class TokenTooLarge(InvalidToken):
    """The access token is longer than any we read: its account's metadata are."""

    detail = "The access token is larger than 8 KB. Remove some of the account's metadata."


class TokenExpired(InvalidToken):
    """The access token was good and is over: refresh it."""

    code = "token_expired"
    detail = "The access token has expired. Refresh it."


class NotAllowed(LinguaFlexError):
    """The caller is known and may not do this."""

    code = "permission_denied"
    detail = "You may not do this."


class NotFound(LinguaFlexError):
    """Nothing of the caller's is there."""

    code = "not_found"
    detail = "Not found."


class NotATeacher(NotFound):
    """The caller has no teaching profile."""

    code = "not_a_teacher"
    detail = "You are not a teacher. POST teachers/ makes you one."


class Conflict(LinguaFlexError):
    """The wrong moment, or a retry that contradicts the first try."""

    code = "conflict"
    detail = "This conflicts with the present state."


class ClientIdReused(Conflict):
    """A ``client_id`` came again with other content."""

    code = "client_id_reused"
    detail = "This client_id was already used with other content. Use a new UUID for a new item."


class TooManyRequests(LinguaFlexError):
    """A limit of ours or of Supabase's; ``retry_after`` is in seconds."""

    code = "too_many_requests"
    detail = "Too many requests. Wait a little and try again."
    retry_after = 60

    def __init__(
        self, detail: str | None = None, *, code: str | None = None, retry_after: int | None = None
    ) -> None:
        super().__init__(detail, code=code)
        self.retry_after = retry_after or self.retry_after


class VoiceSessionsExhausted(TooManyRequests):
    """The person has begun as many voice sessions as an hour allows."""

    code = "voice_sessions_exhausted"


class VoiceMinutesExhausted(TooManyRequests):
    """The person has spoken as many minutes as a day allows."""

    code = "voice_minutes_exhausted"


class Unavailable(LinguaFlexError):
    """Something we depend on is down or not configured; ``retry_after`` is in seconds."""

    code = "unavailable"
    detail = "A service this needs cannot be reached. Try again shortly."
    retry_after = 5


class KeysUnavailable(Unavailable):
    """No signing keys are at hand, so no token can be judged: not the token's fault."""

    code = "keys_unavailable"
    detail = "The keys that verify access tokens cannot be reached. Try again shortly."


class SupabaseUnavailable(Unavailable):
    """Supabase does not answer, or answers with a failure of its own."""

    code = "supabase_unavailable"
    detail = "The account service cannot be reached. Try again shortly."


class StorageUnavailable(Unavailable):
    """Supabase Storage does not answer, or answers with a failure of its own."""

    code = "storage_unavailable"
    detail = "The file storage cannot be reached. Try again shortly."


class OpenAINotConfigured(Unavailable):
    """There is no OpenAI API key: nothing can be asked."""

    code = "openai_not_configured"
    detail = "Voice sessions and AI feedback are not configured: this server has no OPENAI_API_KEY."
    retry_after = 3600  # somebody has to mend it


class OpenAIUnavailable(Unavailable):
    """OpenAI does not answer, has no capacity, or has failed: later it may answer."""

    code = "openai_unavailable"
    detail = "The AI service cannot be reached. Try again shortly."


class OpenAIRejected(Unavailable):
    """OpenAI takes our request for wrong (its key, its model, its size): a repetition changes nothing."""

    code = "openai_rejected"
    detail = "The AI service does not accept our request. Tell the people who run this server."
    retry_after = 3600


class AIRefused(LinguaFlexError):
    """The model declines to answer."""

    code = "ai_refused"
    detail = "The AI declined to judge this conversation."


class AIAnswerUnusable(LinguaFlexError):
    """The model's answer was cut off or is not what was asked for; another may be."""

    code = "ai_answer_unusable"
    detail = "The AI gave an answer that cannot be used."
