"""Python modules run as processes of their own, each on the CPU it is given.

Every wait has a deadline, and what was started is ended by its pid before anybody goes on.
"""

import asyncio
import os
import re
import sys
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import TypeVar, cast

import psutil

T = TypeVar("T")
ROOT = Path(__file__).parents[1]
KEPT_OUTPUT_BYTES = 65536
STARTS_WITHIN = timedelta(seconds=20)
STOPS_WITHIN = timedelta(seconds=15)

# A whole line only: half a URL is a URL too.
URL_LINE = re.compile(rb"(https?://[^\s\"',]+)[^\n]*\n")


class ProcessError(Exception):
    """The process did not do what it was started for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """What a process holds now and has used so far."""

    rss_bytes: int
    cpu_s: float


class Starting:
    """A Python module that was just started."""

    def __init__(self, *, module: str, pid: int, url: asyncio.Future[str], code: asyncio.Future[int]) -> None:
        self.pid = pid
        self._module = module
        self._url = url
        self._code = code

    async def url(self, within: timedelta = STARTS_WITHIN) -> str:
        """The first it prints. ProcessError when there is none in time, or it has ended without."""
        return await _within(within, self._url, f"{self._module} printed no URL")

    async def ended(self, within: timedelta = STOPS_WITHIN) -> int:
        """The exit code. ProcessError when it has not ended in time."""
        return await _within(within, asyncio.shield(self._code), f"{self._module} did not end")


class ModuleProcess:
    """A running Python module that has told its URL."""

    def __init__(self, *, url: str, pid: int) -> None:
        self.url = url
        self.pid = pid
        self._seen = psutil.Process(pid)

    def sample(self) -> Sample:
        with self._seen.oneshot():
            times = self._seen.cpu_times()
            return Sample(rss_bytes=self._seen.memory_info().rss, cpu_s=times.user + times.system)

    def cpu_s(self) -> float:
        """Used so far, to the microsecond where a sample's is to 10 ms."""
        return time.clock_gettime(_cpu_clock(self.pid))


@asynccontextmanager
async def running(
    module: str,
    args: Sequence[str],
    *,
    cpu: int | None = None,
    env: Mapping[str, str] | None = None,
    starts_within: timedelta = STARTS_WITHIN,
    stops_within: timedelta = STOPS_WITHIN,
) -> AsyncIterator[ModuleProcess]:
    """Start `python -m module args`, from the first URL it prints on; `env` is added to ours.

    ProcessError when no URL was printed in time, or when it had to be killed in the end.
    """
    async with started(module, args, cpu=cpu, env=env, stops_within=stops_within) as starting:
        yield ModuleProcess(url=await starting.url(starts_within), pid=starting.pid)


@asynccontextmanager
async def started(
    module: str,
    args: Sequence[str],
    *,
    cpu: int | None = None,
    env: Mapping[str, str] | None = None,
    stops_within: timedelta = STOPS_WITHIN,
) -> AsyncIterator[Starting]:
    """As running, but from its very beginning. Its session is its own: Ctrl-C is for us, who end it in its turn."""
    loop = asyncio.get_running_loop()
    transport, output = await loop.subprocess_exec(
        _Output,
        *_command(module, args),
        stdin=None,
        stderr=asyncio.subprocess.STDOUT,
        cwd=ROOT,
        env=_with(env),
        start_new_session=True,
    )
    pid = transport.get_pid()
    try:
        _pin(pid, cpu)
        yield Starting(module=module, pid=pid, url=output.url, code=output.code)
    finally:
        await _ended(transport, output, stops_within)


async def output_of(module: str, args: Sequence[str], *, within: timedelta, cpu: int | None = None) -> bytes:
    """Run `python -m module args` to its end: what it printed. ProcessError when it fails or is late."""
    process = await asyncio.create_subprocess_exec(*_command(module, args), stdout=asyncio.subprocess.PIPE, cwd=ROOT)
    try:
        _pin(process.pid, cpu)
        printed, _ = await asyncio.wait_for(process.communicate(), within.total_seconds())
    except TimeoutError:
        raise ProcessError(f"{module} was not done within {within}") from None
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    if process.returncode:
        raise ProcessError(f"{module} ended with {process.returncode}")
    return printed


class _Output(asyncio.SubprocessProtocol):
    """Reads all that is printed, so that the process never waits for us; keeps the end of it."""

    def __init__(self) -> None:
        self.url: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        self.code: asyncio.Future[int] = asyncio.get_running_loop().create_future()
        self._end = bytearray()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.SubprocessTransport", transport)

    def pipe_data_received(self, _: int, data: bytes | str) -> None:
        self._end += data if isinstance(data, bytes) else data.encode()
        found = None if self.url.done() else URL_LINE.search(self._end)
        if found:
            self.url.set_result(found[1].decode())
        del self._end[:-KEPT_OUTPUT_BYTES]

    def process_exited(self) -> None:
        self.code.set_result(self._transport.get_returncode() or 0)

    def connection_lost(self, _: Exception | None) -> None:
        if not self.url.done():
            self.url.set_exception(ProcessError(f"ended without a URL:\n{self._end.decode(errors='replace')}"))
            self.url.exception()  # nobody may want to know


def _cpu_clock(pid: int) -> int:
    """As clock_getcpuclockid(3) makes it on Linux."""
    return (~pid << 3) | 2


def _command(module: str, args: Sequence[str]) -> tuple[str, ...]:
    return (sys.executable, "-m", module, *args)


def _with(env: Mapping[str, str] | None) -> dict[str, str]:
    return {**os.environ, **(env or {})}


def _pin(pid: int, cpu: int | None) -> None:
    """Keep a process on one CPU; done at once after its start, before it has threads that would stay behind."""
    if cpu is not None:
        os.sched_setaffinity(pid, {cpu})


async def _within(limit: timedelta, future: asyncio.Future[T], complaint: str) -> T:
    try:
        return await asyncio.wait_for(future, limit.total_seconds())
    except TimeoutError:
        raise ProcessError(f"{complaint} within {limit}") from None


async def _ended(transport: asyncio.SubprocessTransport, output: _Output, within: timedelta) -> None:
    try:
        if transport.get_returncode() is None:
            transport.terminate()
        await asyncio.wait_for(asyncio.shield(output.code), within.total_seconds())
    except TimeoutError:
        transport.kill()
        await output.code
        raise ProcessError(f"process {transport.get_pid()} did not stop within {within}") from None
    finally:
        transport.close()
