"""The stand-in as an ASGI app: its routes at a glance."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Mount, Route, WebSocketRoute

from standins.supabase.auth import (
    account,
    admin,
    errors,
    generated_links,
    mfa,
    outbox,
    public,
    recovery,
    sign_in,
    verify,
)
from standins.supabase.auth.calls import endpoint
from standins.supabase.auth.errors import AuthError
from standins.supabase.auth.guesses import GuessLimit
from standins.supabase.config import Config
from standins.supabase.gateway import Gateway
from standins.supabase.pool import Pool
from standins.supabase.realtime import socket as realtime_socket
from standins.supabase.realtime.service import Realtime
from standins.supabase.storage import errors as storage_errors
from standins.supabase.storage.errors import StorageError
from standins.supabase.storage.routes import ROUTES as STORAGE

AUTH: list[BaseRoute] = [
    Route("/signup", endpoint(sign_in.sign_up), methods=["POST"]),
    Route("/token", endpoint(sign_in.grant), methods=["POST"]),
    Route("/user", endpoint(account.read), methods=["GET"]),
    Route("/user", endpoint(account.change), methods=["PUT"]),
    Route("/logout", endpoint(account.sign_out), methods=["POST"]),
    Route("/reauthenticate", endpoint(account.reauthenticate), methods=["GET"]),
    Route("/recover", endpoint(recovery.recover), methods=["POST"]),
    Route("/otp", endpoint(recovery.send_sign_in_link), methods=["POST"]),
    Route("/resend", endpoint(recovery.resend), methods=["POST"]),
    Route("/verify", endpoint(verify.by_code), methods=["POST"]),
    Route("/verify", endpoint(verify.by_link, verify.failed_link), methods=["GET"]),
    Route("/factors", endpoint(mfa.enroll), methods=["POST"]),
    Route("/factors/{id}", endpoint(mfa.unenroll), methods=["DELETE"]),
    Route("/factors/{id}/challenge", endpoint(mfa.challenge), methods=["POST"]),
    Route("/factors/{id}/verify", endpoint(mfa.verify), methods=["POST"]),
    Route("/invite", endpoint(admin.invite), methods=["POST"]),
    Route("/admin/generate_link", endpoint(generated_links.generate), methods=["POST"]),
    Route("/admin/users", endpoint(admin.create), methods=["POST"]),
    Route("/admin/users", endpoint(admin.listing), methods=["GET"]),
    Route("/admin/users/{id}", endpoint(admin.read), methods=["GET"]),
    Route("/admin/users/{id}", endpoint(admin.change), methods=["PUT"]),
    Route("/admin/users/{id}", endpoint(admin.delete), methods=["DELETE"]),
    Route("/.well-known/jwks.json", public.jwks, methods=["GET"]),
    Route("/settings", public.settings, methods=["GET"]),
    Route("/health", public.health, methods=["GET"]),
]
ROUTES: list[BaseRoute] = [
    Mount("/auth/v1", routes=AUTH),
    WebSocketRoute("/realtime/v1/websocket", realtime_socket.endpoint),
    Mount("/storage/v1", routes=STORAGE),
    Route("/outbox", endpoint(outbox.page), methods=["GET"]),
    Route("/outbox.json", endpoint(outbox.listing), methods=["GET"]),
]


def create_app(config: Config) -> Starlette:
    """The stand-in for one database; ``state.pool`` is to be closed at the end."""
    app = Starlette(
        routes=ROUTES,
        middleware=[Middleware(Gateway, keys=config.keys)],
        exception_handlers={HTTPException: _no_such_route, Exception: _failure},
        lifespan=_lifespan,
    )
    app.state.config = config
    app.state.pool = Pool(config.connect, size=config.max_connections, max_idle=config.max_idle)
    app.state.realtime = Realtime(config, app.state.pool)
    app.state.guesses = GuessLimit()
    return app


@asynccontextmanager
async def _lifespan(app: Starlette) -> AsyncIterator[None]:
    """Realtime's connection to the database is open as long as the server runs."""
    async with app.state.realtime.listening():
        yield


def _no_such_route(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    codes = {404: "not_found", 405: "method_not_allowed"}
    code = codes.get(error.status_code, "error")
    return _refusal(request, error.status_code, code, error.detail)


def _failure(request: Request, error: Exception) -> Response:
    """A fault of ours; Starlette passes it on to the server, which logs it."""
    return _refusal(request, 500, "unexpected_failure", "Unexpected failure")


def _refusal(request: Request, status: int, code: str, message: str) -> Response:
    """The refusal in the format of the service that was asked."""
    if request.url.path.startswith("/storage/v1"):
        return storage_errors.response(StorageError(status, code, message))
    return errors.response(request, AuthError(status, code, message))
