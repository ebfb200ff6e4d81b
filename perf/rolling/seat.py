"""A place in the fleet: a port, and the processes that listen on it one after the other."""

import asyncio
import os
import signal
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from time import perf_counter

import aiohttp

from engine.runtime import ticks
from perf.process import ModuleProcess, Starting, started
from perf.rolling.balancer import LOOKS_WITHIN, READY, Backend
from perf.servers.child import free_port
from perf.validate.waits import waited_s

READY_WITHIN_S = 60.0
ENDS_WITHIN = timedelta(seconds=60)
LOOK_EVERY_S = 0.02


@dataclass(frozen=True, slots=True, kw_only=True)
class Start:
    """From exec to ready: in all, of processor time, and while others had the processor."""

    took_s: float
    cpu_s: float
    waited_s: float


@dataclass(slots=True, kw_only=True)
class Seat:
    """Its processes are of a machine of their own, so that none takes over what another had in hand."""

    role: str
    backend: Backend
    environment: Mapping[str, str]
    starts: list[Start] = field(default_factory=list)
    exit_s: list[float] = field(default_factory=list)
    codes: list[int] = field(default_factory=list)
    _life: AsyncExitStack = field(default_factory=AsyncExitStack)
    _process: Starting | None = None

    async def begin(self) -> None:
        """Until it is ready."""
        began = perf_counter()
        life = started("actors", ("serve", f"--role={self.role}"), env=self.environment, stops_within=ENDS_WITHIN)
        self._process = await self._life.enter_async_context(life)
        self.backend.told_at = None
        async with asyncio.timeout(READY_WITHIN_S), aiohttp.ClientSession(timeout=LOOKS_WITHIN) as session:
            async for _ in ticks(LOOK_EVERY_S):
                if await _is_ready(session, self.backend.url):
                    break
        took_s, cpu_s = perf_counter() - began, ModuleProcess(url=self.backend.url, pid=self._process.pid).cpu_s()
        self.starts.append(Start(took_s=took_s, cpu_s=cpu_s, waited_s=waited_s(self._process.pid) or 0.0))

    async def end(self) -> None:
        """By SIGTERM, until it has ended."""
        if self._process is None:
            return
        self.backend.told_at = perf_counter()
        os.kill(self._process.pid, signal.SIGTERM)
        self.codes.append(await self._process.ended(ENDS_WITHIN))
        self.exit_s.append(perf_counter() - self.backend.told_at)
        await self.leave()

    async def leave(self) -> None:
        self._process = None
        await self._life.aclose()


@asynccontextmanager
async def a_seat(role: str, folder: Path, environment: Mapping[str, str]) -> AsyncIterator[Seat]:
    """Nobody sits there yet; who does in the end is ended. The folder is of its machine."""
    port = free_port()
    told = {**environment, "PORT": str(port), "TMPDIR": str(folder)}
    seat = Seat(role=role, backend=Backend(url=f"http://127.0.0.1:{port}"), environment=told)
    try:
        yield seat
    finally:
        await seat.leave()


async def _is_ready(session: aiohttp.ClientSession, url: str) -> bool:
    try:
        async with session.get(f"{url}{READY}") as answer:
            return answer.ok
    except (aiohttp.ClientError, TimeoutError):
        return False
