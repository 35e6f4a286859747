"""OpenAI's API: client secrets for Realtime sessions, and answers that follow a JSON schema.

Raises OpenAINotConfigured, OpenAIUnavailable and OpenAIRejected; for an answer also AIRefused and
AIAnswerUnusable. Requests and responses contain transcripts and secrets, and are never logged.
Source: developers.openai.com/api/docs/guides/realtime-webrtc and .../guides/structured-outputs.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from django.conf import settings
from django.utils.crypto import salted_hmac

SESSION_TIMEOUT_SECONDS = 10
ANSWER_TIMEOUT_SECONDS = 90  # without any data
MAX_OUTPUT_TOKENS = 16_000  # includes the model's reasoning


@dataclass(frozen=True)
class ClientSecret:
    """A short-lived key with which a browser opens a Realtime session.

    ``session`` is the configuration that OpenAI returned.
    """

    value: str
    expires_at: datetime
    session: dict[str, Any]


def is_configured() -> bool:
    """Whether the server has an API key of OpenAI."""
    return bool(settings.OPENAI_API_KEY)


def safety_identifier(user_id: UUID) -> str:
    """A stable pseudonym of the user: 64 hexadecimal digits.

    Source: developers.openai.com/api/docs/guides/safety-best-practices
    """
    return salted_hmac("openai safety identifier", str(user_id), algorithm="sha256").hexdigest()


def create_client_secret(*, session: Mapping[str, Any], seconds: int, user_id: UUID) -> ClientSecret:
    """A secret that is valid for ``seconds`` and opens sessions with the configuration ``session``."""
    from accounts.integrations import openai_client  # the package takes most of a second to import

    with openai_client.configured() as client:
        created = client.with_options(timeout=SESSION_TIMEOUT_SECONDS).realtime.client_secrets.create(
            session=dict(session),  # type: ignore[arg-type]
            expires_after={"anchor": "created_at", "seconds": seconds},
            extra_headers={"OpenAI-Safety-Identifier": safety_identifier(user_id)},
        )
        returned = created.session.model_dump(mode="json", exclude_unset=True)
        # Raises ValueError for a lone surrogate, which our response cannot contain.
        json.dumps([created.value, returned], ensure_ascii=False).encode()
        if not created.value:
            raise ValueError
        return ClientSecret(created.value, datetime.fromtimestamp(created.expires_at, UTC), returned)


def answer(*, instructions: str, text: str, schema: Mapping[str, Any], user_id: UUID) -> dict[str, Any]:
    """The model's answer to ``text``: an object that follows the JSON ``schema``."""
    from accounts.integrations import openai_client

    strict: Any = {"type": "json_schema", "name": "answer", "strict": True, "schema": dict(schema)}
    with openai_client.configured() as client:
        response = client.with_options(timeout=ANSWER_TIMEOUT_SECONDS).responses.create(
            model=settings.OPENAI_FEEDBACK_MODEL,
            instructions=instructions,
            input=text,
            text={"format": strict},
            safety_identifier=safety_identifier(user_id),
            max_output_tokens=MAX_OUTPUT_TOKENS,
            store=False,
        )
        return openai_client.object_in(response)
