"""OpenAI over its official package: Realtime client secrets, and answers that follow a schema.

Raises OpenAINotConfigured, OpenAIUnavailable and OpenAIRejected; for an answer also AIRefused and
AIAnswerUnusable. What is sent and received holds transcripts and secrets: none of it is logged.
Source: developers.openai.com/api/docs/guides/realtime-webrtc and .../guides/structured-outputs.
"""

from __future__ import annotations

import json
import logging
import os
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.utils.crypto import salted_hmac

from accounts.errors import (
    AIAnswerUnusable,
    AIRefused,
    OpenAINotConfigured,
    OpenAIRejected,
    OpenAIUnavailable,
)

if TYPE_CHECKING:
    from uuid import UUID

    from openai import APIStatusError, OpenAI
    from openai.types.responses import Response

SESSION_TIMEOUT_SECONDS = 10
ANSWER_TIMEOUT_SECONDS = 90  # without a word
MOST_OUTPUT_TOKENS = 16_000  # a model's reasoning counts too
# Our own fault or a passing state, by OpenAI's status.
PASSING = {408, 409, 429}
# What an answer of another shape does to who reads it.
UNREADABLE = (AttributeError, TypeError, ValueError, OverflowError, RecursionError)
LONGEST_WAIT = 3600  # seconds; a longer Retry-After is taken for this

CODE = re.compile(r"[a-z_]{1,64}")

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class ClientSecret:
    """What a browser opens a Realtime session with; ``session`` is as OpenAI has understood it."""

    value: str
    expires_at: datetime
    session: dict[str, Any]


def is_configured() -> bool:
    """Whether there is a key to ask with."""
    return bool(settings.OPENAI_API_KEY)


def safety_identifier(user_id: UUID) -> str:
    """A stable name of a person that tells nothing about them: 64 hexadecimal digits.

    Source: developers.openai.com/api/docs/guides/safety-best-practices
    """
    return salted_hmac("openai safety identifier", str(user_id), algorithm="sha256").hexdigest()


def create_client_secret(*, session: Mapping[str, Any], seconds: int, user_id: UUID) -> ClientSecret:
    """A secret that begins sessions such as ``session`` for ``seconds``."""
    with _client() as client:
        made = client.with_options(timeout=SESSION_TIMEOUT_SECONDS).realtime.client_secrets.create(
            session=dict(session),  # type: ignore[arg-type]
            expires_after={"anchor": "created_at", "seconds": seconds},
            extra_headers={"OpenAI-Safety-Identifier": safety_identifier(user_id)},
        )
        understood = made.session.model_dump(mode="json", exclude_unset=True)
        json.dumps([made.value, understood], ensure_ascii=False).encode()  # half a surrogate pair is no text
        if not made.value:
            raise ValueError
        return ClientSecret(made.value, datetime.fromtimestamp(made.expires_at, UTC), understood)


def answer(*, instructions: str, text: str, schema: Mapping[str, Any], user_id: UUID) -> dict[str, Any]:
    """The model's answer to ``text``: an object after the JSON ``schema``, which it follows strictly."""
    wanted: Any = {"type": "json_schema", "name": "answer", "strict": True, "schema": dict(schema)}
    with _client() as client:
        response = client.with_options(timeout=ANSWER_TIMEOUT_SECONDS).responses.create(
            model=settings.OPENAI_FEEDBACK_MODEL,
            instructions=instructions,
            input=text,
            text={"format": wanted},
            safety_identifier=safety_identifier(user_id),
            max_output_tokens=MOST_OUTPUT_TOKENS,
            store=False,
        )
        return _object_in(response)


def _object_in(response: Response) -> dict[str, Any]:
    """The object that a finished response holds."""
    for item in response.output:
        for part in item.content if item.type == "message" else []:
            if part.type == "refusal":
                raise AIRefused
    if response.status == "failed":
        logger.warning("OpenAI failed in the answer: %s", response.error and response.error.code)
        raise OpenAIUnavailable
    if response.status != "completed":
        reason = response.incomplete_details and response.incomplete_details.reason
        if reason == "content_filter":
            raise AIRefused
        logger.warning("OpenAI's answer is incomplete: %s", reason)
        raise AIAnswerUnusable("The AI's answer was cut off.")
    try:
        found = json.loads(response.output_text)
    except (ValueError, RecursionError):
        raise AIAnswerUnusable from None
    if not isinstance(found, dict):
        raise AIAnswerUnusable
    return found


@contextmanager
def _client() -> Iterator[OpenAI]:
    """The client, its errors turned into ours."""
    if not is_configured():
        raise OpenAINotConfigured
    from openai import APIConnectionError, APIStatusError, OpenAIError
    from pydantic import ValidationError

    try:
        yield _client_of(os.getpid(), settings.OPENAI_API_KEY, settings.OPENAI_BASE_URL)
    except APIStatusError as error:
        raise _ours(error) from None
    except APIConnectionError as error:
        logger.warning("OpenAI cannot be reached: %s", type(error).__name__)
        raise OpenAIUnavailable from None
    except (OpenAIError, ValidationError, *UNREADABLE) as error:
        # Its package does not validate answers: a wrong shape shows when it is read.
        logger.warning("OpenAI answered in a form that cannot be read: %s", type(error).__name__)
        raise OpenAIUnavailable from None


@lru_cache(maxsize=2)
def _client_of(pid: int, key: str, base_url: str) -> OpenAI:
    """The client of process ``pid``: sockets must not be shared across a fork."""
    from openai import OpenAI

    # It would sleep in the middle of a request, for as long as OpenAI asks.
    return OpenAI(api_key=key, base_url=base_url, max_retries=0)


def _ours(error: APIStatusError) -> Exception:
    """OpenAI's refusal as one of our errors; its message may quote a transcript, so it is not logged."""
    code = error.code if CODE.fullmatch(error.code or "") else "unknown"
    logger.warning("OpenAI refused: status %s, code %s", error.status_code, code)
    if error.status_code < 500 and error.status_code not in PASSING:
        return OpenAIRejected()
    unavailable = OpenAIUnavailable()
    after = error.response.headers.get("retry-after", "")
    if after.isdecimal() and after.isascii():
        unavailable.retry_after = min(max(int(after), 1), LONGEST_WAIT)
    return unavailable
