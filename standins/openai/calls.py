"""HTTP requests to the API: bearer key, JSON object as the body, errors in OpenAI's format."""

import json
import uuid
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from openai import BaseModel
from pydantic import TypeAdapter, ValidationError
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

Handler = Callable[["Call"], BaseModel]


class ApiError(Exception):
    """An error response: {"error": {message, type, param, code}}."""

    def __init__(self, status: int, code: str, message: str, param: str | None = None) -> None:
        self.status, self.code, self.message, self.param = status, code, message, param


@dataclass(frozen=True)
class Call:
    """A request with an accepted key; ``body`` is its JSON object."""

    request: Request
    body: dict[str, Any]

    @property
    def state(self) -> Any:
        return self.request.app.state

    def validated(self, shape: TypeAdapter[Any]) -> dict[str, Any]:
        """The body. Raises ApiError unless it has the fields of the official package's type and no others."""
        try:
            read = shape.validate_python(self.body)
        except ValidationError as error:
            first = error.errors()[0]
            path = ".".join(str(part) for part in first["loc"])
            raise ApiError(400, "invalid_type", f"Invalid value for '{path}': {first['msg']}") from None
        if read != self.body:  # the types drop unknown parameters
            raise ApiError(400, "unknown_parameter", "The request has an unknown parameter.")
        return dict(read)

    async def fault(self) -> Response | None:
        """Records the call for tests; returns the response that a test has prepared for it, or None."""
        self.state.received.append(self)
        prepared: Response | None = await self.state.faults.response_for(self.request.url.path)
        return prepared


def endpoint(handler: Handler) -> Callable[[Request], Awaitable[Response]]:
    """The Starlette endpoint for ``handler``: checks the key and the JSON, and applies faults.

    It raises ApiError, which ``error_response`` formats.
    """

    async def respond(request: Request) -> Response:
        if not request.headers.get("authorization", "").startswith("Bearer sk-"):
            raise ApiError(401, "invalid_api_key", "Incorrect API key provided.")
        try:
            body = {} if request.method == "GET" else json.loads(await request.body())
        except (ValueError, RecursionError):
            body = None
        if not isinstance(body, dict):
            raise ApiError(400, "invalid_json", "We could not parse the JSON body of your request.")
        call = Call(request, body)
        if fault := await call.fault():
            return fault
        result = handler(call)
        return JSONResponse(result.model_dump(mode="json", exclude_unset=True), headers=request_id())

    return respond


async def error_response(request: Request, error: Exception) -> Response:
    assert isinstance(error, ApiError)
    kind = "invalid_request_error" if error.status < 500 else "server_error"
    details = {"message": error.message, "type": kind, "param": error.param, "code": error.code}
    return JSONResponse({"error": details}, error.status, request_id())


def request_id() -> dict[str, str]:
    """The response header with a new request id."""
    return {"x-request-id": new_id("req")}


def new_id(prefix: str) -> str:
    """An id in OpenAI's format."""
    return f"{prefix}_{uuid.uuid4().hex}"
