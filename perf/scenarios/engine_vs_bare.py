"""Measures the engine against a bare aiohttp client on the same pages, in interleaved pairs on the same core.

The engine does all that it does in production: leases, SQLite with synchronous=FULL, compression, metrics. As many
pages are fetched at once on both sides: its governor looks on, and has no choice. Its jobs are queued beforehand; its
time runs from the first claim to the last settle. The ratio of processor times is what others' work changes least.

On PostgreSQL the server's processes have the origin's core: what the engine waits for there counts by the clock, not as
its processor time. Each round has a database that goes with it, or the server would vacuum it beside the bare client.
"""

import asyncio
import sys
from argparse import ArgumentParser, Namespace
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractAsyncContextManager, contextmanager, nullcontext
from dataclasses import asdict, dataclass
from datetime import timedelta
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from time import perf_counter, process_time, time

import orjson
import uvloop

from actors.outfit import Outfit, fitted
from config.logs import configure
from config.settings import Settings
from engine.jobs.command import Submit
from engine.jobs.job import Job
from engine.jobs.query import Settled
from engine.jobs.request import Request
from engine.jobs.status import Status
from engine.jobs.verdict import Settlement
from engine.runtime import settle_in
from perf.pairs import Pairs
from perf.process import output_of, running
from perf.report import Result
from perf.scenarios import bare_client
from perf.scenarios.pg_backlog import passing_database
from perf.servers.postgres import a_postgres

