"""Measures what readers notice when the Redis goes away: killed, then hung, under a steady load on finished jobs.

The memory is off by default, so that each read asks the Redis first. A round is three spans for each way to go: as
usual, away, back again; what is away is held against what is as usual in the same round.
"""

import asyncio
from argparse import ArgumentParser, Namespace
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from statistics import median
from time import perf_counter

import aiohttp
import uvloop

from engine.runtime import ticks
from perf.percentile import percentile_ms
from perf.process import running
from perf.report import Result
from perf.scenarios.steady import Asked, Steady
from perf.servers.database import KINDS, a_database
from perf.servers.valkey import Valkey, a_valkey

LOOK_EVERY_S = 0.25
"""Seldom enough for the looks themselves not to be noticed by readers."""
HEALS_WITHIN_S = 30.0
IS_UP = "redis_up 1.0"
SPANS = ("usual", "away", "back")


class RedisAwayError(Exception):
    """Nothing was measured."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """What is measured."""

    session: aiohttp.ClientSession
    service: str
    redis: Valkey
    expected: Mapping[str, bytes]

    async def heals(self) -> float:
        """How long it takes from now until the daemon says that its Redis is up, in seconds."""
        began = perf_counter()
        async with asyncio.timeout(HEALS_WITHIN_S):
            async for _ in ticks(LOOK_EVERY_S):
                if IS_UP in await _text(self.session, f"{self.service}/metrics"):
                    break
        return perf_counter() - began

    def found(self) -> int:
        with self.redis.client() as client:
            return int(client.info("stats")["keyspace_hits"])


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """In one round, of one way to go away."""

    spans: Mapping[str, Sequence[Asked]]
    heals_s: float

    def p99_ms(self, span: str) -> float:
        return percentile_ms([each.taken_s for each in self.spans[span]], 99)


async def _killed(redis: Valkey) -> None:
    redis.kill()


async def _started(redis: Valkey) -> None:
    redis.launch()
    await asyncio.to_thread(redis.wait_until_ready)


async def _hung(redis: Valkey) -> None:
    redis.hang()


async def _woken(redis: Valkey) -> None:
    redis.wake()


Act = Callable[[Valkey], Awaitable[None]]
WAYS: Mapping[str, tuple[Act, Act]] = {"killed": (_killed, _started), "hung": (_hung, _woken)}


def options(parser: ArgumentParser) -> None:
    parser.add_argument("--database", choices=KINDS, default=KINDS[0])
    parser.add_argument("--memory", type=int, default=0, help="of the daemon's own cache, in bytes")
    parser.add_argument("--jobs", type=int, default=500)
    parser.add_argument("--rate", type=float, default=300.0, help="requests a second")
    parser.add_argument("--span", type=float, default=15.0, help="seconds as usual, away, and back again")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--bar", type=float, default=2.0, help="the p99 while it is away, of the usual one")


def run(args: Namespace) -> Result:
    seen = uvloop.run(_measured(args))
    asked = [each for found in seen.values() for one in found for span in one.spans.values() for each in span]
    faults = Counter(each.fault for each in asked if each.fault)
    numbers: dict[str, float] = {"requests": len(asked), "failed": faults.total()}
    numbers |= {name: number for way, found in seen.items() for name, number in _of(way, found)}
    broken = [
        f"{way}: the p99 is {numbers[f'{way}_ratio']} times the usual one, more than {args.bar}"
        for way in WAYS
        if numbers[f"{way}_ratio"] > args.bar
    ]
    broken += [f"{number} requests failed: {fault}" for fault, number in faults.items()]
    return Result(scenario="redis_away", settings=vars(args), numbers=numbers, broken=broken)


async def _measured(args: Namespace) -> Mapping[str, Sequence[Seen]]:
    seen: dict[str, list[Seen]] = {way: [] for way in WAYS}
    async with _place(args) as place:
        for _ in range(args.rounds):
            for way, found in seen.items():
                found.append(await _round(place, WAYS[way], args))
    return seen


@asynccontextmanager
async def _place(args: Namespace) -> AsyncIterator[Place]:
    async with AsyncExitStack() as stack:
        redis = stack.enter_context(a_valkey())
        url = stack.enter_context(a_database(args.database))
        told = {"DATABASE_URL": url, "PORT": "0", "LOG_FORMAT": "json", "REDIS_URL": redis.url}
        env = told | {"CACHE_MAX_MEMORY_SIZE": str(args.memory)}
        site = await stack.enter_async_context(running("perf", ("origin", "--port", "0")))
        daemon = await stack.enter_async_context(running("actors", ("serve",), env=env))
        session = await stack.enter_async_context(aiohttp.ClientSession())
        expected = await _finished(session, daemon.url, site.url, args.jobs)
        yield Place(session=session, service=daemon.url, redis=redis, expected=expected)


async def _finished(session: aiohttp.ClientSession, service: str, site: str, jobs: int) -> Mapping[str, bytes]:
    """The status of so many jobs that are over, by its URL."""
    urls = []
    for number in range(jobs):
        async with session.post(f"{service}/api/v1/scrape", json={"url": f"{site}/page/{number}"}) as answer:
            answer.raise_for_status()
            urls.append(f"{service}/api/v1/scrape/{(await answer.json())['job_id']}")
    return {url: (await _text(session, f"{url}?wait=30")).encode() for url in urls}


async def _round(place: Place, way: tuple[Act, Act], args: Namespace) -> Seen:
    goes, comes = way
    await place.heals()
    most = int(args.rate * (len(SPANS) * args.span + HEALS_WITHIN_S))
    steady = Steady(session=place.session, expected=place.expected, rate=args.rate, most=most)
    async with asyncio.TaskGroup() as group:
        group.create_task(steady.run())
        before, begins = place.found(), [perf_counter()]
        await asyncio.sleep(args.span)
        if place.found() == before and not args.memory:
            raise RedisAwayError("nothing was found in the Redis")
        for act in (goes, comes):
            begins.append(perf_counter())
            await act(place.redis)
            if act is goes:
                await asyncio.sleep(args.span)
        heals_s = await place.heals()
        await asyncio.sleep(args.span)
        steady.stop()
    ends = [*begins[1:], float("inf")]
    spans = {
        name: [each for each in steady.asked if begin <= each.began < end]
        for name, begin, end in zip(SPANS, begins, ends, strict=True)
    }
    return Seen(spans=spans, heals_s=heals_s)


def _of(way: str, found: Sequence[Seen]) -> Sequence[tuple[str, float]]:
    """Medians over the rounds; the worst time of all."""
    ratios = [each.p99_ms("away") / each.p99_ms("usual") for each in found]
    worst_s = max(asked.taken_s for each in found for asked in each.spans["away"])
    return [
        *((f"{way}_{span}_p99_ms", round(median(each.p99_ms(span) for each in found), 3)) for span in SPANS),
        (f"{way}_ratio", round(median(ratios), 3)),
        (f"{way}_ratio_most", round(max(ratios), 3)),
        (f"{way}_worst_ms", round(worst_s * 1000, 1)),
        (f"{way}_heals_s", round(median(each.heals_s for each in found), 2)),
        (f"{way}_heals_s_most", round(max(each.heals_s for each in found), 2)),
    ]


async def _text(session: aiohttp.ClientSession, url: str) -> str:
    async with session.get(url) as answer:
        answer.raise_for_status()
        return await answer.text()
