"""The server's time, as a process knows it that asks for nothing else."""

from random import Random
from time import time

from engine.jobs.command import Cancel
from engine.storage.postgres.clock import TRUSTED_S, ServerClock
from engine.storage.postgres.opening import opened
from tests.contracts.jobs import new_job, submit
from tests.contracts.stores import LIMITS, Hand


async def test_a_clock_of_ours_that_runs_off_misleads_no_command_for_long(url: str, hand: Hand) -> None:
    clock = ServerClock(monotonic=lambda: hand.turned_s)
    async with opened(url, limits=LIMITS, clock=clock, draw=Random(1).random) as store:
        await submit(store, new_job(1))
        hand.turn(TRUSTED_S + 3600.0)
        await store.commit([Cancel(job_id="job_0001")])
        job = await store.get("job_0001")
    assert job is not None
    assert job.completed_at is not None
    assert abs(job.completed_at - time()) < 60.0
