"""The ASGI app: mounts Auth, Realtime and Storage behind the gateway."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Mount, WebSocketRoute

from standins.supabase.auth import errors
from standins.supabase.auth import routes as auth_routes
from standins.supabase.auth.calls import GuessLimit
from standins.supabase.auth.errors import AuthError
from standins.supabase.config import Config
from standins.supabase.gateway import Gateway
from standins.supabase.pool import Pool
from standins.supabase.realtime import socket as realtime_socket
from standins.supabase.realtime.service import Realtime
from standins.supabase.storage import errors as storage_errors
from standins.supabase.storage import routes as storage_routes
from standins.supabase.storage.errors import StorageError

ROUTES: list[BaseRoute] = [
    Mount("/auth/v1", routes=auth_routes.ROUTES),
    WebSocketRoute("/realtime/v1/websocket", realtime_socket.endpoint),
    Mount("/storage/v1", routes=storage_routes.ROUTES),
    *auth_routes.OUTBOX,
]


def create_app(config: Config) -> Starlette:
    """Creates the app. The caller must close ``state.pool`` after the server has stopped."""
    app = Starlette(
        routes=ROUTES,
        middleware=[Middleware(Gateway, keys=config.keys)],
        exception_handlers={HTTPException: _routing_error, Exception: _failure},
        lifespan=_lifespan,
    )
    app.state.config = config
    app.state.pool = Pool(config.connect, max_idle=config.max_idle)
    app.state.realtime = Realtime(config, app.state.pool)
    app.state.guesses = GuessLimit()
    return app


@asynccontextmanager
async def _lifespan(app: Starlette) -> AsyncIterator[None]:
    async with app.state.realtime.listening():
        yield


def _routing_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    codes = {404: "not_found", 405: "method_not_allowed"}
    return _error_response(request, error.status_code, codes.get(error.status_code, "error"), error.detail)


def _failure(request: Request, error: Exception) -> Response:
    """The 500 response. Starlette raises the error again, so that the server logs it."""
    return _error_response(request, 500, "unexpected_failure", "Unexpected failure")


def _error_response(request: Request, status: int, code: str, message: str) -> Response:
    if request.url.path.startswith("/storage/v1"):
        return storage_errors.response(StorageError(status, code, message))
    return errors.response(request, AuthError(status, code, message))
