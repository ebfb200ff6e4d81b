"""Has a leak of 1 MB per 1,000 pages found, in a real daemon under a steady load: by its trend, then by its line.

`--clean` is the same daemon without the leak, which must raise no alarm; in an hour it must not rise by 5 MB an hour or
more over the second half, whose slope is known with 95 %.
"""

import asyncio
import re
from argparse import ArgumentParser, Namespace
from contextlib import aclosing
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from time import monotonic
from typing import Any

import aiohttp
import uvloop

from engine.memory.trend import Trend, trend
from engine.storage.migrate import migrate
from perf.leaks import daemon as leaky
from perf.leaks.load import WITHIN, loaded
from perf.process import ModuleProcess, running
from perf.report import Result

LEAKED_BYTES = 1049
"""Of each page: 1 MB per 1,000 pages."""
ALARMS = re.compile(r"^memory_leaks_detected_total (\S+)$", re.MULTILINE)
LOOKS_S = 30
BUCKET_S = 60.0
"""What is held at the least in each minute is compared, not what pages in flight add to it."""
JUDGED_FROM_MINUTES = 60.0
MOST_MB_PER_HOUR = 5.0


def options(parser: ArgumentParser) -> None:
    parser.add_argument("--rate", type=int, default=60, help="pages a second")
    parser.add_argument("--minutes", type=float, default=10.0, help="of load, at the most")
    parser.add_argument("--clean", action="store_true", help="plant nothing, and wait for no alarm")


def run(args: Namespace) -> Result:
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        return runner.run(_watched(args))


@dataclass(slots=True)
class Seen:
    """What was found, and when."""

    began_at: float = field(default_factory=monotonic)
    alarm_s: float | None = None
    lines: list[dict[str, Any]] = field(default_factory=list)
    rss: list[tuple[float, float]] = field(default_factory=list)
    """Seconds since it began, and bytes."""

    def rises_mb_per_hour(self) -> Trend | None:
        """Over the second half; None where that has fewer than four whole minutes."""
        least: dict[int, float] = {}
        for at, height in self.rss:
            minute = int(at / BUCKET_S)
            least[minute] = min(height, least.get(minute, height))
        points = [(minute * BUCKET_S / 3600, height / 1e6) for minute, height in sorted(least.items())]
        judged = points[len(points) // 2 :]
        return trend(judged) if len(judged) >= 4 else None


async def _watched(args: Namespace) -> Result:
    with TemporaryDirectory() as folder:
        url = f"sqlite:///{Path(folder) / 'leak.db'}"
        migrate(url)
        environment = {"DATABASE_URL": url, "PORT": "0", "LOG_FORMAT": "json"}
        environment |= {"LEAKED_BYTES": "0" if args.clean else str(LEAKED_BYTES)}
        async with (
            running("perf", ("origin",)) as site,
            running("perf.leaks.daemon", ("serve",), env=environment) as daemon,
            aiohttp.ClientSession(timeout=WITHIN) as client,
        ):
            seen = await _seen(client, daemon, site.url, args)
    return Result(scenario="leak", settings=vars(args), numbers=_numbers(seen), broken=_broken(seen, args))


async def _seen(client: aiohttp.ClientSession, daemon: ModuleProcess, site: str, args: Namespace) -> Seen:
    """Until there is an alarm and its line is known, or until time is up."""
    seen, rates = Seen(), [(args.rate, args.minutes * 60)]
    async with (
        asyncio.TaskGroup() as beside,
        aclosing(loaded(client, api=f"{daemon.url}/api/v1", site=site, rates=rates)) as load,
    ):
        async for _ in load:
            seen.rss.append((monotonic() - seen.began_at, daemon.sample().rss_bytes))
            if seen.alarm_s is None and await _alarms(client, daemon):
                seen.alarm_s = monotonic() - seen.began_at
                looking = beside.create_task(_snapshot(client, daemon, seen))
            if seen.alarm_s is not None and looking.done():
                break
    return seen


async def _alarms(client: aiohttp.ClientSession, daemon: ModuleProcess) -> float:
    async with client.get(f"{daemon.url}/metrics") as answer:
        found = ALARMS.search(await answer.text())
    return float(found[1]) if found else 0.0


async def _snapshot(client: aiohttp.ClientSession, daemon: ModuleProcess, seen: Seen) -> None:
    async with client.post(f"{daemon.url}/api/v1/admin/memory/snapshot?seconds={LOOKS_S}") as answer:
        answer.raise_for_status()
        seen.lines = (await answer.json())["grown"]


def _numbers(seen: Seen) -> dict[str, Any]:
    top, rises = seen.lines[0] if seen.lines else {}, seen.rises_mb_per_hour()
    return {
        "alarm_after_s": seen.alarm_s and round(seen.alarm_s),
        "rss_mib_first_last": [round(seen.rss[at][1] / 2**20, 1) for at in (0, -1)],
        "rises_mb_per_hour": rises and [round(bound, 2) for bound in (rises.low, rises.slope, rises.high)],
        "load_s": round(monotonic() - seen.began_at),
        "top_line": f"{top['file']}:{top['line']}" if top else None,
        "top_line_bytes": top.get("size_bytes"),
    }


def _broken(seen: Seen, args: Namespace) -> list[str]:
    if args.clean:
        return _not_clean(seen, args.minutes)
    if seen.alarm_s is None:
        return ["the leak was not found in time"]
    is_named = seen.lines and (seen.lines[0]["file"], seen.lines[0]["line"]) == leaky.PLANTED_AT
    return [] if is_named else ["the snapshot does not name the line that leaks first"]


def _not_clean(seen: Seen, minutes: float) -> list[str]:
    if seen.alarm_s is not None:
        return [f"a daemon that does not leak raised an alarm after {seen.alarm_s} s"]
    rises = seen.rises_mb_per_hour()
    if minutes < JUDGED_FROM_MINUTES or (rises and rises.high < MOST_MB_PER_HOUR):
        return []
    return [f"it is not certain that it rises by less than {MOST_MB_PER_HOUR} MB an hour"]
