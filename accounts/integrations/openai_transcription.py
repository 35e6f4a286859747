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
# In OpenAI's message for a model that does not take the session's turn detection, which ``param`` names.
REFUSED_FOR_THIS_MODEL = "transcription model"

Result = TypeVar("Result")

logger = logging.getLogger(__name__)
# In this process: the models that OpenAI has refused, and those whose refusal has been logged.
refused_models: set[str] = set()
logged_models: set[str] = set()


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
                if not _concerns_transcription(error, model):
                    raise
                _record_refusal(error, model)
        raise OpenAIRejected

    return with_accepted_model


def candidates() -> list[str]:
    """The models to try: those that OpenAI has not refused; all of them if it has refused all."""
    models: list[str] = settings.OPENAI_TRANSCRIPTION_MODELS
    return [model for model in models if model not in refused_models] or models


def _concerns_transcription(error: APIStatusError, model: str) -> bool:
    """Whether OpenAI names the transcription or its model as the cause of the error."""
    param, message = str(error.param), error.message
    return error.status_code in MODEL_STATUSES and (
        "transcription" in param or model in param or model in message or REFUSED_FOR_THIS_MODEL in message
    )


def _record_refusal(error: APIStatusError, model: str) -> None:
    """Logs the first refusal of a model, and skips the model from now on.

    A refused language is the learner's: with the next learner's language the model may be accepted.
    """
    if model not in logged_models:
        logged_models.add(model)
        logger.warning("OpenAI refused a session with the transcription model %s", model)
    if ".language" not in str(error.param):
        refused_models.add(model)
