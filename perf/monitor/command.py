"""Looks at a server every so many seconds, until its time is over or somebody ends it; all that was seen is kept."""

import asyncio
import signal
import sys
from argparse import Namespace
from contextlib import suppress
from datetime import UTC, datetime
from math import ceil
from pathlib import Path
from time import time
from typing import Protocol

import aiohttp
from psutil import NoSuchProcess
from rich.console import Console

from perf.monitor.csv_record import CsvRecord
from perf.monitor.json_record import JsonRecord
from perf.monitor.process_of import process_of
from perf.monitor.sight import Sample, Sight, sample, sight
from perf.monitor.summary import Summary
from perf.monitor.view import View
from perf.report import RESULTS
from perf.sampler import Sampler


class Record(Protocol):
    """A file that is whole after each call."""

    def put(self, sight: Sight) -> None: ...

    def end(self, summary: Summary) -> None: ...


class Monitor:
    """Takes `total` samples, or as many as there is time for; `stop` ends it."""

    def __init__(self, *, sampler: Sampler, record: Record, view: View, every_s: float, total: int | None) -> None:
        self._sampler = sampler
        self._record = record
        self._view = view
        self._every_s = every_s
        self._total = total
        self._stop = asyncio.Event()

    def stop(self) -> None:
        self._stop.set()

    async def run(self, headers: dict[str, str]) -> Summary:
        summary, before = Summary(), None
        async with aiohttp.ClientSession(headers=headers) as client:
            with self._view.shown():
                while not self._stop.is_set() and summary.samples != self._total:
                    before = await self._look(client, before, summary)
                    if summary.samples != self._total:
                        await self._pause()
                self._record.end(summary)
                self._view.end(summary)
        return summary

    async def _look(self, client: aiohttp.ClientSession, before: Sample | None, summary: Summary) -> Sample:
        shown = await self._sampler.look(client)
        now = sample(at=time(), shown=shown, fault=self._sampler.fault)
        seen = sight(before, now)
        summary.add(seen)
        self._record.put(seen)
        self._view.show(seen, summary)
        return now

    async def _pause(self) -> None:
        with suppress(TimeoutError):
            await asyncio.wait_for(self._stop.wait(), self._every_s - time() % self._every_s)


def run(args: Namespace) -> None:
    path = args.output or RESULTS / f"monitor-{datetime.now(UTC):%Y%m%dT%H%M%S}.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        asyncio.run(_monitored(args, path))
    except NoSuchProcess as error:
        sys.exit(str(error))
    print(path)


async def _monitored(args: Namespace, path: Path) -> None:
    host, pid = args.host.rstrip("/"), args.pid or process_of(args.host)
    headers = {"X-API-Key": args.api_key} if args.api_key else {}
    about = {"host": host, "interval_s": args.interval, "pid": pid, "began_at": time()}
    total = ceil(args.duration * 60 / args.interval) + 1 if args.duration else None
    monitor = Monitor(
        sampler=Sampler(url=host, pid=pid, headers=headers),
        record=record_of(path, about),
        view=View(console=Console(), host=host, total=total),
        every_s=args.interval,
        total=total,
    )
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, monitor.stop)
    await monitor.run(headers)


def record_of(path: Path, about: dict[str, object]) -> Record:
    return CsvRecord(path, about=about) if path.suffix == ".csv" else JsonRecord(path, about=about)
