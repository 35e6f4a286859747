"""A call as OpenAI takes it: a bearer key, JSON in, JSON out, errors in its shape."""

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


class Refused(Exception):
    """An error of OpenAI's: {"error": {message, type, param, code}}."""

    def __init__(self, status: int, code: str, message: str, *, retry_after: int | None = None) -> None:
        self.status, self.code, self.message, self.retry_after = status, code, message, retry_after


@dataclass(frozen=True)
class Call:
    """One request with a key and a JSON object."""

    request: Request
    body: dict[str, Any]

    @property
    def state(self) -> Any:
        """The simulator's."""
        return self.request.app.state

    def checked(self, shape: TypeAdapter[Any]) -> dict[str, Any]:
        """The body, if it is what the official package's types say and nothing else."""
        try:
            read = shape.validate_python(self.body)
        except ValidationError as error:
            wrong = error.errors()[0]
            path = ".".join(str(part) for part in wrong["loc"])
            raise Refused(400, "invalid_type", f"Invalid value for '{path}': {wrong['msg']}") from None
        if read != self.body:  # the types leave out what they do not know
            raise Refused(400, "unknown_parameter", "The request has a parameter that is not known.")
        return dict(read)


def endpoint(handler: Handler) -> Callable[[Request], Awaitable[Response]]:
    """The ASGI endpoint of ``handler``."""

    async def answered(request: Request) -> Response:
        if not request.headers.get("authorization", "").startswith("Bearer sk-"):
            raise Refused(401, "invalid_api_key", "Incorrect API key provided.")
        try:
            body = json.loads(await request.body())
        except (ValueError, RecursionError):
            body = None
        if not isinstance(body, dict):
            raise Refused(400, "invalid_json", "We could not parse the JSON body of your request.")
        call = Call(request, body)
        call.state.received.append(call)
        fault: Response | None = await request.app.state.faults.of(request.url.path)
        if fault is not None:
            return fault
        answer = handler(call)
        return JSONResponse(answer.model_dump(mode="json", exclude_unset=True), headers=request_id())

    return answered


async def refusal(request: Request, error: Exception) -> Response:
    """The answer to a Refused."""
    assert isinstance(error, Refused)
    kind = "invalid_request_error" if error.status < 500 else "server_error"
    told = {"message": error.message, "type": kind, "param": None, "code": error.code}
    headers = request_id()
    if error.retry_after is not None:
        headers["retry-after"] = str(error.retry_after)
    return JSONResponse({"error": told}, error.status, headers)


def request_id() -> dict[str, str]:
    """The header that names a request."""
    return {"x-request-id": new_id("req")}


def new_id(prefix: str) -> str:
    """An id in OpenAI's manner."""
    return f"{prefix}_{uuid.uuid4().hex}"
