"""Measures what the governor finds: pages a second as governed, from a cold start, against the best of fixed widths.

Then, at work, the site turns: so many times as slow, failing, or silent. The time until half the width is left counts,
and the time until nine tenths of the pages a second are back once it has turned again. The engine is on one core, the
site on another; a run is a process of its own, on a new file, with more jobs than it will come to.
"""

import asyncio
import sys
from argparse import ArgumentParser, Namespace
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import timedelta
from pathlib import Path
from statistics import mean
from tempfile import TemporaryDirectory
from time import monotonic, time
from typing import Any

import aiohttp
import orjson
import uvloop

from actors.measures import LEAST
from actors.outfit import Outfit, fitted
from config.logs import configure
from config.settings import Settings
from engine.jobs.command import Submit
from engine.jobs.job import Job
from engine.jobs.query import Settled
from engine.jobs.request import Options, Request
from engine.jobs.verdict import Settlement
from engine.runtime import settle_in
from perf.process import output_of, running
from perf.report import Result
from perf.scenarios import bare_client

RUN_WITHIN = timedelta(seconds=600)
BATCH = 500
PAGES = 200
"""Different ones: the site makes each once."""
LOOK_EVERY_S = 0.05
GIVES_UP_S = 90.0
BACK = 0.9
TROUBLES: Mapping[str, Callable[[int], dict[str, int]]] = {
    "slow": lambda delay_ms: {"delay_ms": max(20 * delay_ms, 1000), "status": 200},
    "failing": lambda delay_ms: {"delay_ms": delay_ms, "status": 503},
    "silent": lambda _: {"delay_ms": 3_600_000, "status": 200},
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Round:
    """One run at one site; what was not asked for is None."""

    pages_per_s: float
    width: float
    """While it was measured, in the mean."""
    half_s: float | None = None
    back_s: float | None = None


class Settles:
    """A witness that knows how many were settled, and how many a second over the last one."""

    def __init__(self) -> None:
        self.count = 0
        self._latest: deque[tuple[float, int]] = deque()

    async def settled(self, settlements: Sequence[Settlement], ends: Sequence[Settled]) -> None:  # noqa: ARG002 - the port's
        self.count += len(settlements)
        self._latest.append((monotonic(), len(settlements)))

    def per_second(self, over_s: float) -> float:
        now = monotonic()
        while self._latest and self._latest[0][0] < now - over_s:
            self._latest.popleft()
        return sum(count for _, count in self._latest) / over_s


class Run:
    """The engine at work, and the site that it can turn."""

    def __init__(self, outfit: Outfit, settles: Settles, args: Namespace) -> None:
        self._valve = outfit.system.valve
        self._settles = settles
        self._args = args

    async def measured(self) -> Round:
        await asyncio.sleep(self._args.cold_s)
        count, began = self._settles.count, monotonic()
        widths = await self._widths(self._args.measure_s)
        rate = (self._settles.count - count) / (monotonic() - began)
        if self._settles.count >= self._args.jobs:
            raise SystemExit(
                f"it came to all {self._args.jobs} jobs before its rate was known: say a higher --most-per-s"
            )
        found = Round(pages_per_s=round(rate, 1), width=round(mean(widths), 1))
        return await self._in_trouble(found) if self._args.trouble else found

    async def _widths(self, seconds: float) -> list[int]:
        until, widths = monotonic() + seconds, []
        while monotonic() < until:
            widths.append(self._valve.width)
            await asyncio.sleep(LOOK_EVERY_S)
        return widths

    async def _in_trouble(self, before: Round) -> Round:
        delay_ms, width = self._args.delay_ms, self._valve.width
        over_s = max(2.0, 2 * delay_ms / 1000)
        await set_mood(self._args.origin, TROUBLES[self._args.trouble](delay_ms))
        half_s = await self._until(lambda: self._valve.width <= width / 2)
        await asyncio.sleep(self._args.trouble_s)
        await set_mood(self._args.origin, {"delay_ms": delay_ms, "status": 200})
        back_s = await self._until(lambda: self._settles.per_second(over_s) >= BACK * before.pages_per_s)
        return Round(pages_per_s=before.pages_per_s, width=width, half_s=half_s, back_s=back_s)

    async def _until(self, is_so: Callable[[], bool]) -> float | None:
        began = monotonic()
        while not is_so():
            await asyncio.sleep(LOOK_EVERY_S)
            if monotonic() > began + GIVES_UP_S:
                return None
        return round(monotonic() - began, 2)


async def set_mood(origin: str, mood: dict[str, int]) -> None:
    async with aiohttp.ClientSession() as session, session.get(f"{origin}/mood", params=mood) as answer:
        answer.raise_for_status()


async def measure(args: Namespace) -> Round:
    """In this process; a width of 0 is governed."""
    settles = Settles()
    log = configure(level="CRITICAL", log_format="json", stream=sys.stderr.buffer)
    await set_mood(args.origin, {"delay_ms": args.delay_ms, "status": 200})
    with TemporaryDirectory() as folder:
        settings = _settings(Path(folder), args.width)
        async with fitted(settings, log=log, witnesses=[settles], least_fetches=args.width or LEAST) as outfit:
            await _queue(outfit, args.origin, args.jobs)
            root = outfit.system.tree()
            settle_in()
            async with asyncio.TaskGroup() as group:
                group.create_task(root.run())
                found = await Run(outfit, settles, args).measured()
                await root.drain()
    return found


def options(parser: ArgumentParser) -> None:
    parser.add_argument("--delays-ms", type=int, nargs="+", default=[1, 100, 2000], help="how late the site answers")
    parser.add_argument("--widths", type=int, nargs="+", default=[4, 16, 64, 256, 1024], help="the fixed ones")
    parser.add_argument("--cold-s", type=float, default=30.0, help="what the governor has until it is measured")
    parser.add_argument("--measure-s", type=float, default=15.0)
    parser.add_argument("--trouble-s", type=float, default=10.0, help="how long it goes on after half is left")
    parser.add_argument("--troubles", nargs="*", choices=tuple(TROUBLES), default=tuple(TROUBLES))
    parser.add_argument("--most-per-s", type=int, default=9000, help="pages a second for which jobs are queued")
    parser.add_argument("--client-cpu", type=int, default=0)
    parser.add_argument("--origin-cpu", type=int, default=1)


def run(args: Namespace) -> Result:
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        numbers = runner.run(_numbers(args))
    return Result(scenario="governor", settings=vars(args), numbers=numbers)


async def _numbers(args: Namespace) -> dict[str, Any]:
    numbers: dict[str, Any] = {}
    async with running("perf", ("origin",), cpu=args.origin_cpu) as origin:
        await bare_client.promised_bytes(origin=origin.url, pages=PAGES)
        for delay_ms in args.delays_ms:
            numbers |= await _at(origin.url, delay_ms, args)
    return numbers


async def _at(origin: str, delay_ms: int, args: Namespace) -> dict[str, Any]:
    """The fixed ones before and after the governed one: the machine may have become slower or faster."""
    warm_s = 2.0 + 3 * delay_ms / 1000
    fixed: dict[int, float] = {}
    for width in args.widths:
        fixed[width] = (await _apart(origin, delay_ms, args, width=width, cold_s=warm_s)).pages_per_s
    governed = await _apart(origin, delay_ms, args, cold_s=args.cold_s)
    best = max(fixed, key=lambda width: fixed[width])
    again = await _apart(origin, delay_ms, args, width=best, cold_s=warm_s)
    rate = mean([fixed[best], again.pages_per_s])
    name = f"{delay_ms}_ms"
    numbers: dict[str, Any] = {
        f"{name}_of_best": round(governed.pages_per_s / rate, 3),
        f"{name}_pages_per_s": governed.pages_per_s,
        f"{name}_width": governed.width,
        f"{name}_best_width": best,
        f"{name}_fixed": {str(width): found for width, found in fixed.items()},
        f"{name}_best_again": again.pages_per_s,
    }
    for trouble in args.troubles:
        found = await _apart(origin, delay_ms, args, cold_s=args.cold_s, trouble=trouble)
        numbers[f"{name}_{trouble}"] = asdict(found)
    return numbers


async def _apart(
    origin: str, delay_ms: int, args: Namespace, *, cold_s: float, width: int = 0, trouble: str = ""
) -> Round:
    """On a core and a file of its own."""
    lasts_s = cold_s + args.measure_s + (args.trouble_s + GIVES_UP_S / 3 if trouble else 0.0)
    at_most = args.most_per_s if not width else min(args.most_per_s, 1000 * width // delay_ms)
    told = {
        "origin": origin,
        "delay-ms": delay_ms,
        "width": width,
        "jobs": int(lasts_s * at_most) + 1000,
        "cold-s": cold_s,
        "measure-s": args.measure_s,
        "trouble": trouble,
        "trouble-s": args.trouble_s,
    }
    options = [f"--{name}={value}" for name, value in told.items()]
    printed = await output_of("perf.scenarios.governor", options, within=RUN_WITHIN, cpu=args.client_cpu)
    return Round(**orjson.loads(printed))


def _settings(folder: Path, width: int) -> Settings:
    told = {
        "DATABASE_URL": f"sqlite:///{folder / 'bench.db'}",
        "MAX_CONCURRENT_JOBS": str(width or "auto"),
        "DRAIN_GRACE_SECONDS": "1",
    }
    return Settings.load(told, folder / ".env")


async def _queue(outfit: Outfit, origin: str, jobs: int) -> None:
    now, options = time(), Options(delay_between_retries_s=1.0, max_retries=10)
    for first in range(0, jobs, BATCH):
        batch = [
            Job(
                id=outfit.ids.job(),
                request=Request(url=f"{origin}/moody/page/{n % PAGES}", host="127.0.0.1", options=options),
                created_at=now,
                updated_at=now,
            )
            for n in range(first, min(first + BATCH, jobs))
        ]
        await outfit.store.commit([Submit(jobs=tuple(batch))])


def main() -> None:
    parser = ArgumentParser(prog="python -m perf.scenarios.governor")
    parser.add_argument("--origin", required=True, help="the URL it printed")
    parser.add_argument("--delay-ms", type=int, required=True)
    parser.add_argument("--width", type=int, default=0, help="0: governed")
    parser.add_argument("--jobs", type=int, required=True)
    parser.add_argument("--cold-s", type=float, required=True)
    parser.add_argument("--measure-s", type=float, required=True)
    parser.add_argument("--trouble", default="")
    parser.add_argument("--trouble-s", type=float, default=10.0)
    args = parser.parse_args()
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        print(orjson.dumps(runner.run(measure(args))).decode())


if __name__ == "__main__":
    main()
