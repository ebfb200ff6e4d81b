"""Restarts each process of a fleet in turn under load, and counts what its users and its jobs noticed.

A balancer stands in front that follows /ready and tries nothing twice. A restarted process keeps its port, and the next
is restarted once the balancer knows that it is ready; a worker is asked for nothing, so it is not behind the balancer.
"""

import asyncio
from argparse import ArgumentParser, Namespace
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from random import Random
from statistics import median
from tempfile import TemporaryDirectory, mkdtemp
from typing import Any

import aiohttp
import uvloop

from engine.runtime import ticks
from engine.storage.migrate import migrate
from perf.process import running
from perf.report import Result
from perf.rolling.balancer import Balancer, balancing
from perf.rolling.clients import ANSWERS_WITHIN, Clients
from perf.rolling.seat import Seat, Start, a_seat
from perf.servers.postgres import a_postgres
from perf.torture.audit import Verdict, audited
from perf.torture.server import ServerGround

ROLES = ("all", "api", "worker")
SETTLES_WITHIN_S = 60.0
LOOK_EVERY_S = 0.1
SHOWN = 5
POOL = {"DB_POOL_SIZE": "8", "DB_MAX_OVERFLOW": "8"}


def options(parser: ArgumentParser) -> None:
    parser.add_argument("--roles", nargs="+", choices=ROLES, default=["all"] * 4, help="a process each")
    parser.add_argument("--rounds", type=int, default=2, help="how often each is restarted")
    parser.add_argument("--clients", type=int, default=10)
    parser.add_argument("--between", type=float, default=1.0, help="seconds from one restart to the next")
    parser.add_argument("--ready-bar", type=float, default=3.0, help="seconds from a start to ready")
    parser.add_argument(
        "--exit-bar", type=float, default=25.0, help="DRAIN_GRACE_SECONDS, and from SIGTERM to the exit"
    )
    parser.add_argument("--seed", type=int, default=0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """What there is to tell when all is over."""

    seats: Sequence[Seat]
    balancer: Balancer
    clients: Clients
    verdict: Verdict

    @property
    def restarts(self) -> Sequence[Start]:
        """Without the first processes, which start all at once."""
        return [each for seat in self.seats for each in seat.starts[1:]]

    @property
    def slowest_s(self) -> float:
        return max(each.took_s for each in self.restarts)

    @property
    def exits_s(self) -> Sequence[float]:
        return [each for seat in self.seats for each in seat.exit_s]

    @property
    def bad_codes(self) -> Sequence[int]:
        return [code for seat in self.seats for code in seat.codes if code]


def run(args: Namespace) -> Result:
    with a_postgres() as server, TemporaryDirectory() as folder:
        ground = ServerGround(server)
        migrate(ground.url)
        seen = uvloop.run(_rolled(args, ground, Path(folder)))
    return Result(scenario="rolling", settings=vars(args), numbers=_numbers(seen), broken=_broken(seen, args))


async def _rolled(args: Namespace, ground: ServerGround, folder: Path) -> Seen:
    told = {"DATABASE_URL": ground.url, "LOG_FORMAT": "json", "DRAIN_GRACE_SECONDS": str(args.exit_bar), **POOL}
    async with AsyncExitStack() as stack:
        site = await stack.enter_async_context(running("perf", ("origin", f"--seed={args.seed}")))
        places = [a_seat(role, Path(mkdtemp(dir=folder)), told) for role in args.roles]
        seats = [await stack.enter_async_context(place) for place in places]
        await asyncio.gather(*(seat.begin() for seat in seats))
        asked = [seat.backend for seat in seats if seat.role != "worker"]
        session = await stack.enter_async_context(aiohttp.ClientSession(timeout=ANSWERS_WITHIN))
        async with balancing(asked, random=Random(args.seed)) as balancer:
            await balancer.sees_all()
            clients = Clients(url=balancer.url, site=site.url, seed=args.seed, session=session)
            async with _at_work(clients, args.clients):
                for _ in range(args.rounds):
                    await _restart_each(seats, balancer, args.between)
            await _settled(clients)
        await asyncio.gather(*(seat.end() for seat in seats))
        verdict = await audited(ground, clients.accounts, site.url)
    return Seen(seats=seats, balancer=balancer, clients=clients, verdict=verdict)


@asynccontextmanager
async def _at_work(clients: Clients, number: int) -> AsyncIterator[None]:
    async with asyncio.TaskGroup() as group:
        group.create_task(clients.run(number))
        try:
            yield
        finally:
            clients.stop()


async def _restart_each(seats: Sequence[Seat], balancer: Balancer, between_s: float) -> None:
    for seat in seats:
        await asyncio.sleep(between_s)
        await seat.end()
        await seat.begin()
        await balancer.sees_all()


async def _settled(clients: Clients) -> None:
    """What is not by then is told by the audit as stuck."""
    with suppress(TimeoutError):
        async with asyncio.timeout(SETTLES_WITHIN_S):
            async for _ in ticks(LOOK_EVERY_S):
                if await clients.is_settled():
                    return


def _numbers(seen: Seen) -> dict[str, Any]:
    """`sent_late` are the requests that went to a process after its SIGTERM.

    `strayed` are looks at a process that was to be ready, and was not.
    `ready_unwaited_s` is without the time for which others had the processor.
    """
    wrong, accounts = seen.verdict.wrong, seen.clients.accounts
    return {
        "requests": seen.clients.requests.total(),
        "failed": len(seen.clients.failed),
        "refused": seen.clients.refused.total(),
        "sent_late": sum(seat.backend.sent_late for seat in seen.seats),
        "strayed": len(seen.balancer.strayed),
        "heard_s_most": round(max(seen.balancer.heard_s, default=0.0), 2),
        "acknowledged": len(accounts.promised),
        "ends": dict(seen.verdict.ends),
        **{what: len(wrong[what]) for what in ("lost", "doubled", "stuck", "spoiled")},
        "restarts": len(seen.restarts),
        "ready_s": round(median(each.took_s for each in seen.restarts), 2),
        "ready_s_most": round(seen.slowest_s, 2),
        "ready_cpu_s": round(median(each.cpu_s for each in seen.restarts), 2),
        "ready_unwaited_s": round(median(each.took_s - each.waited_s for each in seen.restarts), 2),
        "ready_unwaited_s_most": round(max(each.took_s - each.waited_s for each in seen.restarts), 2),
        "exit_s": round(median(seen.exits_s), 2),
        "exit_s_most": round(max(seen.exits_s), 2),
        "asked": dict(seen.clients.requests),
    }


def _broken(seen: Seen, args: Namespace) -> list[str]:
    failed = seen.clients.failed
    broken = seen.verdict.broken()
    if failed:
        saw = seen.balancer.failed[:SHOWN] + seen.balancer.strayed[:SHOWN]
        broken.append(f"{len(failed)} requests failed: {failed[:SHOWN]}; the balancer saw {saw}")
    if seen.bad_codes:
        broken.append(f"exit codes {seen.bad_codes}")
    if seen.slowest_s > args.ready_bar:
        broken.append(f"a start took {seen.slowest_s:.2f} s, more than {args.ready_bar}")
    if max(seen.exits_s) > args.exit_bar:
        broken.append(f"an exit took {max(seen.exits_s):.2f} s, more than {args.exit_bar}")
    return broken
