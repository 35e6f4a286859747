"""GET /v1/models. The simulator accepts other names too; it lists those of the product's defaults."""

from openai.pagination import SyncPage
from openai.types.model import Model

from standins.openai.calls import Call

# Model -> day of its shutdown, or None.
LISTED = {
    "gpt-realtime-2.1": None,
    "gpt-live-transcribe": None,
    "gpt-transcribe": None,
    "gpt-4o-transcribe": "2027-02-26",
    "gpt-6.1-terra": None,
}


def listing(call: Call) -> SyncPage[Model]:
    """Lists the models."""
    models = [
        Model(id=name, created=0, object="model", owned_by="simulator", shutdown_date=day)
        for name, day in call.state.models.items()
    ]
    return SyncPage[Model](data=models, object="list")
