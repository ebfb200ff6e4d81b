"""Drives one scenario: Locust in a process of its own, the sampler beside it, all that they see in one folder."""

import asyncio
import os
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import asdict, dataclass
from pathlib import Path

import orjson

from perf.load.ground import Ground
from perf.load.shapes import Shape
from perf.process import ROOT
from perf.sampler import Sampler

LOCUSTFILE = Path(__file__).with_name("locustfile.py")
CSV = "locust"
BEGAN = "began"
JOBS = "jobs"
"""The ids of all that were acknowledged, a line each."""
LOG = "locust.log"
SERVER = "server.csv"
FINISHES_ITS_CALL_S = 5
LATE_S = 60.0
"""Beyond the scenario's own time, to start and to end; whoever takes longer is told to end."""
ENDS_WITHIN_S = 20.0
TOLD_OF_LOG = 2000
ENDED_BY_ITSELF = (0, 1)
"""1 when a call failed."""


class LoadError(Exception):
    """Locust did not get as far as its first user."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Driver:
    """Drives shapes over one ground; whoever sets `stop` ends the one that runs."""

    ground: Ground
    stop: asyncio.Event
    ui: bool
    api_key: str | None

    async def drive(self, shape: Shape, folder: Path) -> bool:
        """Has it come to its end by itself? LoadError when it did not begin. The folder is there, and empty."""
        headers = {"X-API-Key": self.api_key} if self.api_key else {}
        sampler = Sampler(url=self.ground.url, pid=self.ground.pid, headers=headers)
        sampling = asyncio.create_task(sampler.run(folder / SERVER, first=await sampler.first()))
        try:
            async with self._locust(shape, folder) as locust:
                is_complete = await self._ended(locust, shape.lasts_s + LATE_S)
        finally:
            sampling.cancel()
            with suppress(asyncio.CancelledError):
                await sampling
        if not (folder / BEGAN).exists() and not self.stop.is_set():
            raise LoadError((folder / LOG).read_text()[-TOLD_OF_LOG:])
        return is_complete

    async def _ended(self, locust: asyncio.subprocess.Process, within_s: float) -> bool:
        waits = [asyncio.create_task(locust.wait()), asyncio.create_task(self.stop.wait())]
        try:
            await asyncio.wait(waits, timeout=within_s, return_when=asyncio.FIRST_COMPLETED)
            return locust.returncode in ENDED_BY_ITSELF
        finally:
            for wait in waits:
                wait.cancel()
            await asyncio.wait(waits)

    @asynccontextmanager
    async def _locust(self, shape: Shape, folder: Path) -> AsyncIterator[asyncio.subprocess.Process]:
        """In a session of its own: Ctrl-C is for us, who let its users finish."""
        with (folder / LOG).open("wb") as log:
            process = await asyncio.create_subprocess_exec(
                *self._command(folder),
                env=self._environment(shape, folder),
                cwd=ROOT,
                stdin=asyncio.subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
            try:
                yield process
            finally:
                await _end(process)

    def _command(self, folder: Path) -> list[str]:
        way = ["--autostart", "--autoquit=1", "--web-host=127.0.0.1"] if self.ui else ["--headless", "--only-summary"]
        files = [f"--csv={folder / CSV}", "--csv-full-history"]
        quiet = ["--loglevel=WARNING", f"--stop-timeout={FINISHES_ITS_CALL_S}"]
        return [
            sys.executable,
            "-m",
            "locust",
            "-f",
            str(LOCUSTFILE),
            f"--host={self.ground.url}",
            *files,
            *quiet,
            *way,
        ]

    def _environment(self, shape: Shape, folder: Path) -> Mapping[str, str]:
        told = {
            "LOAD_SHAPE": orjson.dumps(asdict(shape)).decode(),
            "LOAD_SITE": self.ground.site,
            "LOAD_BEGAN": str(folder / BEGAN),
            "LOAD_JOBS": str(folder / JOBS),
            "LOAD_API_KEY": self.api_key or "",
        }
        return {**os.environ, **told}


async def _end(process: asyncio.subprocess.Process) -> None:
    if process.returncode is not None:
        return
    process.terminate()
    try:
        await asyncio.wait_for(process.wait(), ENDS_WITHIN_S)
    except TimeoutError:
        process.kill()
        await process.wait()
