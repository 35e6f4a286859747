"""OpenAI's list of models, for ``manage.py doctor``. The request is free of charge.

Source: developers.openai.com/api/reference/resources/models/methods/list
"""

from datetime import date
from typing import TYPE_CHECKING

from accounts.errors import OpenAIRejected

if TYPE_CHECKING:
    from openai import AsyncOpenAI

SECONDS = 4
REFUSALS = {401, 403, 404}


class ListRefused(OpenAIRejected):
    """OpenAI does not list its models. ``status`` is the HTTP status of its answer.

    ``lacks_permission``: the key is valid, but restricted to other calls.
    """

    def __init__(self, *, status: int = 401, lacks_permission: bool = False) -> None:
        super().__init__()
        self.status, self.lacks_permission = status, lacks_permission


def available() -> dict[str, date | None]:
    """The models that the key may use, with the day of their announced shutdown.

    Raises ListRefused, OpenAIRejected, OpenAIUnavailable or OpenAINotConfigured.
    """
    from openai import APIStatusError

    from accounts.integrations import openai_client  # the package imports slowly

    async def request(client: "AsyncOpenAI") -> dict[str, date | None]:
        try:
            page = await client.models.list()
        except APIStatusError as error:
            if error.status_code not in REFUSALS:
                raise
            # Sent with 401 or 403. The text names the permissions (scopes) that are missing.
            lacks_permission = "missing scopes" in error.message.lower() or error.code == "missing_scope"
            raise ListRefused(status=error.status_code, lacks_permission=lacks_permission) from None
        days = {model.id: model.shutdown_date for model in page.data}
        return {name: date.fromisoformat(day) if day else None for name, day in days.items()}

    return openai_client.run(request, seconds=SECONDS)
