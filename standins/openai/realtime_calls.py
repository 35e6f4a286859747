"""WebRTC calls: POST /v1/realtime/calls with an SDP offer, and POST /v1/realtime/calls/{id}/hangup.

Source: developers.openai.com/api/docs/guides/realtime-webrtc and the package's ``resources.realtime.calls``.
"""

import asyncio
import json
import time
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from openai.types.realtime import RealtimeSessionCreateRequestParam
from pydantic import TypeAdapter
from starlette.datastructures import UploadFile
from starlette.requests import Request
from starlette.responses import Response

from standins.openai import session_rules
from standins.openai.calls import ApiError, Call, new_id, request_id
from standins.openai.events import EventError
from standins.openai.peers import Peer
from standins.openai.realtime import key_of, settings_of, with_model

SESSION: TypeAdapter[Any] = TypeAdapter(RealtimeSessionCreateRequestParam)
MAX_CALLS = 1000  # kept for tests
WAIT_SECONDS = 10
# The answer to every offer without WebRTC. No browser can connect with it.
FIXED_ANSWER = "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=simulated\r\nt=0 0\r\n"


@dataclass
class RealtimeCall:
    """A call. Its times are in Unix seconds; ``ended_at`` is also that of a call that the browser ended."""

    id: str
    session: dict[str, Any]
    opened_at: float = field(default_factory=time.time)
    hung_up_at: float | None = None
    ended_at: float | None = None
    peer: Peer | None = None
    loop: asyncio.AbstractEventLoop = field(default_factory=asyncio.get_running_loop, repr=False)

    def hear(self, text: str, milliseconds: int = 2000) -> None:
        """The learner says ``text``. For tests, from another thread; returns once the turn has been sent."""
        assert self.peer is not None, "the call has no WebRTC connection"
        turn = self.peer.session.hear(text, milliseconds)
        asyncio.run_coroutine_threadsafe(turn, self.loop).result(WAIT_SECONDS)

    async def end(self) -> None:
        """Ends the call, if it has not ended."""
        if self.ended_at is None:
            self.ended_at = time.time()
            if self.peer is not None:
                await self.peer.close()


class Calls:
    """The latest calls, the oldest first.

    Without ``with_webrtc``, the answer to each offer is FIXED_ANSWER.
    """

    def __init__(self) -> None:
        self.with_webrtc = True
        self._calls: deque[RealtimeCall] = deque(maxlen=MAX_CALLS)

    def __iter__(self) -> Iterator[RealtimeCall]:
        return iter(list(self._calls))

    def __len__(self) -> int:
        return len(self._calls)

    def open(self) -> list[RealtimeCall]:
        """The calls that have not ended."""
        return [call for call in self if call.ended_at is None]

    def add(self, call: RealtimeCall) -> None:
        self._calls.append(call)

    async def end_all(self) -> None:
        for call in self.open():
            await call.end()

    def clear(self) -> None:
        """Ends and forgets all calls, and answers with WebRTC again. For tests, from another thread."""
        for call in self.open():
            asyncio.run_coroutine_threadsafe(call.end(), call.loop).result(WAIT_SECONDS)
        self._calls.clear()
        self.with_webrtc = True


async def create(request: Request) -> Response:
    """Answers an offer: a browser has a client secret, a server an API key. Raises ApiError."""
    try:
        settings = settings_of(key_of(request, []), request)
        offer, session = await _offer_in(request, settings)
        session = with_model(session, request)
    except EventError as error:
        status = 401 if error.code == "invalid_api_key" else 400
        raise ApiError(status, error.code, error.message) from None
    received = Call(request, {"sdp": offer, "session": session})
    if fault := await received.fault():
        return fault
    session_rules.check(session, request.app.state.refused_models)
    call = RealtimeCall(new_id("rtc"), session)
    answer = await _answer(call, offer, request.app.state)
    request.app.state.calls.add(call)
    headers = {"location": f"/v1/realtime/calls/{call.id}", **request_id()}
    return Response(answer, 201, headers, media_type="application/sdp")


async def hang_up(request: Request) -> Response:
    """Ends a call. Raises ApiError for an unknown or ended one."""
    if not key_of(request, []).startswith("sk-"):
        raise ApiError(401, "invalid_api_key", "Incorrect API key provided.")
    if fault := await Call(request, {}).fault():
        return fault
    call_id = request.path_params["call_id"]
    call = next((each for each in request.app.state.calls.open() if each.id == call_id), None)
    if call is None:
        raise ApiError(404, "call_id_not_found", f"No session found for call id '{call_id}'.")
    call.hung_up_at = time.time()
    await call.end()
    return Response(headers=request_id())


async def _offer_in(request: Request, settings: dict[str, Any]) -> tuple[str, dict[str, Any]]:
    """The offer and the session. A body that is only an offer has the session ``settings``."""
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind == "application/sdp":
        return (await request.body()).decode(errors="replace"), settings
    if kind != "multipart/form-data":
        raise ApiError(400, "unsupported_content_type", f"Unsupported content type: '{kind}'.")
    async with request.form() as form:
        offer, given = await _text(form.get("sdp")), await _text(form.get("session"))
    try:
        session = json.loads(given) if given else settings
    except (ValueError, RecursionError):
        raise ApiError(400, "invalid_json", "We could not parse the JSON of the session.") from None
    return offer, Call(request, session).validated(SESSION) if given else settings


async def _text(part: UploadFile | str | None) -> str:
    """The text of a part of a form, with or without a file name."""
    if isinstance(part, UploadFile):
        return (await part.read()).decode(errors="replace")
    return part or ""


async def _answer(call: RealtimeCall, offer: str, state: Any) -> str:
    """The SDP answer. Raises ApiError for an offer that cannot be answered."""
    if not offer.startswith("v=0"):
        raise ApiError(400, "invalid_offer", "The SDP offer is invalid.", "sdp")
    if not state.calls.with_webrtc:
        return FIXED_ANSWER
    call.peer = Peer(call.session, state.plans, call.end)
    try:
        return await call.peer.accept(offer)
    except ValueError:
        raise ApiError(400, "invalid_offer", "The SDP offer cannot be answered.", "sdp") from None
