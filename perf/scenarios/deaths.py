"""A crowd of users while one actor of each kind is killed every so many seconds, again and again.

The users are those of `perf load --scenario stress`; health is asked for each second, as `perf validate` does. In the
end each job whose 202 came is looked for in the database that is left.
"""

import asyncio
from argparse import ArgumentParser, Namespace
from asyncio import TaskGroup
from collections import Counter
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter
from typing import Any

import aiohttp
import uvloop
from prometheus_client.parser import text_string_to_metric_families

from perf.load.drive import JOBS, Driver
from perf.load.ground import Service, ground
from perf.load.options import seconds_of
from perf.load.section import Section
from perf.load.shapes import SCENARIOS, shape_of
from perf.report import Result
from perf.servers.database import KINDS
from perf.servers.valkey import a_valkey
from perf.torture.ground import Ground
from perf.torture.grounds import a_ground
from perf.validate.probe import Windows

SHAPE = "stress"
ERRORS_PERCENT = 1.0
SETTLES_WITHIN_S = 60.0
LOOK_EVERY_S = 0.25
WITHIN = aiohttp.ClientTimeout(total=10)
USUAL = frozenset(
    ("auditor", "cacher", "claimer", "fetcher", "governor", "meter", "persister", "renewer", "rescuer", "server")
) | {"suspect_fetcher", "watchdog"}
ON_A_SERVER, WITH_REDIS = frozenset({"listener"}), frozenset({"subscriber", "tender"})


@dataclass(slots=True, kw_only=True)
class Seen:
    """Of one run."""

    windows: Windows
    section: Section
    restarts: Mapping[str, int] = field(default_factory=dict)
    """By actor, as the service counts them."""
    counted: int = 0
    """Jobs that came to an end, as the service counts them."""
    acknowledged: int = 0
    ends: Counter[str] = field(default_factory=Counter)
    """What became of those: an end, or what is wrong with it."""
    over: int = 0
    """Jobs in the database that have ended."""


def options(parser: ArgumentParser) -> None:
    parser.add_argument("--every", type=float, default=10.0, help="seconds between two deaths of a kind")
    parser.add_argument("--users", type=int, default=SCENARIOS[SHAPE].users, help="at most")
    parser.add_argument("--duration", type=seconds_of, default=SCENARIOS[SHAPE].lasts_s, help="60s, 10m")
    parser.add_argument("--database", choices=KINDS, default=KINDS[0])
    parser.add_argument(
        "--uptime", type=float, default=99.9, help="the bar: seconds in which health answers, in percent"
    )
    parser.add_argument("--redis", action="store_true", help="with a Redis beside the daemon")


def run(args: Namespace) -> Result:
    with ExitStack() as stack:
        folder = Path(stack.enter_context(TemporaryDirectory(prefix="cfscraper-deaths-")))
        where = stack.enter_context(a_ground(args.database, folder))
        told = {"REDIS_URL": stack.enter_context(a_valkey()).url} if args.redis else {}
        seen = uvloop.run(_seen(args, where, told, folder))
    return Result(scenario="deaths", settings=vars(args), numbers=_numbers(seen), broken=_broken(seen, args))


async def _seen(args: Namespace, where: Ground, told: Mapping[str, str], folder: Path) -> Seen:
    service = Service(module="perf.torture.mortal", args=(str(args.every), "serve"), told=told)
    usual = Namespace(site=None, host=None, pid=None)
    shape = shape_of(SHAPE, users=args.users, lasts_s=args.duration)
    async with (
        ground(usual, database=where.url, service=service) as daemon,
        aiohttp.ClientSession(timeout=WITHIN) as client,
    ):
        driver = Driver(ground=daemon, stop=asyncio.Event(), ui=False, api_key=None)
        windows = Windows(client=client, url=daemon.url, faults=Counter())
        async with TaskGroup() as group:
            probing = group.create_task(windows.run())
            is_complete = await driver.drive(shape, folder)
            probing.cancel()
        await _settle(client, daemon.url)
        section = Section.read(folder, shape=shape, is_complete=is_complete)
        seen = Seen(windows=windows, section=section)
        await _ask(client, daemon.url, seen)
    await _audit(where, (folder / JOBS).read_text().split(), seen)
    return seen


