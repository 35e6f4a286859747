"""The simulator as an ASGI app."""

from collections import deque

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.cors import CORSMiddleware
from starlette.routing import BaseRoute, Route, WebSocketRoute

from standins.openai import client_secrets, realtime, responses
from standins.openai.calls import ApiError, endpoint, error_response
from standins.openai.faults import Faults

MAX_RECEIVED = 10  # calls kept for tests
ROUTES: list[BaseRoute] = [
    Route("/v1/realtime/client_secrets", endpoint(client_secrets.create), methods=["POST"]),
    Route("/v1/realtime/calls", realtime.refuse_call, methods=["POST"]),
    WebSocketRoute("/v1/realtime", realtime.endpoint),
    Route("/v1/responses", endpoint(responses.create), methods=["POST"]),
]


def create_app() -> Starlette:
    """Creates the app. For tests, ``state`` has the next ``faults`` and the latest calls, ``received``."""
    app = Starlette(
        routes=ROUTES,
        middleware=[
            Middleware(CORSMiddleware, allow_origins=["*"], allow_methods=["*"], allow_headers=["*"])
        ],
        exception_handlers={ApiError: error_response},
    )
    app.state.secrets = client_secrets.Secrets()
    app.state.faults = Faults()
    app.state.received = deque(maxlen=MAX_RECEIVED)
    return app
