"""Measures the store on PostgreSQL against a raw asyncpg loop that brings about the same rows, in interleaved batches.

Each side has a database of its own on one server, with durable commits; in the end both must hold the same.
"""

import asyncio
from argparse import ArgumentParser, Namespace
from collections import defaultdict
from collections.abc import Awaitable, Mapping, Sequence
from contextlib import AsyncExitStack
from random import Random, random
from statistics import median
from time import monotonic, perf_counter, time
from typing import Any, Protocol

import uvloop
from asyncpg import Connection, Record

from engine.jobs.command import Submit
from engine.jobs.ids import Ids
from engine.jobs.job import Job
from engine.jobs.lease import Lease
from engine.jobs.outcome import Page
from engine.jobs.request import Request
from engine.jobs.stats import day_of
from engine.jobs.verdict import Completed, Settlement
from engine.runtime import settle_in
from engine.storage.job_rows import new_row
from engine.storage.postgres.clock import ServerClock
from engine.storage.postgres.limits import PoolLimits
from engine.storage.postgres.opening import opened
from engine.storage.postgres.session import connected
from engine.storage.postgres.store import PostgresStore
from perf.bench.bare_postgres import BarePostgres
from perf.bench.storage import PAGE
from perf.pairs import Pairs
from perf.report import Result
from perf.scenarios.pg_backlog import database
from perf.servers.postgres import a_postgres

ELAPSED_S = 0.1
LANES = {"one_lane": 1, "1000_lanes": 1000}
LIMITS = PoolLimits()
WARM = 1
"""Rounds before those that count."""
HELD = """
    SELECT json_build_object(
        'jobs', (SELECT json_agg(row_to_json(j)) FROM (
            SELECT status, fence, attempts, count(*), count(completed_at), count(stages) AS told FROM jobs
            GROUP BY status, fence, attempts ORDER BY 1, 2, 3) AS j),
        'counts', (SELECT json_agg(row_to_json(c)) FROM (
            SELECT status, sum(n) FROM counts GROUP BY status HAVING sum(n) <> 0 ORDER BY 1) AS c),
        'daily', (SELECT row_to_json(d) FROM (SELECT sum(created), sum(completed) AS done, sum(answered) AS answered,
            sum(answered_us)::bigint AS took_us FROM daily) AS d),
        'results', (SELECT json_build_array(count(*), sum(size), sum(length(body)), sum(length(headers)))
            FROM job_results),
        'lanes', (SELECT json_build_array(count(*), sum(queued), sum(in_flight)) FROM lanes))::text
"""
Times = dict[str, dict[str, list[float]]]


class Side(Protocol):
    """Who does it: the store, or the loop. What is made ready for it is none of its work."""

    def ready(self, jobs: Sequence[Job]) -> Any: ...
    async def insert(self, made: Any) -> None: ...
    async def claim(self, room: int) -> Sequence[Any]: ...
    def fetched(self, taken: Sequence[Any]) -> Any: ...
    async def settle(self, fetched: Any) -> None: ...
    async def read(self, job_id: str, reader: int) -> object: ...


class TheStore(Side):
    """With all that it does for each."""

    def __init__(self, store: PostgresStore) -> None:
        self._store = store

    def ready(self, jobs: Sequence[Job]) -> list[Submit]:
        return [Submit(jobs=tuple(jobs))]

    async def insert(self, made: list[Submit]) -> None:
        await self._store.commit(made)

    async def claim(self, room: int) -> Sequence[Lease]:
        return await self._store.claim(room, owner="bench", lease_s=60.0)

    def fetched(self, taken: Sequence[Lease]) -> list[Settlement]:
        return [_settlement(lease) for lease in taken]

    async def settle(self, fetched: list[Settlement]) -> None:
        await self._store.settle(fetched)

    async def read(self, job_id: str, reader: int) -> object:  # noqa: ARG002 - its pool knows
        return await self._store.get(job_id)


class TheLoop(Side):
    """With none of it."""

    def __init__(self, bare: BarePostgres) -> None:
        self._bare = bare

    def ready(self, jobs: Sequence[Job]) -> list[tuple[Any, ...]]:
        return [new_row(job, job.lane) for job in jobs]

    async def insert(self, made: list[tuple[Any, ...]]) -> None:
        await self._bare.insert(made, day_of(time()))

    async def claim(self, room: int) -> Sequence[Record]:
        return await self._bare.claim(room)

    def fetched(self, taken: Sequence[Record]) -> Sequence[Record]:
        return taken

    async def settle(self, fetched: Sequence[Record]) -> None:
        await self._bare.settle(fetched, PAGE, ELAPSED_S, day_of(time()))

    async def read(self, job_id: str, reader: int) -> object:
        return await self._bare.read(job_id, reader)


def options(parser: ArgumentParser) -> None:
    parser.add_argument("--batch", type=int, default=200, help="rows a transaction")
    parser.add_argument("--batches", type=int, default=20, help="of each kind in a round")
    parser.add_argument("--readers", type=int, default=10, help="who read at once")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--bar", type=float, default=0.8)


