"""A whole system in this process, on a real file, with a site to scrape."""

import asyncio
import io
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from pathlib import Path
from time import time

from actors.outfit import Outfit, fitted
from config.logs import configure
from config.settings import Settings
from engine.jobs.command import Submit
from engine.jobs.job import Job
from engine.jobs.request import Options, Request
from engine.jobs.status import Status
from engine.runtime import Supervisor

DEFAULTS = Options()


def the_settings(folder: Path, **told: str) -> Settings:
    path = folder / "works.db"
    return Settings.load({"DATABASE_URL": f"sqlite:///{path}", "MAX_CONCURRENT_JOBS": "8", **told}, folder / ".env")


@asynccontextmanager
async def works(settings: Settings) -> AsyncIterator[tuple[Outfit, Supervisor]]:
    """Runs from entry to exit, and drains then."""
    log = configure(level="CRITICAL", log_format="json", stream=io.BytesIO())
    async with fitted(settings, log=log) as outfit:
        root = outfit.system.tree()
        async with asyncio.TaskGroup() as group:
            group.create_task(root.run())
            yield outfit, root
            await root.drain()


async def submit(outfit: Outfit, urls: Iterable[str], **options: float | bool) -> list[Job]:
    jobs = [a_job(outfit, url, Options(**options)) for url in urls]  # type: ignore[arg-type]  # the test names them
    await outfit.system.commit(Submit(jobs=tuple(jobs)))
    return jobs


async def all_settled(outfit: Outfit) -> dict[Status, int]:
    """How many ended how, once nothing is left to do."""
    while True:
        figures = await outfit.store.queue()
        if not figures.due + figures.delayed + figures.running:
            return {status: n for status, n in (await outfit.store.counts()).items() if n}
        await asyncio.sleep(0.01)


def a_job(outfit: Outfit, url: str, options: Options = DEFAULTS) -> Job:
    now = time()
    request = Request(url=url, host="127.0.0.1", options=options)
    return Job(id=outfit.ids.job(), request=request, created_at=now, updated_at=now)
