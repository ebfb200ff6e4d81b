"""One database under torture, and the many lives of the daemons that work in it."""

import asyncio
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from random import Random
from time import perf_counter

import aiohttp

from engine.jobs.losses import POISON_AFTER, put_off_s
from perf.process import running, started
from perf.torture.accounts import Accounts
from perf.torture.deaths import Death, kill, kill_after, kill_after_write
from perf.torture.errands import Errands
from perf.torture.ground import Ground
from perf.torture.traffic import Traffic, look

LONGEST_LIFE_S = 0.6
LONGEST_START_S = 1.0
LONGEST_WRITE_S = 0.001
LONGEST_BURST_S = 0.03
"""From the first byte of a burst of submits to its answer, on a machine with nothing else to do about half of that."""
LATE_S = 5.0
"""What a job may take beyond a lease after the last restart."""
LEAST_RATE = 100
"""Jobs a second that any machine settles: what more of a backlog takes is not late."""
LOOK_EVERY_S = 0.05
MACHINES = 3
"""On a server, a process knows only of those that died on its own; the leases of others have to end."""


class Campaign:
    """`back_s` are the seconds from each start to readiness, `inside` counts the kills that hit a write's middle."""

    def __init__(self, *, ground: Ground, folder: Path, site: str, seed: int, lease_s: float) -> None:
        """`folder` is for what the daemons keep on their machines."""
        self.accounts = Accounts()
        self.back_s: list[float] = []
        self.inside: Counter[str] = Counter()
        self.damaged: list[str] = []
        self.backlog = self.suspects = 0
        """What was left to do when all deaths were over."""
        self._ground = ground
        self._machines = [folder / f"machine-{number}" for number in range(MACHINES)]
        for machine in self._machines:
            machine.mkdir()
        self._site = site
        self._lease_s = lease_s
        self._random = Random(seed)
        self._errands = Errands(seed=seed, random=self._random)
        self._environment = {
            "DATABASE_URL": ground.url,
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
        self.inside["commits"] += self._ground.torn()

    async def end(self) -> int:
        """One last life, in peace: how many jobs are not settled in time.

        Suspects have as much longer as the last of them may be put off (engine.jobs.losses); all others have not: the
        half of the time that suspects may take (engine.runtime.gate) leaves them faster than LEAST_RATE.
        """
        async with (
            running("actors", ("serve",), env=self._told()) as daemon,
            aiohttp.ClientSession() as session,
        ):
            self.backlog = await self._ground.unsettled(suspects=False)
            self.suspects = await self._ground.unsettled(suspects=True)
            until = perf_counter() + self._lease_s + LATE_S + self.backlog / LEAST_RATE
            longer_s = put_off_s(POISON_AFTER - 1, before=self.suspects)
            late = 0
            if not await _is_settled(session, daemon.url, until):
                late += await self._ground.unsettled(suspects=False)
                await _is_settled(session, daemon.url, until + longer_s)
                late += await self._ground.unsettled(suspects=True)
            for job_id in self.accounts.seen_ended():
                await look(session, f"{daemon.url}/api/v1", job_id, self.accounts)
        return late

    async def _live(self, death: Death) -> None:
        began = perf_counter()
        async with started("actors", ("serve",), env=self._told()) as daemon:
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
            await asyncio.to_thread(kill_after_write, pid, self._ground.log, wait * LONGEST_WRITE_S)

    async def _start(self) -> None:
        async with started("actors", ("serve",), env=self._told()) as daemon:
            await asyncio.sleep(self._random.random() * LONGEST_START_S)
            kill(daemon.pid)

    async def _migrate(self) -> None:
        is_inside, findings = await self._ground.killed_migrating(self._told(), self._random)
        self.inside["migrations"] += is_inside
        self.damaged += findings

    def _told(self) -> Mapping[str, str]:
        """A life's environment, on any of the machines."""
        return {**self._environment, "TMPDIR": str(self._random.choice(self._machines))}

    def _traffic(self, url: str) -> Traffic:
        return Traffic(url=url, site=self._site, errands=self._errands, accounts=self.accounts, random=self._random)


async def _is_settled(session: aiohttp.ClientSession, url: str, until: float) -> bool:
    """False if there is anything left by then."""
    while perf_counter() < until:
        async with session.get(f"{url}/api/v1/jobs/queue/status") as answer:
            figures = await answer.json()
        if not figures["queue_size"] + figures["running_jobs"]:
            return True
        await asyncio.sleep(LOOK_EVERY_S)
    return False