def run(args: Namespace) -> Result:
    with a_postgres(shared_buffers="256MB", max_wal_size="4GB") as server:
        numbers, pairs = uvloop.run(_measured(server.url, args))
    broken = [
        f"{kind}: {ratio} of a raw loop's, less than {args.bar}"
        for kind, ratio in numbers["ratios"].items()
        if ratio < args.bar
    ]
    if not numbers["is_the_same"]:
        broken.append("the loop's rows are not those of the store")
    return Result(scenario="pg_rates", settings=vars(args), numbers=numbers, pairs=pairs, broken=broken)


async def _measured(url: str, args: Namespace) -> tuple[dict[str, Any], dict[str, Pairs]]:
    times: Times = defaultdict(lambda: {"store": [], "loop": []})
    async with AsyncExitStack() as stack:
        store_url, loop_url = await database(url, "store"), await database(url, "loop")
        opening = opened(store_url, limits=LIMITS, clock=ServerClock(monotonic=monotonic), draw=random)
        store = await stack.enter_async_context(opening)
        first, *readers = [await _connection(stack, loop_url) for _ in range(1 + args.readers)]
        sides: dict[str, Side] = {"store": TheStore(store), "loop": TheLoop(BarePostgres(first, readers=readers))}
        ids = Ids(wall=time, random_bits=Random(7).getrandbits)
        settle_in()
        for place in range(-WARM, args.rounds):
            counted = times if place >= 0 else defaultdict(lambda: {"store": [], "loop": []})
            for name, lanes in LANES.items():
                await _round(sides, counted, name, _jobs(ids, args, lanes), args)
        same = [await _held(each) for each in (store_url, loop_url)]
    pairs = {kind: _pairs(sides, args.batch) for kind, sides in times.items()}
    return _numbers(times, args) | {"is_the_same": same[0] == same[1], "held": same[0]}, pairs


async def _round(sides: Mapping[str, Side], times: Times, lanes: str, jobs: Sequence[Job], args: Namespace) -> None:
    """All is inserted, claimed, settled and read by both, batch by batch in turn."""
    batches = [jobs[first : first + args.batch] for first in range(0, len(jobs), args.batch)]
    for place, batch in enumerate(batches):
        for name in _in_turn(sides, place):
            made = sides[name].ready(batch)
            await _timed(times["insert"][name], sides[name].insert(made))
    taken: dict[str, list[Any]] = {"store": [], "loop": []}
    for place, _ in enumerate(batches):
        for name in _in_turn(sides, place):
            taken[name].append(await _timed(times[f"claim_{lanes}"][name], sides[name].claim(args.batch)))
    for place, _ in enumerate(batches):
        for name in _in_turn(sides, place):
            fetched = sides[name].fetched(taken[name][place])
            await _timed(times["settle"][name], sides[name].settle(fetched))
    for place, batch in enumerate(batches):
        for name in _in_turn(sides, place):
            await _timed(times["read"][name], _read_all(sides[name], batch, args.readers))


async def _read_all(side: Side, jobs: Sequence[Job], readers: int) -> None:
    """By so many at once, each one after the other."""

    async def reader(place: int) -> None:
        for job in jobs[place::readers]:
            await side.read(job.id, place)

    async with asyncio.TaskGroup() as group:
        for place in range(readers):
            group.create_task(reader(place))


def _in_turn(sides: Mapping[str, Side], place: int) -> Sequence[str]:
    return sorted(sides, reverse=bool(place % 2))


async def _timed(times: list[float], what: Awaitable[Any]) -> Any:
    began = perf_counter()
    found = await what
    times.append(perf_counter() - began)
    return found


def _pairs(sides: Mapping[str, Sequence[float]], batch: int) -> Pairs:
    ours, bare = ([batch / taken for taken in sides[name]] for name in ("store", "loop"))
    return Pairs(unit="rows/s", ours=ours, bare=bare)


def _numbers(times: Times, args: Namespace) -> dict[str, Any]:
    rates = {
        f"{kind}_{side}_rows_per_s": round(args.batch / median(taken))
        for kind, sides in times.items()
        for side, taken in sides.items()
    }
    ratios = {kind: round(median(sides["loop"]) / median(sides["store"]), 3) for kind, sides in times.items()}
    return {"ratios": ratios, **rates}


def _jobs(ids: Ids, args: Namespace, lanes: int) -> list[Job]:
    now = time()
    hosts = [f"host{number % lanes}.test" for number in range(args.batch * args.batches)]
    return [
        Job(id=ids.job(), request=Request(url=f"http://{host}/page", host=host), created_at=now, updated_at=now)
        for host in hosts
    ]


def _settlement(lease: Lease) -> Settlement:
    span = (lease.claimed_at, lease.claimed_at + ELAPSED_S)
    page = Page(
        status_code=200,
        final_url="http://host.test/",
        headers=(("Content-Type", "text/html"), ("Server", "bench")),
        content_type="text/html",
        charset="utf-8",
        body=PAGE,
        size=len(PAGE),
        elapsed_s=ELAPSED_S,
    )
    return Settlement(lease=lease, outcome=page, verdict=Completed(), span=span)


async def _connection(stack: AsyncExitStack, url: str) -> Connection:
    connection = await connected(url, LIMITS)
    stack.push_async_callback(connection.close)
    return connection


async def _held(url: str) -> str:
    connection = await connected(url, LIMITS)
    found: str = await connection.fetchval(HELD)
    await connection.close()
    return found
