"""POST /v1/realtime/client_secrets: secrets that begin a session, for a while."""

import secrets
import threading
import time
from typing import Any

from openai.types.realtime import ClientSecretCreateResponse
from openai.types.realtime.client_secret_create_params import ClientSecretCreateParams
from pydantic import TypeAdapter

from standins.openai.calls import Call, Refused, new_id

PARAMETERS: TypeAdapter[Any] = TypeAdapter(ClientSecretCreateParams)
LIFETIME_SECONDS = 600  # OpenAI's, unless told otherwise
LIFETIMES = range(10, 7201)


class Secrets:
    """The secrets given out, with their sessions; forgotten when they expire."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._sessions: dict[str, tuple[float, dict[str, Any]]] = {}

    def add(self, value: str, expires_at: float, session: dict[str, Any]) -> None:
        """Remembers a new secret."""
        with self._lock:
            now = time.time()
            self._sessions = {key: each for key, each in self._sessions.items() if each[0] > now}
            self._sessions[value] = (expires_at, session)

    def session_of(self, value: str) -> dict[str, Any] | None:
        """The session that a secret begins; None for an unknown or expired one."""
        with self._lock:
            expires_at, session = self._sessions.get(value, (0.0, {}))
            return session if expires_at > time.time() else None


def create(call: Call) -> ClientSecretCreateResponse:
    """A new secret with its session."""
    body = call.checked(PARAMETERS)
    session = body.get("session", {})
    if session.get("type") != "realtime":
        raise Refused(400, "invalid_value", "The simulator knows sessions of type 'realtime' alone.")
    seconds = body.get("expires_after", {}).get("seconds", LIFETIME_SECONDS)
    if seconds not in LIFETIMES:
        raise Refused(400, "invalid_value", "expires_after.seconds must be 10 to 7200.")
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
