"""Sends one HTTP request over and over on many connections, as fast as it is answered, at little cost of its own.

Answers are told apart by their status line; their length must come with Content-Length.
"""

import asyncio
from collections import Counter
from dataclasses import dataclass
from functools import partial
from time import perf_counter
from typing import cast
from urllib.parse import urlsplit

WITHIN_S = 60.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Blows:
    """What came of them."""

    per_second: float
    statuses: dict[int, int]


class Arm(asyncio.Protocol):
    """One connection: the next request leaves when the answer to the last is in."""

    def __init__(self, request: bytes, statuses: Counter[int], left: list[int], done: asyncio.Event) -> None:
        self._request = request
        self._statuses = statuses
        self._left = left
        self._done = done
        self._came = bytearray()
        self._transport: asyncio.WriteTransport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.WriteTransport", transport)  # uvloop's are, but do not say so
        self._send()

    def data_received(self, data: bytes) -> None:
        self._came += data
        head = self._came.find(b"\r\n\r\n")
        if head < 0 or len(self._came) < head + 4 + self._length(head):
            return
        self._statuses[int(self._came[9:12])] += 1
        self._came.clear()
        self._send()

    def connection_lost(self, _: Exception | None) -> None:
        self._done.set()

    def _send(self) -> None:
        if self._left[0] <= 0:
            self._done.set()
            return
        self._left[0] -= 1
        if self._transport is not None:
            self._transport.write(self._request)

    def _length(self, head: int) -> int:
        name = b"Content-Length: "
        at = self._came.find(name, 0, head) + len(name)
        return int(self._came[at : self._came.find(b"\r\n", at)])


async def hammered(url: str, body: bytes, *, requests: int, connections: int) -> Blows:
    """POST the body so many times, over so many connections at once; GET where there is none."""
    place = urlsplit(url)
    head = f"{'POST' if body else 'GET'} {place.path} HTTP/1.1\r\nHost: {place.netloc}\r\n"
    about = f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n" if body else ""
    request = f"{head}{about}\r\n".encode() + body
    statuses: Counter[int] = Counter()
    left, dones = [requests], [asyncio.Event() for _ in range(connections)]
    loop = asyncio.get_running_loop()
    began = perf_counter()
    transports = []
    for done in dones:
        build = partial(Arm, request, statuses, left, done)
        transport, _ = await loop.create_connection(build, place.hostname or "", place.port or 80)
        transports.append(transport)
    async with asyncio.timeout(WITHIN_S):
        for done in dones:
            await done.wait()
    took_s = perf_counter() - began
    for transport in transports:
        transport.close()
    return Blows(per_second=statuses.total() / took_s, statuses=dict(statuses))
