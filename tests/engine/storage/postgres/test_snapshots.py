"""Somebody's old snapshot is told of, for as long as it is kept."""

from random import Random
from time import monotonic

import asyncpg

from engine.storage.migrate import migrate
from engine.storage.postgres.clock import ServerClock
from engine.storage.postgres.limits import PoolLimits
from engine.storage.postgres.opening import opened
from tests.engine.storage.postgres.watching import Watch
from tests.servers.postgres import fresh_database, new_database

AGE = "SELECT extract(epoch FROM clock_timestamp() - now())::float8"


async def test_the_age_of_the_oldest_snapshot_is_told_while_somebody_keeps_one() -> None:
    watch, limits = Watch(), PoolLimits(size=1)
    async with fresh_database(template=new_database(migrate)) as url:
        clock = ServerClock(monotonic=monotonic)
        async with opened(url, limits=limits, clock=clock, draw=Random(1).random, watch=watch) as store:
            other = await asyncpg.connect(url, timeout=5)
            async with other.transaction(isolation="repeatable_read"):
                before = await other.fetchval(AGE)
                await store.tidy(1)
                after = await other.fetchval(AGE)
            await other.close(timeout=5)
            await store.tidy(1)
    held, alone = watch.snapshots
    assert before < held < after
    assert alone < before
