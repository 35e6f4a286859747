"""The gate before the services: CORS, API keys, and no Data API.

Supabase docs, "API keys": an ``sb_`` key is no JWT. It travels in ``apikey``, and in
``Authorization`` only when it is the same key.
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
# Requested without a key: by links of mails, by servers that verify tokens, and by <img> elements.
WITHOUT_KEY = re.compile(r"/auth/v1/(verify|\.well-known/jwks\.json)|/storage/v1/object/public/.*", re.DOTALL)

logger = logging.getLogger(__name__)


class Gateway:
    """Lets a request of a known API key through to ``app`` and tells it the key's role."""

    def __init__(self, app: ASGIApp, keys: Keys) -> None:
        self.app = app
        self.roles = {keys.publishable_key: "anon", keys.secret_key: "service_role"}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan" or not scope["path"].startswith(SERVICES):
            await self.app(scope, receive, send)
            return
        request = HTTPConnection(scope)
        answer = self._answer(request)
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
                # The path alone: a query may hold the token of a link.
                logger.info("%s %s %s", scope["method"], request.url.path, message["status"])
            await send(message)

        await (answer or self.app)(scope, receive, send_with_cors)

    def _answer(self, request: HTTPConnection) -> Response | None:
        """The gateway's own answer, or None when the request may pass."""
        if request.scope.get("method") == "OPTIONS":
            return Response(status_code=HTTPStatus.NO_CONTENT, headers=PREFLIGHT)
        key = request.headers.get("apikey") or request.query_params.get("apikey", "")
        role = self.roles.get(key)
        if role is None and not WITHOUT_KEY.fullmatch(request.scope["path"]):
            return _no_key() if not key else _wrong_key("Invalid API key")
        if _foreign_key(request.headers, key):
            return _wrong_key("Invalid API key")
        if role == "service_role" and request.headers.get("user-agent", "").startswith("Mozilla/"):
            return _wrong_key("Forbidden use of secret API key in browser")
        request.scope["api_role"] = role or "anon"
        return no_data_api(request) if request.url.path.startswith("/rest/v1/") else None


def no_data_api(request: HTTPConnection) -> Response:
    """Every table is missing, in PostgREST's words: the data is behind Django's API."""
    name = request.url.path.removeprefix("/rest/v1/")
    message = f"Could not find the table 'public.{name}' in the schema cache"
    body = {"code": "PGRST205", "details": None, "hint": None, "message": message}
    return JSONResponse(body, HTTPStatus.NOT_FOUND)


def _foreign_key(headers: Headers, key: str) -> bool:
    """Whether ``Authorization`` holds another API key than ``apikey``."""
    authorization = headers.get("authorization", "")
    return authorization.lower().startswith("bearer sb_") and authorization[len("bearer ") :] != key


def _no_key() -> Response:
    body = {
        "message": "No API key found in request",
        "hint": "No `apikey` request header or url param was found.",
    }
    headers = {"sb-error-code": "UNAUTHORIZED_MISSING_API_KEY"}
    return JSONResponse(body, HTTPStatus.UNAUTHORIZED, headers)


def _wrong_key(message: str) -> Response:
    body = {"message": message, "hint": "Use the publishable or the secret key of this project."}
    headers = {"sb-error-code": "UNAUTHORIZED_INVALID_API_KEY"}
    return JSONResponse(body, HTTPStatus.UNAUTHORIZED, headers)
