"""The daemon as a process of its own, and how to speak with it."""

import asyncio
import os
import re
import signal
import sqlite3
import sys
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, closing, suppress
from pathlib import Path
from typing import Any

import aiohttp
import orjson

from engine.storage.check import check
from engine.storage.journal import journal_of, left_behind
from engine.storage.slots import Begun
from tests.conftest import eventually

STARTS_WITHIN_S = 20.0
ENDS_WITHIN_S = 20.0
FETCHED = re.compile(r'^scraper_requests_total{scraper_type="http",status="success"} (\S+)$', re.MULTILINE)
ANSWERS_WITHIN = aiohttp.ClientTimeout(total=20)


class Daemon:
    """One life of it; its file stays."""

    def __init__(self, *, process: asyncio.subprocess.Process, client: aiohttp.ClientSession, log: Path) -> None:
        self._process = process
        self._client = client
        self._log = log
        self._url = ""

    async def listens(self) -> None:
        await eventually(lambda: self.has_told("listening") or not self.is_alive, within_s=STARTS_WITHIN_S)
        assert self.is_alive, self._log.read_text()
        self._url = next(event["url"] for event in self.events() if event["event"] == "listening")

    @property
    def url(self) -> str:
        return self._url

    @property
    def is_alive(self) -> bool:
        return self._process.returncode is None

    def events(self) -> list[dict[str, Any]]:
        """What it has logged so far."""
        lines = self._log.read_bytes().split(b"\n")[:-1]
        return [orjson.loads(line) for line in lines if line.startswith(b"{")]

    def has_told(self, event: str) -> bool:
        return any(each["event"] == event for each in self.events())

    async def ask(self, method: str, path: str, **fields: Any) -> tuple[int, Any]:
        async with self._client.request(method, f"{self._url}/api/v1{path}", **fields) as answer:
            return answer.status, await answer.json()

    async def status_of(self, path: str) -> int:
        """Of any path, not only the API's."""
        async with self._client.get(f"{self._url}{path}") as answer:
            return answer.status

    async def text_of(self, path: str) -> str:
        """As above."""
        async with self._client.get(f"{self._url}{path}") as answer:
            return await answer.text()

    async def said(self, method: str, path: str, **fields: Any) -> str:
        """As above, to any request."""
        async with self._client.request(method, f"{self._url}{path}", **fields) as answer:
            return await answer.text()

    async def fetched(self) -> int:
        """How many of its attempts succeeded."""
        found = FETCHED.search(await self.text_of("/metrics"))
        return int(float(found[1])) if found else 0

    def in_hand(self) -> set[str]:
        """On a server: the jobs whose fetches have begun, as the next process of this machine would know."""
        journals = (left_behind(path) for path in self._log.parent.glob("cfscraper-*/*.hand"))
        return {begun.job_id for left in journals if left is not None for begun in left.begun}

    async def get(self, path: str) -> Any:
        status, answer = await self.ask("GET", path)
        assert status == 200, answer
        return answer

    async def submit(self, url: str, **fields: Any) -> str:
        status, answer = await self.ask("POST", "/scrape", json={"url": url, **fields})
        assert status == 202, answer
        job_id: str = answer["job_id"]
        return job_id

    async def submit_all(self, *urls: str) -> list[str]:
        status, answer = await self.ask("POST", "/scrape/bulk", json={"jobs": [{"url": url} for url in urls]})
        assert status == 202, answer
        job_ids: list[str] = answer["job_ids"]
        return job_ids

    async def settles_all(self) -> bool:
        """False if it died first."""
        while self.is_alive:
            with suppress(aiohttp.ClientError):
                figures = await self.get("/jobs/queue/status")
                if not figures["queue_size"] + figures["running_jobs"]:
                    return True
            await asyncio.sleep(0.02)
        return False

    @property
    def pid(self) -> int:
        return self._process.pid

    def tell(self, which: signal.Signals) -> None:
        self._process.send_signal(which)

    async def ended(self) -> int:
        """The exit code."""
        async with asyncio.timeout(ENDS_WITHIN_S):
            return await self._process.wait()


@asynccontextmanager
async def a_daemon(
    folder: Path, *, module: str = "actors", under: Sequence[str] = (), **told: str
) -> AsyncIterator[Daemon]:
    """From its start on; whatever is left of it at the end is killed. `under` is a command that becomes it."""
    environment = {"DATABASE_URL": f"sqlite:///{database(folder)}", "PORT": "0", "LOG_FORMAT": "json", **told}
    log = folder / "daemon.log"
    with log.open("wb") as errors:
        process = await asyncio.create_subprocess_exec(
            *(*under, sys.executable, "-m", module, "serve"), env={**os.environ, **environment}, stderr=errors
        )
    try:
        async with aiohttp.ClientSession(timeout=ANSWERS_WITHIN) as client:
            daemon = Daemon(process=process, client=client, log=log)
            await daemon.listens()
            yield daemon
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()


def database(folder: Path) -> Path:
    return folder / "daemon.db"


def findings(folder: Path) -> list[str]:
    """What is wrong with the file."""
    return check(database(folder))


def in_hand(folder: Path) -> tuple[Begun, ...]:
    """The fetches that have begun, as the next process would know."""
    left = left_behind(journal_of(database(folder)))
    assert left is not None
    return left.begun


def rows(folder: Path) -> list[tuple[Any, ...]]:
    """Status, error type, attempts and losses of every job, in the order in which they came."""
    with closing(sqlite3.connect(database(folder))) as connection:
        return connection.execute("SELECT status, error_type, attempts, losses FROM jobs ORDER BY rowid").fetchall()
