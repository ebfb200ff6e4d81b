"""Sends HTTP requests on many connections, each as fast as the last is answered, at little cost of its own.

Answers are told apart by their status line; their length must come with Content-Length.
"""

import asyncio
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import partial
from itertools import repeat
from time import perf_counter
from types import MappingProxyType
from typing import cast
from urllib.parse import SplitResult, urlsplit

from perf.process import ModuleProcess

WITHIN_S = 60.0


@dataclass(slots=True, kw_only=True)
class Blows:
    """What came of them."""

    statuses: Counter[int] = field(default_factory=Counter)
    taken_s: list[float] = field(default_factory=list)
    """By each, in the order of their answers."""
    lasted_s: float = 0.0
    """From the first connection to the last answer."""

    @property
    def per_second(self) -> float:
        return self.statuses.total() / self.lasted_s


class Arm(asyncio.Protocol):
    """One connection: the next request leaves when the answer to the last is in."""

    def __init__(self, requests: Iterator[bytes], blows: Blows, done: asyncio.Event) -> None:
        self._requests = requests
        self._blows = blows
        self._done = done
        self._came = bytearray()
        self._sent_at = 0.0
        self._transport: asyncio.WriteTransport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.WriteTransport", transport)  # uvloop's are, but do not say so
        self._send()

    def data_received(self, data: bytes) -> None:
        self._came += data
        head = self._came.find(b"\r\n\r\n")
        if head < 0 or len(self._came) < head + 4 + self._length(head):
            return
        self._blows.taken_s.append(perf_counter() - self._sent_at)
        self._blows.statuses[int(self._came[9:12])] += 1
        self._came.clear()
        self._send()

    def connection_lost(self, _: Exception | None) -> None:
        self._done.set()

    def _send(self) -> None:
        request = next(self._requests, None)
        if request is None:
            self._done.set()
        elif self._transport is not None:
            self._sent_at = perf_counter()
            self._transport.write(request)

    def _length(self, head: int) -> int:
        name = b"Content-Length: "
        at = self._came.find(name, 0, head) + len(name)
        return int(self._came[at : self._came.find(b"\r\n", at)])


async def hammered(url: str, body: bytes, *, requests: int, connections: int) -> Blows:
    """POST the body so many times, over so many connections at once; GET where there is none."""
    return await battered(url, repeat(request_to(url, body), requests), connections=connections)


async def answers_per_cpu_s(server: ModuleProcess, url: str, body: bytes = b"", *, status: int, **much: int) -> float:
    """By the server's own processor time, which nobody else on the machine changes much."""
    before_s = server.cpu_s()
    blows = await hammered(url, body, **much)
    if set(blows.statuses) != {status}:
        raise ValueError(f"not every answer was {status}: {blows.statuses}")
    return blows.statuses.total() / (server.cpu_s() - before_s)


async def battered(url: str, requests: Iterator[bytes], *, connections: int) -> Blows:
    """Send each once to the host of that URL; so many are on their way at once, those that follow each other."""
    place, blows = urlsplit(url), Blows()
    dones = [asyncio.Event() for _ in range(connections)]
    loop = asyncio.get_running_loop()
    began = perf_counter()
    transports = []
    for done in dones:
        build = partial(Arm, requests, blows, done)
        is_secret = place.scheme == "https"
        port = place.port or (443 if is_secret else 80)
        transport, _ = await loop.create_connection(build, place.hostname or "", port, ssl=is_secret or None)
        transports.append(transport)
    async with asyncio.timeout(WITHIN_S):
        for done in dones:
            await done.wait()
    blows.lasted_s = perf_counter() - began
    for transport in transports:
        transport.close()
    return blows


def request_to(url: str, body: bytes = b"", headers: Mapping[str, str] = MappingProxyType({})) -> bytes:
    place = urlsplit(url)
    head = f"{'POST' if body else 'GET'} {_target(place)} HTTP/1.1\r\nHost: {place.netloc}\r\n"
    about = f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n" if body else ""
    more = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    return f"{head}{about}{more}\r\n".encode() + body


def _target(place: SplitResult) -> str:
    return f"{place.path}?{place.query}" if place.query else place.path
