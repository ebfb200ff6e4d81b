"""GET of a finished job, against a bare aiohttp.web handler that sends the same bytes."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

from perf.process import ModuleProcess, running
from perf.rulers.daemon import CONNECTIONS, a_daemon
from perf.rulers.ruler import CLIENT_CPU, SERVER_CPU, Take
from perf.scenarios.cached_status import answer_of, finished
from perf.scenarios.hammer import answers_per_cpu_s

_MUCH = {"status": 200, "requests": 1_000, "connections": CONNECTIONS}


@asynccontextmanager
async def ours() -> AsyncIterator[Take]:
    async with _finished() as (daemon, url):
        yield partial(answers_per_cpu_s, daemon, url, b"", **_MUCH)


@asynccontextmanager
async def bare() -> AsyncIterator[Take]:
    with TemporaryDirectory() as folder:
        path = Path(folder) / "answer.json"
        async with _finished() as (_, url):
            path.write_bytes(await answer_of(url))
        async with running("perf.scenarios.cached_status", (str(path),), cpu=SERVER_CPU) as nothing:
            yield partial(answers_per_cpu_s, nothing, f"{nothing.url}/", b"", **_MUCH)


@asynccontextmanager
async def _finished() -> AsyncIterator[tuple[ModuleProcess, str]]:
    """A daemon, and where the status of a job is that it has fetched."""
    async with running("perf", ("origin",), cpu=CLIENT_CPU) as site, a_daemon() as daemon:
        yield daemon, await finished(daemon.url, f"{site.url}/page/1")
