"""HTTP requests over connections that are kept open, with little cost for the client."""

import asyncio
import json
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

BODILESS = b""


@dataclass(frozen=True)
class Request:
    """A request of the API. ``body`` is JSON, or empty."""

    method: str
    path: str
    token: str
    body: bytes = BODILESS

    def encoded(self) -> bytes:
        lines = [
            f"{self.method} {self.path} HTTP/1.1",
            "Host: 127.0.0.1",
            f"Authorization: Bearer {self.token}",
            "Accept: application/json",
            "Content-Type: application/json",
            "X-Forwarded-Proto: https",
            f"Content-Length: {len(self.body)}",
        ]
        return "\r\n".join([*lines, "", ""]).encode() + self.body


@dataclass(frozen=True)
class Answer:
    status: int
    headers: dict[str, str]
    body: bytes

    def json(self) -> Any:
        return json.loads(self.body)


class Connection:
    """One connection, opened again if the server closes it. Use as a context manager."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._writer: asyncio.StreamWriter | None = None

    async def __aenter__(self) -> "Connection":
        return self

    async def __aexit__(self, *exception: object) -> None:
        if self._writer is not None:
            self._writer.close()
            self._writer = None

    async def send(self, request: bytes) -> Answer:
        """Sends an encoded request. A server may close an idle connection: then it is sent once more."""
        fresh = self._writer is None
        try:
            return await self._exchange(request)
        except (ConnectionError, asyncio.IncompleteReadError):
            self._writer = None
            if fresh:
                raise
            return await self._exchange(request)

    async def _exchange(self, request: bytes) -> Answer:
        if self._writer is None:
            self._reader, self._writer = await asyncio.open_connection("127.0.0.1", self._port, limit=2**20)
        self._writer.write(request)
        head = (await self._reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
        pairs = (line.partition(":") for line in head[1:] if line)
        headers = {name.lower(): value.strip() for name, _, value in pairs}
        body = await self._reader.readexactly(int(headers["content-length"]))
        if headers.get("connection", "").lower() == "close":
            self._writer.close()
            self._writer = None
        return Answer(int(head[0].split()[1]), headers, body)


def get(port: int, request: Request) -> Answer:
    """The answer to one request."""

    async def send() -> Answer:
        async with Connection(port) as connection:
            return await connection.send(request.encoded())

    return asyncio.run(send())


def send_all(port: int, requests: list[Request], connections: int) -> None:
    """Sends each request once. Raises RuntimeError for an answer that is not a success."""
    encoded = iter([request.encoded() for request in requests])

    async def client() -> None:
        async with Connection(port) as connection:
            for request in encoded:
                check(request, await connection.send(request))

    asyncio.run(gathered(client, connections))


def send_during(seconds: float, port: int, requests: Iterator[bytes], connections: int) -> list[float]:
    """Sends requests until ``seconds`` have passed. Returns the duration of each in seconds.

    Raises RuntimeError for an answer that is not a success.
    """
    durations: list[float] = []

    async def client() -> None:
        end = time.perf_counter() + seconds
        async with Connection(port) as connection:
            while (began := time.perf_counter()) < end:
                request = next(requests)
                check(request, await connection.send(request))
                durations.append(time.perf_counter() - began)

    asyncio.run(gathered(client, connections))
    return durations


async def gathered(client: Any, count: int) -> None:
    await asyncio.gather(*(client() for _ in range(count)))


def check(request: bytes, answer: Answer) -> None:
    if not 200 <= answer.status < 300:
        line = request.split(b"\r\n", 1)[0].decode()
        raise RuntimeError(f"{line}: status {answer.status}, {answer.body[:500].decode()}")
