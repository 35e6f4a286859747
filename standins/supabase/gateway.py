"""The middleware before the services: CORS, API keys, and the 404 of the Data API.

An API key starts with ``sb_`` and is not a JWT. Clients send it in ``apikey``, and may repeat it in
``Authorization`` (Supabase docs, "API keys").
"""

import logging
import re
from http import HTTPStatus

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import HTTPConnection
from starlette.responses import JSONResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from starlette.websockets import WebSocket

from standins.supabase.keys import Keys

CORS = {
    "Access-Control-Allow-Origin": "*",
    "Access-Control-Expose-Headers": "x-total-count, link, x-supabase-api-version",
}
PREFLIGHT = CORS | {
    "Access-Control-Allow-Methods": "GET, POST, PUT, PATCH, DELETE, OPTIONS",
    "Access-Control-Allow-Headers": (
        "authorization, apikey, content-type, x-client-info, x-supabase-api-version, cache-control, x-upsert"
    ),
    "Access-Control-Max-Age": "600",
}
SERVICES = ("/auth/v1/", "/realtime/v1/", "/rest/v1/", "/storage/v1/")
# Mailed links, servers that verify tokens, and <img> elements send no key.
WITHOUT_KEY = re.compile(r"/auth/v1/(verify|\.well-known/jwks\.json)|/storage/v1/object/public/.*", re.DOTALL)

logger = logging.getLogger(__name__)


class Gateway:
    """Passes requests with a valid API key to ``app``; ``scope["api_role"]`` is the key's role."""

    def __init__(self, app: ASGIApp, keys: Keys) -> None:
        self.app = app
        self.roles = {keys.publishable_key: "anon", keys.secret_key: "service_role"}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan" or not scope["path"].startswith(SERVICES):
            await self.app(scope, receive, send)
            return
        request = HTTPConnection(scope)
        answer = self._own_response(request)
        if scope["type"] == "websocket":
            logger.info("WEBSOCKET %s %s", request.url.path, answer.status_code if answer else 101)
            if answer:
                await WebSocket(scope, receive, send).send_denial_response(answer)
            else:
                await self.app(scope, receive, send)
            return

        async def send_with_cors(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message).update(CORS)
                # Without the query, which may contain the token of a mailed link.
                logger.info("%s %s %s", scope["method"], request.url.path, message["status"])
            await send(message)

        await (answer or self.app)(scope, receive, send_with_cors)

    def _own_response(self, request: HTTPConnection) -> Response | None:
        """The gateway's response, or None for a request that is passed on."""
        if request.scope.get("method") == "OPTIONS":
            return Response(status_code=HTTPStatus.NO_CONTENT, headers=PREFLIGHT)
        key = request.headers.get("apikey") or request.query_params.get("apikey", "")
        role = self.roles.get(key)
        if role is None and not WITHOUT_KEY.fullmatch(request.scope["path"]):
            return _wrong_key("Invalid API key") if key else _missing_key()
        if _has_other_key(request.headers, key):
            return _wrong_key("Invalid API key")
        if role == "service_role" and request.headers.get("user-agent", "").startswith("Mozilla/"):
            return _wrong_key("Forbidden use of secret API key in browser")
        request.scope["api_role"] = role or "anon"
        return _no_data_api(request) if request.url.path.startswith("/rest/v1/") else None


def _no_data_api(request: HTTPConnection) -> Response:
    """PostgREST's error for an unknown table, because the stand-in exposes no tables."""
    name = request.url.path.removeprefix("/rest/v1/")
    message = f"Could not find the table 'public.{name}' in the schema cache"
    body = {"code": "PGRST205", "details": None, "hint": None, "message": message}
    return JSONResponse(body, HTTPStatus.NOT_FOUND)


def _has_other_key(headers: Headers, key: str) -> bool:
    """Whether ``Authorization`` contains an API key that differs from ``apikey``."""
    authorization = headers.get("authorization", "")
    return authorization.lower().startswith("bearer sb_") and authorization[len("bearer ") :] != key


def _missing_key() -> Response:
    hint = "No `apikey` request header or url param was found."
    return _unauthorized("MISSING_API_KEY", "No API key found in request", hint)


def _unauthorized(code: str, message: str, hint: str) -> Response:
    headers = {"sb-error-code": f"UNAUTHORIZED_{code}"}
    return JSONResponse({"message": message, "hint": hint}, HTTPStatus.UNAUTHORIZED, headers)


def _wrong_key(message: str) -> Response:
    return _unauthorized("INVALID_API_KEY", message, "Use the publishable or the secret key of this project.")
