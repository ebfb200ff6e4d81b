"""The process behind `cfscraper scrape`: the same system without a server, fed from a list, until all is done.

What is not fetched yet and what is stand in the store's file, not in memory: the list may be of any length. With the
same store the same command goes on where it stopped.
"""

import sys
from asyncio import Event
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import asdict, dataclass, replace
from functools import partial
from signal import SIGTERM
from typing import Any, BinaryIO

from structlog.typing import FilteringBoundLogger

from actors.display import Display
from actors.feeder import Feeder
from actors.outfit import Outfit, fitted
from actors.printer import Printer, print_line
from actors.progress import Progress
from actors.urls import UrlList
from config.logs import configure
from config.settings import Settings
from engine.api import result_of, written
from engine.fetch.decoding import Decoding
from engine.jobs.job import Job
from engine.jobs.ports import JobStore
from engine.jobs.query import JobQuery, Result, Settled
from engine.jobs.status import FINAL, Status
from engine.jobs.verdict import Settlement
from engine.memory.allocator import tune
from engine.runtime import Call, Child, Mailbox, Signals, Threads, run, settle_in, until_ended

WAITING_LINES = 1024
"""Ended jobs that wait for their line; more make the persister wait."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wants:
    """What is taken out of each page."""

    extract_text: bool
    extract_links: bool
    extract_images: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Errand:
    """What a command was asked to do."""

    urls: Sequence[str]
    source: BinaryIO | None
    """A file or a pipe with more of them."""
    out: BinaryIO
    wants: Wants
    display: Display


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """What it takes to read a result."""

    store: JobStore
    decoding: Callable[[str], Decoding] = Decoding


class Ended:
    """A witness that names each job which has come to its end; waits for whoever writes the lines."""

    def __init__(self, names: Mailbox[str]) -> None:
        self._names = names

    async def settled(self, settlements: Sequence[Settlement], ends: Sequence[Settled]) -> None:
        for settlement, end in zip(settlements, ends, strict=True):
            if end.accepted and end.status.is_final:
                await self._names.put(settlement.lease.job_id)


def scrape(settings: Settings, errand: Errand) -> int:
    """0 if all was fetched, 1 if something failed or was left. Raises EngineError when the store cannot be used."""
    log = configure(level="WARNING", log_format=settings.log_format, stream=sys.stderr.buffer)
    return run(partial(_run, settings, errand, log=log))


async def _run(settings: Settings, errand: Errand, signals: Signals, *, log: FilteringBoundLogger) -> int:
    tune()
    ended: Mailbox[str] = Mailbox("ended", capacity=WAITING_LINES)
    give_up = partial(signals.came, SIGTERM)
    async with fitted(settings, log=log, witnesses=[Ended(ended)], on_damage=give_up) as outfit, _reading() as read:
        settle_in()
        errand.display.begin(await outfit.store.counts())
        await _write_what_ended_before(outfit.store, errand.out)
        options = replace(outfit.options, **asdict(errand.wants))
        urls = UrlList(urls=errand.urls, source=errand.source, options=options, now=outfit.now())
        printer = _printer(outfit, ended, errand.out)
        above = _askers(outfit, partial(read, urls.next), urls.stop, errand.display, signals)
        await until_ended(outfit.system.tree(below=[printer], above=above), signals)
        await outfit.let_go()
        counts = await outfit.store.counts()
    errand.display.end(counts)
    return 0 if {status for status, n in counts.items() if n} <= {Status.COMPLETED} else 1


@asynccontextmanager
async def _reading() -> AsyncIterator[Call]:
    threads = Threads("list", 1)
    try:
        yield threads
    finally:
        await threads.close()


def _printer(outfit: Outfit, ended: Mailbox[str], out: BinaryIO) -> Child[Printer]:
    return Child(
        name="printer",
        build=lambda: Printer(inbox=ended, store=outfit.store, render=partial(_line, outfit.store), out=out),
        stop=lambda _: ended.close(),
    )


def _askers(
    outfit: Outfit,
    read: Callable[[], Awaitable[Sequence[Job]]],
    stop_reading: Callable[[], None],
    display: Display,
    signals: Signals,
) -> list[Child[Any]]:
    fed = Event()
    feeder = Child(
        name="feeder",
        build=lambda: Feeder(read=read, submit=outfit.system.commit, done=fed.set),
        stop=lambda _: stop_reading(),
    )
    progress = Child(
        name="progress",
        build=lambda: Progress(
            store=outfit.store, display=display, is_fed=fed.is_set, finish=lambda: signals.came(SIGTERM)
        ),
    )
    return [feeder, progress]


async def _write_what_ended_before(store: JobStore, out: BinaryIO) -> None:
    """The lines of earlier runs on the same store: the output is whole each time."""
    query = JobQuery(statuses=tuple(FINAL), descending=False, limit=100)
    while jobs := (await store.find(query)).jobs:
        for job in jobs:
            found = await store.result(job.id)
            if found is not None:
                await print_line(out, _line(store, found))
        query = replace(query, after=(jobs[-1].created_at, jobs[-1].id))


def _line(store: JobStore, found: Result) -> AsyncGenerator[bytes, None]:
    """In pieces: a page may be of any size."""
    about = {"job_id": found.job.id, "url": found.job.request.url, "status": found.job.status}
    return written(about | result_of(found, Reading(store=store)))
