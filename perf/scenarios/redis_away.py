"""Measures what readers notice when the Redis goes away: killed, then hung, under a steady load on finished jobs.

The memory is off by default, so that each read asks the Redis first. A round is three spans for each way to go: as
usual, away, back again (from the moment it can be reached); the other two are held against the usual one of the same
round. Who asks does so in a process of its own, and tells how late it was itself: where that is much, the machine is
too busy for the p99 to tell anything, and the run says so. Beside it stands what the service says that it took (`own`).
"""

import asyncio
import json
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
from perf.scenarios.steady import STARTS_WITHIN_S, Asked, Plan, asked_apart
from perf.servers.database import KINDS, a_database
from perf.servers.valkey import Valkey, a_valkey

LOOK_EVERY_S = 1.0
"""A look takes the daemon some 7 ms: so seldom, fewer than one reader in a hundred waits for one."""
HEALS_WITHIN_S = 30.0
LATE_MS = 5.0
"""By which the asker itself may be late (p99): on a machine at rest it is about one."""
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

    def own_p99_ms(self, span: str) -> float:
        """As the service says."""
        return percentile_ms([each.own_s for each in self.spans[span]], 99)

    def ratio(self, span: str) -> float:
        return self.p99_ms(span) / self.p99_ms("usual")

    @property
    def late_p99_ms(self) -> float:
        return max(percentile_ms([each.late_s for each in span], 99) for span in self.spans.values())


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
    parser.add_argument("--rate", type=float, default=100.0, help="requests a second")
    parser.add_argument("--span", type=float, default=20.0, help="seconds as usual, away, and back again")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--bar", type=float, default=2.0, help="the p99 while it is away, and back, of the usual one")


def run(args: Namespace) -> Result:
    seen = uvloop.run(_measured(args))
    asked = [each for found in seen.values() for one in found for span in one.spans.values() for each in span]
    faults = Counter(each.fault for each in asked if each.fault)
    numbers: dict[str, float] = {"requests": len(asked), "failed": faults.total()}
    numbers |= {name: number for way, found in seen.items() for name, number in _of(way, found)}
    broken = [f"{number} requests failed: {fault}" for fault, number in faults.items()]
    for way in WAYS:
        broken += [
            f"{way}: the p99 {span} is {ratio} times the usual one, more than {args.bar}"
            for span in ("away", "back")
            if (ratio := numbers[f"{way}_{span}_ratio"]) > args.bar
        ]
        if (late_ms := numbers[f"{way}_late_p99_ms"]) > LATE_MS:
            broken.append(f"{way}: too busy a machine: the asker itself was {late_ms} ms late (p99)")
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
    """The status of so many jobs that are over, by its URL. RedisAwayError if one is not: its answer would change."""
    urls = []
    for number in range(jobs):
        async with session.post(f"{service}/api/v1/scrape", json={"url": f"{site}/page/{number}"}) as answer:
            answer.raise_for_status()
            urls.append(f"{service}/api/v1/scrape/{(await answer.json())['job_id']}")
    found = {url: await _text(session, f"{url}?wait=30") for url in urls}
    if not all(json.loads(answer)["status"] == "completed" for answer in found.values()):
        raise RedisAwayError("not all jobs were completed")
    return {url: answer.encode() for url, answer in found.items()}


async def _round(place: Place, way: tuple[Act, Act], args: Namespace) -> Seen:
    goes, comes = way
    begins = [perf_counter() + STARTS_WITHIN_S]
    plan = Plan(begins=begins[0], rate=args.rate, most=int(args.rate * len(SPANS) * args.span))
    async with asyncio.TaskGroup() as group:
        asking = group.create_task(asked_apart(place.expected, plan))
        await place.heals()
        await asyncio.sleep(begins[0] - perf_counter())
        before = place.found()
        await asyncio.sleep(args.span)
        if place.found() == before and not args.memory:
            raise RedisAwayError("nothing was found in the Redis")
        begins.append(perf_counter())
        await goes(place.redis)
        await asyncio.sleep(args.span)
        await comes(place.redis)
        begins.append(perf_counter())
        heals_s = await place.heals()
    ends = [*begins[1:], float("inf")]
    spans = {
        name: [each for each in asking.result() if begin <= each.began < end]
        for name, begin, end in zip(SPANS, begins, ends, strict=True)
    }
    return Seen(spans=spans, heals_s=heals_s)


def _of(way: str, found: Sequence[Seen]) -> Sequence[tuple[str, float]]:
    """Medians over the rounds; the worst times of all."""
    numbers: list[tuple[str, float]] = []
    for span in SPANS:
        worst_s = max(asked.taken_s for each in found for asked in each.spans[span])
        numbers += [
            (f"{way}_{span}_p99_ms", round(median(each.p99_ms(span) for each in found), 3)),
            (f"{way}_{span}_own_p99_ms", round(median(each.own_p99_ms(span) for each in found), 3)),
            (f"{way}_{span}_worst_ms", round(worst_s * 1000, 1)),
        ]
    for span in SPANS[1:]:
        ratios = [each.ratio(span) for each in found]
        numbers += [
            (f"{way}_{span}_ratio", round(median(ratios), 3)),
            (f"{way}_{span}_ratio_most", round(max(ratios), 3)),
        ]
    return [
        *numbers,
        (f"{way}_late_p99_ms", round(median(each.late_p99_ms for each in found), 3)),
        (f"{way}_heals_s", round(median(each.heals_s for each in found), 2)),
        (f"{way}_heals_s_most", round(max(each.heals_s for each in found), 2)),
    ]


async def _text(session: aiohttp.ClientSession, url: str) -> str:
    async with session.get(url) as answer:
        answer.raise_for_status()
        return await answer.text()