async def _settle(client: aiohttp.ClientSession, url: str) -> None:
    """Until all is over; deaths go on meanwhile. What is not over in time will be found open."""
    ends_at = perf_counter() + SETTLES_WITHIN_S
    while perf_counter() < ends_at:
        async with client.get(f"{url}/api/v1/jobs/queue/status") as answer:
            queue = await answer.json()
        if queue["queue_size"] + queue["running_jobs"] == 0:
            return
        await asyncio.sleep(LOOK_EVERY_S)


async def _ask(client: aiohttp.ClientSession, url: str, seen: Seen) -> None:
    async with client.get(f"{url}/metrics") as answer:
        families = list(text_string_to_metric_families(await answer.text()))
    samples = [sample for family in families for sample in family.samples]
    restarts = {each.labels["actor"]: int(each.value) for each in samples if each.name == "actor_restarts_total"}
    seen.restarts = {name: times for name, times in sorted(restarts.items()) if times}
    seen.counted = sum(int(each.value) for each in samples if each.name == "jobs_total")


async def _audit(where: Ground, jobs: list[str], seen: Seen) -> None:
    """Of a database whose daemon has ended."""
    seen.acknowledged = len(jobs)
    async with where.opened() as store:
        counts = await store.counts()
        seen.over = sum(number for status, number in counts.items() if status.is_final)
        for job_id in jobs:
            job = await store.get(job_id)
            if job is None:
                seen.ends["lost"] += 1
            elif not job.status.is_final:
                seen.ends["open"] += 1
            else:
                seen.ends["doubled" if job.attempts > 1 else str(job.error_type or job.status)] += 1


def _kinds(args: Namespace) -> frozenset[str]:
    on_a_server = ON_A_SERVER if args.database == "postgres" else frozenset[str]()
    return USUAL | on_a_server | (WITH_REDIS if args.redis else frozenset())


def _numbers(seen: Seen) -> dict[str, Any]:
    told = seen.section.numbers()
    calls = {name: told[name] for name in ("seconds", "users_most", "requests", "failures", "refused", "faults")}
    return {
        **calls,
        "windows": seen.windows.asked,
        "answered": seen.windows.answered,
        "unanswered": dict(seen.windows.faults),
        "restarts": dict(seen.restarts),
        "acknowledged": seen.acknowledged,
        "ends": dict(seen.ends),
        "in_the_database": seen.over,
        "counted": seen.counted,
        "p95_ms": {name: call["p95_ms"] for name, call in told["calls"].items()},
        "server": told["server"],
    }


def _broken(seen: Seen, args: Namespace) -> list[str]:
    told = seen.section.numbers()
    uptime = 100 * seen.windows.answered / max(seen.windows.asked, 1)
    errors = 100 * (told["failures"] + told["refused"]) / max(told["requests"], 1)
    wrong = {end: number for end, number in seen.ends.items() if end != "completed"}
    alive = sorted(_kinds(args) - seen.restarts.keys())
    broken = [
        (uptime < args.uptime, f"up in {uptime:.2f} % of the seconds: {dict(seen.windows.faults)}"),
        (errors >= ERRORS_PERCENT, f"{errors:.2f} % of the calls failed or were refused: {told['faults']}"),
        (bool(wrong), f"of {seen.acknowledged} acknowledged jobs: {wrong}"),
        (seen.counted != seen.over, f"{seen.counted} ends of jobs were counted, {seen.over} are in the database"),
        (bool(alive), f"never killed: {', '.join(alive)}"),
        (not told["is_complete"], "the users did not come to their end"),
    ]
    return [sentence for is_broken, sentence in broken if is_broken]