ROUND_WITHIN = timedelta(seconds=120)
BATCH = 500
SQLITE, POSTGRES = "sqlite", "postgres"
PAGES = {SQLITE: 2000, POSTGRES: 8000}
"""On a server a second's: of fewer, connections and first claims are a good part of the time."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Round:
    """One run of the engine over all pages."""

    pages: int
    concurrency: int
    wall_s: float
    cpu_s: float
    pages_per_s: float


class LastSettle:
    """A witness that knows when the last of so many was settled."""

    def __init__(self, pages: int) -> None:
        self._left = pages
        self._came = asyncio.Event()
        self.at = 0.0

    async def settled(self, settlements: Sequence[Settlement], ends: Sequence[Settled]) -> None:  # noqa: ARG002 - the port's
        self._left -= sum(end.accepted and end.status is Status.COMPLETED for end in ends)
        if self._left == 0:
            self.at = perf_counter()
            self._came.set()

    async def came(self) -> None:
        await self._came.wait()


async def measure(
    *,
    origin: str,
    pages: int,
    concurrency: int,
    database: str | None = None,
    begin: Callable[[], None] = lambda: None,
) -> Round:
    """Fetch pages 0 to n-1 of the origin once, in this process, on a new file or on that empty database.

    `begin` is called when the jobs are queued, and nothing is measured yet.
    """
    last = LastSettle(pages)
    log = configure(level="WARNING", log_format="json", stream=sys.stderr.buffer)
    with TemporaryDirectory() as folder:
        settings = _settings(Path(folder), concurrency, database)
        async with fitted(settings, log=log, witnesses=[last], least_fetches=concurrency) as outfit:
            await _queue(outfit, origin, pages)
            root = outfit.system.tree()
            settle_in()
            begin()
            async with asyncio.TaskGroup() as group:
                started, used = perf_counter(), process_time()
                group.create_task(root.run())
                await last.came()
                wall_s, cpu_s = last.at - started, process_time() - used
                await root.drain()
    return Round(pages=pages, concurrency=concurrency, wall_s=wall_s, cpu_s=cpu_s, pages_per_s=pages / wall_s)


async def measure_apart(*, origin: str, pages: int, concurrency: int, cpu: int, database: str | None = None) -> Round:
    """The same in a process of its own on that CPU."""
    args = [f"--origin={origin}", f"--pages={pages}", f"--concurrency={concurrency}"]
    args += [] if database is None else [f"--database={database}"]
    return Round(**orjson.loads(await output_of("perf.scenarios.engine_vs_bare", args, within=ROUND_WITHIN, cpu=cpu)))


def options(parser: ArgumentParser) -> None:
    bare_client.options(parser)
    parser.add_argument("--database", choices=(SQLITE, POSTGRES), default=SQLITE)
    parser.add_argument("--bar", type=float, default=0.55, help="the least ratio by the clock")
    parser.set_defaults(pages=None)


def resolved(args: Namespace) -> Namespace:
    """With as many pages as that database is measured by, unless told."""
    return Namespace(**vars(args) | {"pages": args.pages or PAGES[args.database]})


def run(args: Namespace) -> Result:
    args = resolved(args)
    with (
        _server(args.database, cpu=args.origin_cpu) as server,
        asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner,
    ):
        bare, engine = runner.run(_pairs(args, server))
    return _result(args, bare, engine)


@contextmanager
def _server(database: str, *, cpu: int) -> Iterator[str | None]:
    """The URL of a server on that CPU; SQLite needs none."""
    if database == SQLITE:
        yield None
        return
    with a_postgres(shared_buffers="256MB", max_wal_size="4GB") as server:
        server.pin(cpu)
        yield server.url


async def _pairs(args: Namespace, server: str | None) -> tuple[list[bare_client.Round], list[Round]]:
    what = {"pages": args.pages, "concurrency": args.concurrency, "cpu": args.client_cpu}
    bare, engine = [], []
    async with running("perf", ("origin", f"--seed={args.seed}"), cpu=args.origin_cpu) as origin:
        await bare_client.promised_bytes(origin=origin.url, pages=args.pages)
        for place in range(args.rounds):
            bare.append(await bare_client.measure_apart(origin=origin.url, **what))
            async with _empty(server, f"round_{place}") as database:
                engine.append(await measure_apart(origin=origin.url, **what, database=database))
    return bare, engine


def _empty(server: str | None, name: str) -> AbstractAsyncContextManager[str | None]:
    return nullcontext() if server is None else passing_database(server, name)


def _result(args: Namespace, bare: Sequence[bare_client.Round], engine: Sequence[Round]) -> Result:
    pairs = {
        "pages": Pairs(
            unit="pages/s", ours=[each.pages_per_s for each in engine], bare=[each.pages_per_s for each in bare]
        ),
        "pages_by_cpu": Pairs(
            unit="pages/cpu s",
            ours=[each.pages / each.cpu_s for each in engine],
            bare=[each.pages / each.cpu_s for each in bare],
        ),
    }
    numbers = {
        **pairs["pages"].spread(),
        "ratio_by_cpu": pairs["pages_by_cpu"].spread()["ratio"],
        "engine_pages_per_s": round(median(each.pages_per_s for each in engine)),
        "bare_pages_per_s": round(median(each.pages_per_s for each in bare)),
        "engine_rounds": [asdict(each) for each in engine],
        "bare_rounds": [asdict(each) for each in bare],
    }
    broken = [f"it reaches {numbers['ratio']} of the bare client by the clock, less than {args.bar}"]
    return Result(
        scenario="engine_vs_bare",
        settings=vars(args),
        numbers=numbers,
        pairs=pairs,
        broken=broken * (median(pairs["pages"].ratios) < args.bar),
    )


def _settings(folder: Path, concurrency: int, database: str | None) -> Settings:
    url = database or f"sqlite:///{folder / 'bench.db'}"
    told = {"DATABASE_URL": url, "MAX_CONCURRENT_JOBS": str(concurrency)}
    return Settings.load(told, folder / ".env")


async def _queue(outfit: Outfit, origin: str, pages: int) -> None:
    now = time()
    jobs = [
        Job(
            id=outfit.ids.job(),
            request=Request(url=f"{origin}/page/{n}", host="127.0.0.1"),
            created_at=now,
            updated_at=now,
        )
        for n in range(pages)
    ]
    for first in range(0, pages, BATCH):
        await outfit.store.commit([Submit(jobs=tuple(jobs[first : first + BATCH]))])


def main() -> None:
    parser = ArgumentParser(prog="python -m perf.scenarios.engine_vs_bare")
    parser.add_argument("--origin", required=True, help="the URL it printed")
    parser.add_argument("--pages", type=int, default=PAGES[SQLITE])
    parser.add_argument("--concurrency", type=int, default=64)
    parser.add_argument("--database", help="the URL of an empty one; without, a new file")
    args = parser.parse_args()
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        measured = runner.run(measure(**vars(args)))
    print(orjson.dumps(measured).decode())


if __name__ == "__main__":
    main()
