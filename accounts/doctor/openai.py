"""Checks of OpenAI's key, address and models. Without a key there is nothing to check."""

from collections.abc import Iterator
from datetime import date, datetime
from functools import partial

from django.conf import settings

from accounts.doctor.findings import Check, Finding, error, warning
from accounts.errors import OpenAIRejected, OpenAIUnavailable
from accounts.integrations import openai_models
from accounts.values.openai_shutdowns import SHUTDOWNS

KEY_REFUSED = error(
    "openai_key_refused",
    "OpenAI refuses OPENAI_API_KEY (status {status}): voice sessions and AI feedback fail.",
    "Create a key at platform.openai.com under API keys, set it, and restart server and workers.",
)
KEY_RESTRICTED = warning(
    "openai_key_restricted",
    "OPENAI_API_KEY may not list models, so that neither the key nor the models were checked.",
    "Give the key the permission to read models, or start a voice session to see whether it works.",
)
NO_LIST = warning(
    "openai_models_not_listed",
    "OPENAI_BASE_URL ({url}) has no list of models (status {status}).",
    "Check that it is the address to which /models and /responses are appended, and that it ends with /v1.",
)
UNREACHABLE = error(
    "openai_unreachable",
    "OPENAI_BASE_URL ({url}) does not answer as OpenAI's API does.",
    "Check that this machine may open connections to it, and status.openai.com.",
)
MODEL_UNKNOWN = error(
    "openai_model_unknown",
    "OpenAI does not offer {model}, the model in {name}, to this key.",
    "Set this variable to a model that the key may use, or permit the model in the key's project.",
)
MODEL_ENDS = warning(
    "openai_model_shutdown_announced",
    "OpenAI shuts {model}, the model in {name}, down on {day}.",
    "Set this variable to a newer model before that day.",
)
MODEL_ENDED = error(
    "openai_model_shut_down",
    "OpenAI has shut {model}, the model in {name}, down on {day}.",
    "Set this variable to a newer model, and restart server and workers.",
)


def configured() -> dict[str, list[str]]:
    """The models of each variable, in order of preference."""
    return {
        "OPENAI_REALTIME_MODEL": [settings.OPENAI_REALTIME_MODEL],
        "OPENAI_TRANSCRIPTION_MODEL": settings.OPENAI_TRANSCRIPTION_MODELS,
        "OPENAI_FEEDBACK_MODEL": [settings.OPENAI_FEEDBACK_MODEL],
    }


def announced_shutdowns(at: datetime) -> Iterator[Finding]:
    """Finds models whose shutdown was announced when this version was made. Needs no network."""
    for name, models in configured().items():
        yield from _shutdown(name, {model: SHUTDOWNS.get(model) for model in models}, at.date())


def key_and_models(at: datetime) -> Iterator[Finding]:
    """Finds a refused key, a wrong address, and models that OpenAI does not offer or shuts down."""
    url = settings.OPENAI_BASE_URL
    try:
        available = openai_models.available()
    except openai_models.ListRefused as refused:
        if refused.lacks_permission:
            yield KEY_RESTRICTED.found()
        elif refused.status == 404:
            yield NO_LIST.found(url=url, status=refused.status)
        else:
            yield KEY_REFUSED.found(status=refused.status)
    except (OpenAIUnavailable, OpenAIRejected):
        yield UNREACHABLE.found(url=url)
    else:
        yield from _compared(available, at.date())


def _compared(available: dict[str, date | None], today: date) -> Iterator[Finding]:
    for name, models in configured().items():
        offered = [model for model in models if model in available]
        if not offered:
            yield MODEL_UNKNOWN.found(name=name, model=models[0])
        if not SHUTDOWNS.keys() >= set(offered):  # which ``announced_shutdowns`` has found
            days = {model: SHUTDOWNS.get(model) or available[model] for model in offered}
            yield from _shutdown(name, days, today)


def _shutdown(name: str, days: dict[str, date | None], today: date) -> Iterator[Finding]:
    """The last shutdown of a variable's models. None if one of them stays: it is used in the end."""
    if not days or None in days.values():
        return
    model, day = max(days.items(), key=lambda item: str(item[1]))
    kind = MODEL_ENDED if day and day <= today else MODEL_ENDS
    yield kind.found(name=name, model=model, day=day)


def offline_checks(at: datetime) -> list[Check]:
    """The checks that need no network."""
    if not settings.OPENAI_API_KEY or settings.OPENAI_SIMULATOR:
        return []
    return [Check("OpenAI: announced shutdowns", partial(announced_shutdowns, at))]


def checks(at: datetime) -> list[Check]:
    offline = offline_checks(at)
    return [*offline, Check("OpenAI: key and models", partial(key_and_models, at))] if offline else []
