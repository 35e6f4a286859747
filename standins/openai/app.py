"""The simulator as an ASGI app."""

from collections import deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.cors import CORSMiddleware
from starlette.routing import BaseRoute, Route, WebSocketRoute

from standins.openai import client_secrets, models, realtime, realtime_calls, responses
from standins.openai.calls import ApiError, endpoint, error_response
from standins.openai.faults import Faults
from standins.openai.plans import Plans

MAX_RECEIVED = 10  # calls kept for tests
ROUTES: list[BaseRoute] = [
    Route("/v1/realtime/client_secrets", endpoint(client_secrets.create), methods=["POST"]),
    Route("/v1/realtime/calls", realtime_calls.create, methods=["POST"]),
    Route("/v1/realtime/calls/{call_id}/hangup", realtime_calls.hang_up, methods=["POST"]),
    WebSocketRoute("/v1/realtime", realtime.endpoint),
    Route("/v1/models", endpoint(models.listing), methods=["GET"]),
    Route("/v1/responses", endpoint(responses.create), methods=["POST"]),
]


def create_app() -> Starlette:
    """Creates the app. ``state`` is for tests.

    It has the next ``faults`` of requests and ``plans`` of sessions, the latest requests, ``received``, the
    WebRTC ``calls``, ``refused_models``, which OpenAI does not accept for transcription, and ``models``, the
    listed models with their shutdown dates.
    """
    app = Starlette(
        routes=ROUTES,
        middleware=[
            Middleware(CORSMiddleware, allow_origins=["*"], allow_methods=["*"], allow_headers=["*"])
        ],
        exception_handlers={ApiError: error_response},
        lifespan=_ending_calls,
    )
    app.state.secrets = client_secrets.Secrets()
    app.state.faults = Faults()
    app.state.plans = Plans()
    app.state.calls = realtime_calls.Calls()
    app.state.refused_models = set()
    app.state.models = dict(models.LISTED)
    app.state.received = deque(maxlen=MAX_RECEIVED)
    return app


@asynccontextmanager
async def _ending_calls(app: Starlette) -> AsyncIterator[None]:
    """Ends the WebRTC calls at the end of the server."""
    yield
    await app.state.calls.end_all()
