"""Requests with OpenAI's official package. Replaces its errors by domain errors.

Only the modules ``integrations/openai*.py`` import this module, and only when they make a call: the
package takes most of a second to import.
"""

import asyncio
import json
import logging
import math
import re
import ssl
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from functools import cache
from typing import Any, TypeVar

import httpx2
from django.conf import settings
from django.utils.http import parse_http_date_safe
from openai import (
    APIConnectionError,
    APIStatusError,
    AsyncOpenAI,
    DefaultAsyncHttpxClient,
    NotFoundError,
    OpenAIError,
)
from openai.types.responses import Response
from pydantic import ValidationError

from accounts.errors import (
    AIAnswerUnusable,
    AIRefused,
    LinguaFlexError,
    OpenAINotConfigured,
    OpenAIRejected,
    OpenAIUnavailable,
)

# HTTP statuses below 500 after which a later request may succeed.
TEMPORARY_STATUSES = {408, 409, 429}
# The package does not validate responses: reading a response of another shape raises one of these.
READ_ERRORS = (AttributeError, TypeError, ValueError, OverflowError, RecursionError)
MAX_RETRY_AFTER_SECONDS = 3600
# The code or the type of a 429 after which waiting does not help. With the type, the code is the limit that
# was reached, such as project_spend_limit_exceeded. Source: developers.openai.com/api/docs/guides/error-codes
NO_QUOTA = "insufficient_quota"
DECIMAL = re.compile(r"[0-9]{1,20}(\.[0-9]{1,20})?", re.ASCII)
ERROR_CODE = re.compile(r"[a-z_]{1,64}")

# An answer of MAX_OUTPUT_TOKENS has less than 100 KB.
MAX_BYTES = 4 * 1024 * 1024

Result = TypeVar("Result")

logger = logging.getLogger(__name__)


class ResponseTooLarge(httpx2.ReadError):
    """The body of the response has more than MAX_BYTES."""


def run(request: Callable[[AsyncOpenAI], Awaitable[Result]], *, seconds: float) -> Result:
    """The result of ``request``, which gets a client, and ``seconds`` in all for its HTTP calls.

    Raises OpenAINotConfigured without a key; replaces the package's errors by OpenAIRejected or
    OpenAIUnavailable.
    """
    if not settings.OPENAI_API_KEY:
        raise OpenAINotConfigured
    try:
        return _run(_with_client(request, seconds))
    except APIStatusError as error:
        raise _domain_error(error) from None
    except (APIConnectionError, TimeoutError) as error:
        logger.warning("OpenAI cannot be reached: %s", type(error).__name__)
        raise OpenAIUnavailable from None
    except (OpenAIError, ValidationError, *READ_ERRORS) as error:
        logger.warning("OpenAI's response cannot be read: %s", type(error).__name__)
        raise OpenAIUnavailable from None


async def _with_client(request: Callable[[AsyncOpenAI], Awaitable[Result]], seconds: float) -> Result:
    # The timeouts of the package are for each read: a response in small parts could take for ever.
    # Its own retries would sleep during a request, as long as a ``Retry-After`` header says.
    http = DefaultAsyncHttpxClient(
        verify=_trusted_certificates(),
        timeout=seconds,
        headers={"Accept-Encoding": "identity"},
        event_hooks={"response": [_limit_size]},
    )
    key, url = settings.OPENAI_API_KEY, settings.OPENAI_BASE_URL
    async with (
        AsyncOpenAI(api_key=key, base_url=url, http_client=http, max_retries=0) as client,
        asyncio.timeout(seconds),
    ):
        return await request(client)


async def _limit_size(response: httpx2.Response) -> None:
    """Makes the read of the body raise ResponseTooLarge beyond MAX_BYTES.

    Raises DecodingError for a coding, which no request permits: a coded body has no limit of its own.
    """
    if response.headers.get("Content-Encoding", "identity").lower() != "identity":
        raise httpx2.DecodingError("The response is coded, although the request does not permit it.")
    assert isinstance(response.stream, httpx2.AsyncByteStream)
    response.stream = _LimitedStream(response.stream)


class _LimitedStream(httpx2.AsyncByteStream):
    """The body of a response. Raises ResponseTooLarge beyond MAX_BYTES."""

    def __init__(self, stream: httpx2.AsyncByteStream) -> None:
        self._stream = stream

    async def __aiter__(self) -> AsyncIterator[bytes]:
        size = 0
        async for part in self._stream:
            size += len(part)
            if size > MAX_BYTES:
                raise ResponseTooLarge(f"The response has more than {MAX_BYTES} bytes.")
            yield part

    async def aclose(self) -> None:
        await self._stream.aclose()


@cache
def _trusted_certificates() -> ssl.SSLContext:
    """The certificates that the package trusts. Loading them takes a tenth of a second."""
    return httpx2.create_ssl_context()


def _run(work: Awaitable[Result]) -> Result:
    """The result of ``work`` in a new event loop.

    Unlike asyncio.run, this does not wait for the thread that resolves a host name, which has no timeout.
    """
    loop = asyncio.new_event_loop()
    try:
        return loop.run_until_complete(work)
    finally:
        loop.close()


async def unless_missing(deletion: Awaitable[object]) -> None:
    """Awaits a request that ends something; OpenAI's 404 counts as success."""
    try:
        await deletion
    except NotFoundError:
        pass


def object_in(response: Response) -> dict[str, Any]:
    """The JSON object in a response. Raises AIRefused, AIAnswerUnusable or OpenAIUnavailable."""
    for item in response.output:
        for part in item.content if item.type == "message" else []:
            if part.type == "refusal":
                raise AIRefused
    if response.status == "failed":
        logger.warning("OpenAI failed to answer: %s", response.error and response.error.code)
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


def _domain_error(error: APIStatusError) -> LinguaFlexError:
    """OpenAIRejected or OpenAIUnavailable. OpenAI's message may quote a transcript, so it is not logged."""
    code = error.code if ERROR_CODE.fullmatch(str(error.code)) else "unknown"
    if error.status_code == 429 and NO_QUOTA in (error.code, error.type):
        logger.error("OpenAI's quota is exhausted: code %s", code)
        return OpenAIRejected()
    logger.warning("OpenAI refused: status %s, code %s", error.status_code, code)
    if error.status_code < 500 and error.status_code not in TEMPORARY_STATUSES:
        return OpenAIRejected()
    unavailable = OpenAIUnavailable()
    seconds = seconds_to_wait(error.response.headers)
    if seconds is not None:
        unavailable.retry_after = math.ceil(min(max(seconds, 1), MAX_RETRY_AFTER_SECONDS))
    return unavailable


def seconds_to_wait(headers: Mapping[str, str]) -> float | None:
    """The seconds that OpenAI asks to wait; None if it does not say, or not readably.

    ``retry-after-ms`` is OpenAI's own header and more exact than ``Retry-After``, which has seconds or an
    HTTP date (RFC 9110, section 10.2.3), and with OpenAI also fractions of a second.
    """
    milliseconds, after = headers.get("retry-after-ms", ""), headers.get("retry-after", "")
    if DECIMAL.fullmatch(milliseconds):
        return float(milliseconds) / 1000
    if DECIMAL.fullmatch(after):
        return float(after)
    instant = parse_http_date_safe(after)
    return None if instant is None else instant - time.time()
