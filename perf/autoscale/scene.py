"""Where a test takes place here: PostgreSQL, an api, workers as pods, the site. Simulated is the cluster alone.

What was started has ended when it is left.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, replace
from typing import Protocol

import aiohttp

from perf.autoscale.autoscaler import Autoscaler
from perf.autoscale.controller import SYNC_S, Controller
from perf.autoscale.gauges import Gauges, gauges
from perf.autoscale.manifest import Scaler
from perf.autoscale.pods import STARTS_WITHIN, Pods, ready
from perf.autoscale.record import Account, Record, Standing
from perf.load.ground import environment
from perf.process import running

SLOTS = 4
LATE_MS = 1000
SCRAPE_S = 15.0


class Scene(Protocol):
    """What a test meets."""

    api: str
    site: str
    late_ms: int

    async def standing(self) -> Standing: ...

    async def judged(self, account: Account) -> Account:
        """With what the site itself has counted."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What is played here: `scaler` as the manifest has it, and by how much its times are divided."""

    scaler: Scaler
    speed: float
    replicas: int
    prometheus: bool


class Played:
    """On this machine."""

    def __init__(self, *, api: str, site: str, autoscaler: Autoscaler) -> None:
        self.api = api
        self.site = site
        self.late_ms = LATE_MS
        self._autoscaler = autoscaler

    async def standing(self) -> Standing:
        return self._autoscaler.standing()

    async def judged(self, account: Account) -> Account:
        async with aiohttp.ClientSession() as http, http.get(f"{self.site}/counted") as answer:
            told = await answer.json()
        return replace(account, site_missed=max(account.completed - told["addresses"], 0), site_again=told["again"])


@asynccontextmanager
async def played(plan: Plan, database: str, record: Record, now: Callable[[], float]) -> AsyncIterator[Played]:
    """With so many workers ready, and the controller at work."""
    told = told_to_pods(database)
    async with AsyncExitStack() as stack:
        site = await stack.enter_async_context(running("perf", ("origin",), starts_within=STARTS_WITHIN))
        api = await stack.enter_async_context(
            running("actors", ("serve", "--role=api"), env=told, starts_within=STARTS_WITHIN)
        )
        await ready(api.url)
        group = await stack.enter_async_context(asyncio.TaskGroup())
        pods = Pods(environment=told, group=group, fault=record.faults.append)
        pods.scale(plan.replicas)
        every_s = SCRAPE_S / plan.speed if plan.prometheus else None
        source = await stack.enter_async_context(gauges(every_s=every_s, urls=lambda: [api.url, *pods.ready]))
        await _all_ready(pods)
        autoscaler = _autoscaler(plan, pods, source, record, now)
        at_work = group.create_task(autoscaler.run())
        try:
            yield Played(api=api.url, site=site.url, autoscaler=autoscaler)
        finally:
            at_work.cancel()
            pods.scale(0)


def _autoscaler(plan: Plan, pods: Pods, source: Gauges, record: Record, now: Callable[[], float]) -> Autoscaler:
    return Autoscaler(
        controller=Controller(scaler=plan.scaler.sped(plan.speed)),
        pods=pods,
        gauges=source,
        sync_s=SYNC_S / plan.speed,
        record=record,
        now=now,
    )


def told_to_pods(database: str) -> Mapping[str, str]:
    """Few slots and a late site: workers are what is short, not this machine."""
    return {
        **environment(database),
        "MAX_CONCURRENT_JOBS": str(SLOTS),
        "DB_POOL_SIZE": "2",
        "DB_MAX_OVERFLOW": "1",
    }


async def _all_ready(pods: Pods) -> None:
    async with asyncio.timeout(STARTS_WITHIN.total_seconds()):
        while len(pods.ready) < pods.wanted:  # noqa: ASYNC110 - of other processes
            await asyncio.sleep(0.1)
