"""Measures a bare aiohttp client on the origin's pages: what any fetcher of ours is compared with.

A round is a fresh client process on its own core; the origin has another and has its pages made beforehand.
"""

import asyncio
from argparse import ArgumentParser, Namespace
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import timedelta
from statistics import median
from time import perf_counter, process_time
from typing import Any

import aiohttp
import orjson
import uvloop

from perf.process import output_of, running
from perf.report import Result

ROUND_WITHIN = timedelta(seconds=120)
WARM_WITHIN = aiohttp.ClientTimeout(total=120)


@dataclass(frozen=True, slots=True, kw_only=True)
class Round:
    """One run of the client over all pages."""

    pages: int
    concurrency: int
    body_bytes: int
    wall_s: float
    cpu_s: float
    pages_per_s: float


async def measure(*, origin: str, pages: int, concurrency: int) -> Round:
    """Fetch pages 0 to n-1 of the origin once, so many at a time, in this process."""
    urls = iter([f"{origin}/page/{n}" for n in range(pages)])
    async with aiohttp.ClientSession() as session:
        started, used = perf_counter(), process_time()
        async with asyncio.TaskGroup() as group:
            workers = [group.create_task(_fetched_bytes(session, urls)) for _ in range(concurrency)]
        wall_s, cpu_s = perf_counter() - started, process_time() - used
    return Round(
        pages=pages,
        concurrency=concurrency,
        body_bytes=sum(worker.result() for worker in workers),
        wall_s=wall_s,
        cpu_s=cpu_s,
        pages_per_s=pages / wall_s,
    )


async def measure_apart(*, origin: str, pages: int, concurrency: int, cpu: int) -> Round:
    """The same in a process of its own on that CPU."""
    args = (f"--origin={origin}", f"--pages={pages}", f"--concurrency={concurrency}")
    printed = await output_of("perf.scenarios.bare_client", args, within=ROUND_WITHIN, cpu=cpu)
    return Round(**orjson.loads(printed))


async def promised_bytes(*, origin: str, pages: int) -> int:
    """What all pages weigh together; asking makes the origin ready to serve them."""
    async with (
        aiohttp.ClientSession(timeout=WARM_WITHIN) as session,
        session.get(f"{origin}/manifest?n={pages}") as got,
    ):
        return sum(page["bytes"] for page in orjson.loads(await got.read())["pages"])


def options(parser: ArgumentParser) -> None:
    _shared_options(parser)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--client-cpu", type=int, default=0)
    parser.add_argument("--origin-cpu", type=int, default=1)


def run(args: Namespace) -> Result:
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        return runner.run(_rounds(args))


async def _rounds(args: Namespace) -> Result:
    async with running("perf", ("origin", f"--seed={args.seed}"), cpu=args.origin_cpu) as origin:
        promised = await promised_bytes(origin=origin.url, pages=args.pages)
        before = origin.sample().cpu_s
        rounds = [
            await measure_apart(origin=origin.url, pages=args.pages, concurrency=args.concurrency, cpu=args.client_cpu)
            for _ in range(args.rounds)
        ]
        origin_cpu_s = origin.sample().cpu_s - before
    if any(each.body_bytes != promised for each in rounds):
        raise ValueError("a round did not get what the origin promised")
    return Result(scenario="bare_client", settings=vars(args), numbers=_numbers(rounds, origin_cpu_s))


def _numbers(rounds: list[Round], origin_cpu_s: float) -> dict[str, Any]:
    """`busy` is CPU time over wall time: the client's near 1 means that nothing else held it up."""
    speeds, wall_s = [each.pages_per_s for each in rounds], sum(each.wall_s for each in rounds)
    return {
        "pages_per_s": round(median(speeds)),
        "pages_per_s_least": round(min(speeds)),
        "pages_per_s_most": round(max(speeds)),
        "client_busy": round(sum(each.cpu_s for each in rounds) / wall_s, 2),
        "origin_busy": round(origin_cpu_s / wall_s, 2),
        "body_bytes": rounds[0].body_bytes,
        "rounds": [asdict(each) for each in rounds],
    }


async def _fetched_bytes(session: aiohttp.ClientSession, urls: Iterator[str]) -> int:
    fetched = 0
    for url in urls:
        async with session.get(url) as response:
            fetched += len(await response.read())
    return fetched


def _shared_options(parser: ArgumentParser) -> None:
    parser.add_argument("--pages", type=int, default=2000)
    parser.add_argument("--concurrency", type=int, default=64)


def main() -> None:
    parser = ArgumentParser(prog="python -m perf.scenarios.bare_client")
    parser.add_argument("--origin", required=True, help="the URL it printed")
    _shared_options(parser)
    args = parser.parse_args()
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        measured = runner.run(measure(origin=args.origin, pages=args.pages, concurrency=args.concurrency))
    print(orjson.dumps(measured).decode())


if __name__ == "__main__":
    main()
