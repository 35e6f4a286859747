"""Requests that open Realtime sessions, tried with each transcription model until OpenAI accepts one.

Only ``integrations/openai.py`` imports this module, and only when it makes a call.
"""

import logging
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, TypeVar

from django.conf import settings
from openai import APIStatusError, AsyncOpenAI

from accounts.errors import OpenAIRejected

# Statuses with which OpenAI refuses a model: an unknown one, one without access, a removed one.
MODEL_STATUSES = {400, 403, 404}

Result = TypeVar("Result")

logger = logging.getLogger(__name__)
# Models that OpenAI has refused in this process.
refused_models: set[str] = set()


def request(
    session_for: Callable[[str], Mapping[str, Any]],
    create: Callable[[AsyncOpenAI, Mapping[str, Any]], Awaitable[Result]],
) -> Callable[[AsyncOpenAI], Awaitable[Result]]:
    """A request that calls ``create`` with the session of each model in order, until one is accepted.

    Raises OpenAIRejected if OpenAI refuses every model.
    """

    async def with_accepted_model(client: AsyncOpenAI) -> Result:
        for model in candidates():
            try:
                return await create(client, session_for(model))
            except APIStatusError as error:
                if not _refuses(error, model):
                    raise
                _remember_refused(model)
        raise OpenAIRejected

    return with_accepted_model


def candidates() -> list[str]:
    """The models to try: those that OpenAI has not refused; all of them if it has refused all."""
    models: list[str] = settings.OPENAI_TRANSCRIPTION_MODELS
    return [model for model in models if model not in refused_models] or models


def _refuses(error: APIStatusError, model: str) -> bool:
    """Whether OpenAI names the transcription or its model as the reason of the error."""
    param = error.param or ""
    return error.status_code in MODEL_STATUSES and (
        "transcription" in param or model in param or model in error.message
    )


def _remember_refused(model: str) -> None:
    if model not in refused_models:
        refused_models.add(model)
        logger.warning("OpenAI refused the transcription model %s", model)
