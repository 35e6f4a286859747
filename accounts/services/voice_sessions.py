"""Voice sessions: their start with reserved minutes, and what the API shows of them."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import transaction

from accounts.errors import InvalidInput, OpenAINotConfigured
from accounts.integrations import openai, realtime_session
from accounts.models import User, VoiceConversation, VoiceSession
from accounts.models.voice_sessions import KEPT
from accounts.services import storage, voice_limits, voice_saving, voice_tutor
from accounts.values import languages

SECRET_SECONDS = 120  # time to allow the microphone and to connect; one secret may open several sessions
Transport = VoiceSession.Transport


@dataclass(frozen=True)
class SessionRequest:
    """The validated input of a session.

    ``level`` None means the level in earlier feedback, if any; ``speed`` and ``pause`` None mean those of
    the level, ``voice`` None the default voice.
    """

    topic: str
    native_language: str
    target_language: str
    conversation_type: str = VoiceConversation.Type.PRACTICE
    level: str | None = None
    voice: str | None = None
    speed: float | None = None
    pause: str | None = None
    transport: str = Transport.CALL


def create_session(*, user: User, request: SessionRequest, at: datetime) -> dict[str, Any]:
    """Begins a session, in the shape of the API; with a client secret if ``transport`` asks for it.

    A session with a secret counts only if OpenAI returned one. Raises VoiceSessionsExhausted or
    VoiceMinutesExhausted beyond the limits, InvalidInput for a transport that the server does not allow,
    StorageFull, AccountDeleted, OpenAINotConfigured, OpenAIUnavailable, OpenAIRejected.
    """
    if request.transport == Transport.SECRET and not settings.VOICE_CLIENT_SECRETS:
        sentence = "This server gives out no client secrets. Leave transport out, and use call_url."
        raise InvalidInput(sentence, code="transport_not_allowed", errors={"transport": [sentence]})
    if not openai.is_configured():
        raise OpenAINotConfigured
    options = options_of(user, request, at)
    session = _begin(user, request, options, at)
    if request.transport == Transport.CALL:
        return {"id": session.pk, **_limits_of(session), "session": configuration(options)}
    try:
        secret = openai.create_client_secret(
            session=lambda model: realtime_session.session_config(**options, transcription_model=model),
            seconds=SECRET_SECONDS,
            user_id=user.pk,
        )
    except Exception:
        session.delete()
        raise
    return {
        "id": session.pk,
        **_limits_of(session),
        "session": secret.session,
        "client_secret": secret.value,
        "expires_at": secret.expires_at,
        "realtime_url": f"{settings.OPENAI_BASE_URL}/realtime",
    }


def _limits_of(session: VoiceSession) -> dict[str, Any]:
    return {
        "model": settings.OPENAI_REALTIME_MODEL,
        "ends_at": session.ends_at,
        "max_minutes": session.reserved_minutes,
    }


@transaction.atomic
def _begin(user: User, request: SessionRequest, options: Mapping[str, Any], at: datetime) -> VoiceSession:
    """Stores a session within the limits, and deletes the user's sessions older than KEPT.

    The lock on the user's row serialises requests: of two parallel requests, only one can use the last
    permitted session. Raises StorageFull, VoiceSessionsExhausted, VoiceMinutesExhausted, AccountDeleted.
    """
    User.objects.lock_present(user.pk)
    storage.check_room(user)
    sessions = VoiceSession.objects.for_user(user)
    sessions.until(at - KEPT).delete()
    minutes = voice_limits.reservable_minutes(user, at)
    session = sessions.create(
        user=user,
        created_at=at,
        state=VoiceSession.State.OPEN,
        transport=request.transport,
        topic=request.topic,
        native_language=request.native_language,
        target_language=request.target_language,
        conversation_type=request.conversation_type,
        options=options,
        ends_at=at + timedelta(minutes=minutes),
        reserved_minutes=minutes,
        # A secret may open several calls, which nobody can end.
        charged_minutes=minutes if request.transport == Transport.SECRET else None,
    )
    voice_saving.schedule(session)
    return session


def options_of(user: User, request: SessionRequest, at: datetime) -> dict[str, Any]:
    """The keyword arguments of the session's configuration, as JSON."""
    level = request.level or voice_tutor.level_of(user, request.target_language)
    return {
        "instructions": voice_tutor.instructions(
            topic=request.topic,
            native_language=request.native_language,
            target_language=request.target_language,
            conversation_type=request.conversation_type,
            level=level,
            areas=voice_tutor.areas_of(user, request.target_language),
            patterns=voice_tutor.patterns_of(user, request.target_language, at),
        ),
        "target_code": languages.code_of(request.target_language),
        "native_code": languages.code_of(request.native_language),
        "level": level,
        "voice": request.voice,
        "speed": request.speed,
        "pause": request.pause,
    }


def configuration(options: Mapping[str, Any]) -> dict[str, Any]:
    """The session's configuration at OpenAI, with the preferred transcription model."""
    model = settings.OPENAI_TRANSCRIPTION_MODELS[0]
    return realtime_session.session_config(**options, transcription_model=model)
