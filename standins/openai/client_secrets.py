"""POST /v1/realtime/client_secrets: secrets for Realtime sessions, with an expiry."""

import secrets
import threading
import time
from typing import Any

from openai.types.realtime import ClientSecretCreateResponse
from openai.types.realtime.client_secret_create_params import ClientSecretCreateParams
from pydantic import TypeAdapter

from standins.openai import session_rules
from standins.openai.calls import ApiError, Call, new_id

PARAMETERS: TypeAdapter[Any] = TypeAdapter(ClientSecretCreateParams)
LIFETIME_SECONDS = 600  # OpenAI's default
LIFETIMES = range(10, 7201)  # seconds


class Secrets:
    """The client secrets, with their expiry and the settings of their sessions."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._sessions: dict[str, tuple[float, dict[str, Any]]] = {}

    def add(self, value: str, expires_at: float, session: dict[str, Any]) -> None:
        """Stores a secret and deletes expired ones. ``expires_at`` is in Unix seconds."""
        with self._lock:
            now = time.time()
            self._sessions = {key: each for key, each in self._sessions.items() if each[0] > now}
            self._sessions[value] = (expires_at, session)

    def session_of(self, value: str) -> dict[str, Any] | None:
        """The settings of a secret's session; None for an unknown or expired secret."""
        with self._lock:
            expires_at, session = self._sessions.get(value, (0.0, {}))
            return session if expires_at > time.time() else None


def create(call: Call) -> ClientSecretCreateResponse:
    """Creates a secret for a session. Raises ApiError."""
    body = call.validated(PARAMETERS)
    session = body.get("session", {})
    session_rules.check(session, call.state.refused_models)
    seconds = body.get("expires_after", {}).get("seconds", LIFETIME_SECONDS)
    if seconds not in LIFETIMES:
        raise ApiError(400, "invalid_value", "expires_after.seconds must be 10 to 7200.")
    expires_at = int(time.time()) + seconds
    value = f"ek_{secrets.token_hex(16)}"
    effective = {
        "object": "realtime.session",
        "id": new_id("sess"),
        "output_modalities": ["audio"],
        **session,
    }
    call.state.secrets.add(value, expires_at, effective)
    return ClientSecretCreateResponse.model_validate(
        {"value": value, "expires_at": expires_at, "session": effective}
    )
