"""OpenAI's API: Realtime calls and client secrets, and answers that follow a JSON schema.

Raises OpenAINotConfigured, OpenAIUnavailable and OpenAIRejected; for an answer also AIRefused and
AIAnswerUnusable. Requests and responses contain transcripts, secrets and network addresses (SDP), and
are never logged.
Source: developers.openai.com/api/docs/guides/realtime-webrtc and .../guides/structured-outputs.
"""

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit
from uuid import UUID

from django.conf import settings
from django.utils.crypto import salted_hmac

if TYPE_CHECKING:
    from openai import AsyncOpenAI

# Time limits of whole calls, with all their requests.
SESSION_TIMEOUT_SECONDS = 10
CALL_SECONDS = 15
HANG_UP_SECONDS = 2.5  # hang-ups run one after the other, and are repeated
ANSWER_TIMEOUT_SECONDS = 100
# Includes the model's reasoning; a complete answer has up to 2,000 tokens. At 60 tokens a second, the limit
# is reached within ANSWER_TIMEOUT_SECONDS. OpenAI would write on, and charge, after an abandoned request.
MAX_OUTPUT_TOKENS = 6_000
MAX_SDP_BYTES = 64 * 1024
CALL_ID = re.compile(r"[A-Za-z0-9_-]{1,128}")

# The configuration of a session that transcribes with the given model.
SessionFor = Callable[[str], Mapping[str, Any]]


@dataclass(frozen=True)
class ClientSecret:
    """A short-lived key with which a browser opens a Realtime session.

    ``session`` is the configuration that OpenAI returned.
    """

    value: str
    expires_at: datetime
    session: dict[str, Any]


@dataclass(frozen=True)
class RealtimeCall:
    """A WebRTC call: the SDP answer for the browser, and the id with which ``hang_up`` ends it."""

    answer: str
    call_id: str


def is_configured() -> bool:
    """Whether the server has an API key of OpenAI."""
    return bool(settings.OPENAI_API_KEY)


def safety_identifier(user_id: UUID) -> str:
    """A stable pseudonym of the user: 64 hexadecimal digits.

    Source: developers.openai.com/api/docs/guides/safety-best-practices
    """
    return salted_hmac("openai safety identifier", str(user_id), algorithm="sha256").hexdigest()


def create_client_secret(*, session: SessionFor, seconds: int, user_id: UUID) -> ClientSecret:
    """A secret that is valid for ``seconds`` and opens sessions with the configuration ``session``."""
    from accounts.integrations import openai_client, openai_transcription  # the package imports slowly

    async def create(client: "AsyncOpenAI", configuration: Mapping[str, Any]) -> ClientSecret:
        created = await client.realtime.client_secrets.create(
            session=dict(configuration),  # type: ignore[arg-type]
            expires_after={"anchor": "created_at", "seconds": seconds},
            extra_headers=_safety_header(user_id),
        )
        returned = created.session.model_dump(mode="json", exclude_unset=True)
        # Raises ValueError for a lone surrogate, which our response cannot contain.
        json.dumps([created.value, returned], ensure_ascii=False).encode()
        if not created.value:
            raise ValueError
        return ClientSecret(created.value, datetime.fromtimestamp(created.expires_at, UTC), returned)

    return openai_client.run(openai_transcription.request(session, create), seconds=SESSION_TIMEOUT_SECONDS)


def create_call(*, session: SessionFor, offer: str, user_id: UUID) -> RealtimeCall:
    """Begins a WebRTC call with a browser's SDP ``offer`` and the configuration ``session``.

    A response without a readable call id is OpenAIUnavailable, because nobody could end such a call.
    """
    from accounts.integrations import openai_client, openai_transcription

    async def create(client: "AsyncOpenAI", configuration: Mapping[str, Any]) -> RealtimeCall:
        created = await client.realtime.calls.with_raw_response.create(
            sdp=offer,
            session=dict(configuration),  # type: ignore[arg-type]
            extra_headers=_safety_header(user_id),
        )
        return RealtimeCall(_sdp_in(created.content), _call_id_in(created.headers.get("location", "")))

    return openai_client.run(openai_transcription.request(session, create), seconds=CALL_SECONDS)


def hang_up(call_id: str) -> None:
    """Ends a call. A call that has ended already, or is unknown to OpenAI, is no error."""
    from accounts.integrations import openai_client

    async def request(client: "AsyncOpenAI") -> None:
        await openai_client.unless_missing(client.realtime.calls.hangup(call_id))

    openai_client.run(request, seconds=HANG_UP_SECONDS)


def answer(*, instructions: str, text: str, schema: Mapping[str, Any], user_id: UUID) -> dict[str, Any]:
    """The model's answer to ``text``: an object that follows the JSON ``schema``."""
    from accounts.integrations import openai_client

    strict = {"type": "json_schema", "name": "answer", "strict": True, "schema": dict(schema)}
    reasoning: Any = {"effort": settings.OPENAI_FEEDBACK_EFFORT}
    form: Any = {"format": strict, "verbosity": settings.OPENAI_FEEDBACK_VERBOSITY}

    async def request(client: "AsyncOpenAI") -> dict[str, Any]:
        response = await client.responses.create(
            model=settings.OPENAI_FEEDBACK_MODEL,
            instructions=instructions,
            input=text,
            reasoning=reasoning,
            text=form,
            safety_identifier=safety_identifier(user_id),
            max_output_tokens=MAX_OUTPUT_TOKENS,
            store=False,
        )
        return openai_client.object_in(response)

    return openai_client.run(request, seconds=ANSWER_TIMEOUT_SECONDS)


def _safety_header(user_id: UUID) -> dict[str, str]:
    return {"OpenAI-Safety-Identifier": safety_identifier(user_id)}


def _sdp_in(body: bytes) -> str:
    """The session description in ``body``. Raises ValueError for anything else (RFC 8866, section 5)."""
    if len(body) > MAX_SDP_BYTES or not body.startswith(b"v=0"):
        raise ValueError
    return body.decode()


def _call_id_in(location: str) -> str:
    """The last segment of the path in a ``Location`` header. Raises ValueError unless it is a call id."""
    call_id = urlsplit(location).path.rpartition("/")[2]
    if not CALL_ID.fullmatch(call_id):
        raise ValueError
    return call_id
