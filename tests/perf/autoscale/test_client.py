"""Promises that a real daemon made, and what became of them."""

import asyncio
from datetime import timedelta
from pathlib import Path

from perf.autoscale.client import client
from perf.load.ground import environment
from perf.origin.server import serving
from perf.process import running

LONG = timedelta(seconds=25)


async def test_every_acknowledged_job_is_accounted_for_but_those_that_were_cancelled(tmp_path: Path) -> None:
    told = environment(f"sqlite:///{tmp_path / 'jobs.db'}")
    async with (
        serving() as site,
        running("actors", ("serve",), env=told, starts_within=LONG) as daemon,
        client(api=daemon.url, site=site, late_ms=1) as mine,
        client(api=daemon.url, site=site, late_ms=60_000) as stuck,
    ):
        await mine.one()
        await mine.many(3)
        (batch,) = await stuck.many(3, parallel_limit=1)
        waiting = await stuck.account()
        assert (waiting.acknowledged, waiting.open, waiting.lost, waiting.completed) == (3, 3, 0, 0)
        await stuck.cancel(batch)
        assert not stuck.acknowledged
        async with asyncio.timeout(20):
            while (account := await mine.account()).open:
                pass
        assert (account.acknowledged, account.completed, account.lost, account.failed) == (4, 4, 0, 0)
        assert account.listed == account.counted == 4
        assert len(account.waits) == 1
