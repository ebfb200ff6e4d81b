"""A small balancer: round robin over who is ready, connections that are kept, and no second try.

Most would hide a request that failed behind a retry; here it is told as a 502, and noted.
"""

import asyncio
from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from itertools import count
from random import Random
from time import perf_counter

import aiohttp
from aiohttp import web
from yarl import URL

READY = "/api/v1/health/ready"
LOOK_EVERY_S = (0.25, 0.5)
LOOKS_WITHIN = aiohttp.ClientTimeout(total=1.0)
ANSWERS_WITHIN = aiohttp.ClientTimeout(total=30.0)
SEES_WITHIN_S = 30.0
KEPT_S = 60.0
"""Long enough for a connection to be kept over the end of its process."""
OF_A_HOP = frozenset({"connection", "keep-alive", "transfer-encoding", "content-length", "host"})


@dataclass(slots=True, kw_only=True)
class Backend:
    """Where requests may go; `told_at` is when its process was told to end, by perf_counter."""

    url: str
    ready: asyncio.Event = field(default_factory=asyncio.Event)
    """As it was at the last look."""
    told_at: float | None = None
    sent_late: int = 0
    """Requests it was sent after that."""


class Balancer:
    """Looks at each backend for itself; in and out after a single look."""

    def __init__(self, backends: Sequence[Backend], *, session: aiohttp.ClientSession, random: Random) -> None:
        self.url = ""
        self.failed: list[str] = []
        self.heard_s: list[float] = []
        """From each SIGTERM to the look that saw it."""
        self.strayed: list[str] = []
        """Why one was not ready that nobody had told to end."""
        self._backends = backends
        self._session = session
        self._random = random
        self._turns = count()

    async def sees_all(self) -> None:
        """Until all are ready, as far as it knows; TimeoutError when that takes too long."""
        async with asyncio.timeout(SEES_WITHIN_S):
            for backend in self._backends:
                await backend.ready.wait()

    async def watch(self, backend: Backend) -> None:
        """For as long as it is not cancelled."""
        while True:
            fault = await self._fault(backend)
            if not fault:
                backend.ready.set()
            elif backend.ready.is_set():
                backend.ready.clear()
                self._left(backend, fault)
            await asyncio.sleep(self._random.uniform(*LOOK_EVERY_S))

    async def forward(self, request: web.Request) -> web.Response:
        ready = [backend for backend in self._backends if backend.ready.is_set()]
        if not ready:
            return self._failure(request, "nobody is ready")
        backend = ready[next(self._turns) % len(ready)]
        backend.sent_late += backend.told_at is not None
        try:
            async with self._session.request(
                request.method,
                URL(backend.url + request.raw_path, encoded=True),
                data=await request.read() or None,
                headers=_passed_on(request.headers.items()),
                allow_redirects=False,
            ) as answer:
                body = await answer.read()
        except (aiohttp.ClientError, TimeoutError) as error:
            since = "" if backend.told_at is None else f", {perf_counter() - backend.told_at:.3f} s after SIGTERM"
            return self._failure(request, f"{type(error).__name__}{since}")
        return web.Response(status=answer.status, headers=_passed_on(answer.headers.items()), body=body)

    async def _fault(self, backend: Backend) -> str:
        """Why it is not ready; empty if it is."""
        try:
            async with self._session.get(f"{backend.url}{READY}", timeout=LOOKS_WITHIN) as answer:
                return "" if answer.ok else f"{answer.status} {await answer.text()}"
        except (aiohttp.ClientError, TimeoutError) as error:
            return type(error).__name__

    def _left(self, backend: Backend, fault: str) -> None:
        if backend.told_at is None:
            self.strayed.append(fault)
        else:
            self.heard_s.append(perf_counter() - backend.told_at)

    def _failure(self, request: web.Request, why: str) -> web.Response:
        self.failed.append(f"{request.method} {request.path}: {why}")
        return web.json_response({"error": "bad_gateway", "message": why}, status=502)


@asynccontextmanager
async def balancing(backends: Sequence[Backend], *, random: Random) -> AsyncIterator[Balancer]:
    connector = aiohttp.TCPConnector(limit=0, keepalive_timeout=KEPT_S)
    async with aiohttp.ClientSession(connector=connector, timeout=ANSWERS_WITHIN, auto_decompress=False) as session:
        session._retry_connection = False  # noqa: SLF001 - there is no other way to see what a second try would hide
        balancer = Balancer(backends, session=session, random=random)
        app = web.Application(client_max_size=0)
        app.router.add_route("*", "/{path:.*}", balancer.forward)
        runner = web.AppRunner(app, access_log=None, keepalive_timeout=KEPT_S, shutdown_timeout=1.0)
        await runner.setup()
        async with asyncio.TaskGroup() as looks:
            watching = [looks.create_task(balancer.watch(backend)) for backend in backends]
            try:
                await web.TCPSite(runner, "127.0.0.1", 0).start()
                balancer.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
                yield balancer
            finally:
                for each in watching:
                    each.cancel()
                await runner.cleanup()


def _passed_on(headers: Iterable[tuple[str, str]]) -> list[tuple[str, str]]:
    return [(name, value) for name, value in headers if name.lower() not in OF_A_HOP]
