"""Kills the real daemon under load, again and again, and holds the ledger of every 202 against the file that is left.

The moments are drawn from a seed: under load, in commits, while it starts, and in migrations (of files of their own).
The times depend on the machine, so a seed repeats the plan and not the microsecond.
"""

import asyncio
from argparse import ArgumentParser, Namespace
from collections import Counter
from pathlib import Path
from random import Random
from statistics import median
from tempfile import TemporaryDirectory
from time import perf_counter
from typing import Any

import aiohttp
import uvloop

from perf.process import running, started
from perf.report import Result
from perf.torture.accounts import Accounts
from perf.torture.audit import Verdict, audited
from perf.torture.deaths import Death, drawn, kill, kill_after, kill_after_write
from perf.torture.errands import Errands
from perf.torture.migrating import killed_migrating
from perf.torture.traffic import Traffic, look
from perf.torture.wal import is_torn

LONGEST_LIFE_S = 0.6
LONGEST_START_S = 1.0
LONGEST_WRITE_S = 0.001
LONGEST_BURST_S = 0.03
"""From the first byte of a burst of submits to its answer, on a machine with nothing else to do about half of that."""
LATE_S = 5.0
"""What a job may take beyond a lease after the last restart."""
LOOK_EVERY_S = 0.05


class Campaign:
    """One file, many lives."""

    def __init__(self, *, folder: Path, site: str, seed: int, lease_s: float) -> None:
        self.path = folder / "crash.db"
        self.accounts = Accounts()
        self.back_s: list[float] = []
        self.inside: Counter[str] = Counter()
        self.damaged: list[str] = []
        self._folder = folder
        self._site = site
        self._lease_s = lease_s
        self._random = Random(seed)
        self._errands = Errands(seed=seed, random=self._random)
        self._environment = {
            "DATABASE_URL": f"sqlite:///{self.path}",
            "PORT": "0",
            "LOG_FORMAT": "json",
            "LEASE_SECONDS": f"{lease_s}",
        }

    async def suffer(self, death: Death) -> None:
        if death is Death.MIGRATION:
            await self._migrate()
        elif death is Death.START:
            await self._start()
        else:
            await self._live(death)
        self.inside["commits"] += is_torn(self.path.with_name(f"{self.path.name}-wal"))

    async def end(self) -> int:
        """The last life, in peace: how many jobs are not settled in time."""
        async with running("actors", ("serve",), env=self._environment) as daemon:
            began, left = perf_counter(), 1
            async with aiohttp.ClientSession() as session:
                while left and perf_counter() < began + self._lease_s + LATE_S:
                    await asyncio.sleep(LOOK_EVERY_S)
                    left = await _unsettled(session, daemon.url)
                for job_id in self.accounts.seen_ended():
                    await look(session, f"{daemon.url}/api/v1", job_id, self.accounts)
        return left

    async def _live(self, death: Death) -> None:
        began = perf_counter()
        async with started("actors", ("serve",), env=self._environment) as daemon:
            traffic = self._traffic(await daemon.url())
            self.back_s.append(perf_counter() - began)
            async with asyncio.TaskGroup() as group:
                group.create_task(traffic.run())
                await asyncio.sleep(self._random.random() * LONGEST_LIFE_S)
                if death is Death.COMMIT:
                    group.create_task(traffic.burst())
                    await self._strike_a_commit(daemon.pid)
                else:
                    kill(daemon.pid)

    async def _strike_a_commit(self, pid: int) -> None:
        """Either at any moment of the burst, or when something is being written just now."""
        wait = self._random.random()
        if self._random.random() < 0.5:
            await asyncio.to_thread(kill_after, pid, wait * LONGEST_BURST_S)
        else:
            wal = self.path.with_name(f"{self.path.name}-wal")
            await asyncio.to_thread(kill_after_write, pid, wal, wait * LONGEST_WRITE_S)

    async def _start(self) -> None:
        async with started("actors", ("serve",), env=self._environment) as daemon:
            await asyncio.sleep(self._random.random() * LONGEST_START_S)
            kill(daemon.pid)

    async def _migrate(self) -> None:
        with TemporaryDirectory(dir=self._folder) as folder:
            is_inside, findings = await killed_migrating(Path(folder), self._environment, self._random)
        self.inside["migrations"] += is_inside
        self.damaged += findings

    def _traffic(self, url: str) -> Traffic:
        return Traffic(url=url, site=self._site, errands=self._errands, accounts=self.accounts, random=self._random)


def options(parser: ArgumentParser) -> None:
    parser.add_argument("--kills", type=int, default=10)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--lease-seconds", type=float, default=3.0)


def run(args: Namespace) -> Result:
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        return runner.run(_tortured(args))


async def _tortured(args: Namespace) -> Result:
    deaths = drawn(args.kills, Random(args.seed))
    began = perf_counter()
    with TemporaryDirectory() as folder:
        async with running("perf", ("origin", f"--seed={args.seed}")) as site:
            campaign = Campaign(folder=Path(folder), site=site.url, seed=args.seed, lease_s=args.lease_seconds)
            for death in deaths:
                await campaign.suffer(death)
            late = await campaign.end()
            verdict = await audited(campaign.path, campaign.accounts, site.url)
    verdict.wrong["damaged"] += campaign.damaged
    verdict.wrong["late"] += ["after the last restart"] * late
    numbers = {"kills": len(deaths), **_numbers(campaign, verdict), "took_s": round(perf_counter() - began, 1)}
    return Result(scenario="crash", settings=vars(args), numbers=numbers, broken=verdict.broken())


def _numbers(campaign: Campaign, verdict: Verdict) -> dict[str, Any]:
    """`unanswered` jobs are those whose 202 nobody saw; `kept` of them were in the file nevertheless."""
    accounts = campaign.accounts
    kinds = ("lost", "doubled", "stuck", "late", "changed", "failed", "spoiled", "sent twice", "damaged")
    return {
        "acknowledged": len(accounts.promised),
        "unanswered": accounts.unanswered,
        "kept": verdict.total + len(verdict.wrong["lost"]) - len(accounts.promised),
        "ends": dict(verdict.ends),
        **{kind.replace(" ", "_"): len(verdict.wrong[kind]) for kind in kinds},
        "kills_inside": dict(campaign.inside),
        "back_s": round(median(campaign.back_s), 2) if campaign.back_s else None,
        "back_s_most": round(max(campaign.back_s), 2) if campaign.back_s else None,
    }


async def _unsettled(session: aiohttp.ClientSession, url: str) -> int:
    async with session.get(f"{url}/api/v1/jobs/queue/status") as answer:
        figures = await answer.json()
    return int(figures["queue_size"] + figures["running_jobs"])
