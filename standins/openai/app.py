"""The simulator as an ASGI app: its routes at a glance."""

from collections import deque

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.cors import CORSMiddleware
from starlette.routing import BaseRoute, Route, WebSocketRoute

from standins.openai import client_secrets, realtime, responses
from standins.openai.calls import Refused, endpoint, refusal
from standins.openai.faults import Faults

MOST_RECEIVED = 10
ROUTES: list[BaseRoute] = [
    Route("/v1/realtime/client_secrets", endpoint(client_secrets.create), methods=["POST"]),
    Route("/v1/realtime/calls", realtime.refuse_call, methods=["POST"]),
    WebSocketRoute("/v1/realtime", realtime.endpoint),
    Route("/v1/responses", endpoint(responses.create), methods=["POST"]),
]


def create_app() -> Starlette:
    """The simulator; ``state.faults`` makes it fail on demand, ``state.received`` are the latest calls."""
    app = Starlette(
        routes=ROUTES,
        # Browsers call it as they call OpenAI.
        middleware=[
            Middleware(CORSMiddleware, allow_origins=["*"], allow_methods=["*"], allow_headers=["*"])
        ],
        exception_handlers={Refused: refusal},
    )
    app.state.secrets = client_secrets.Secrets()
    app.state.faults = Faults()
    app.state.received = deque(maxlen=MOST_RECEIVED)
    return app
