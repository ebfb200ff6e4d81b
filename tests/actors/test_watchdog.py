"""The watchdog, and what it holds back: claims wait while memory is short, and go on when it is at ease."""

import asyncio

from actors.watchdog import PERIOD_S
from engine.jobs.outcome import Outcome
from engine.jobs.status import Status
from engine.runtime import Pressure
from tests.actors.stage import Troubled, jobs, on_stage, submission
from tests.conftest import eventually


class Guarding:
    """Counts looks; the one it is told to fail over crashes who looks."""

    def __init__(self) -> None:
        self.pressure = Pressure()
        self.looks = 0
        self.fails_at = 0

    async def look(self) -> None:
        self.looks += 1
        if self.looks == self.fails_at:
            raise RuntimeError


async def plain(name: str) -> Outcome | None:  # noqa: ARG001 - the port's
    return None


async def test_it_looks_twice_a_second_and_goes_on_after_a_crash() -> None:
    guard = Guarding()
    guard.fails_at = 5
    async with on_stage(Troubled(), plain, guard=guard) as stage:
        await asyncio.sleep(100 * PERIOD_S)
        assert 95 <= guard.looks <= 102
        assert stage.restarts == 1


async def test_while_claiming_is_paused_nothing_is_claimed_what_is_in_hand_ends_and_all_goes_on_after() -> None:
    guard, goes_on = Guarding(), asyncio.Event()

    async def waits(name: str) -> Outcome | None:
        if name == "slow":
            await goes_on.wait()
        return None

    async with on_stage(Troubled(), waits, guard=guard) as stage:
        first, *others = jobs("slow", "a", "b")
        await stage.system.commit(submission(first))
        await eventually(lambda: stage.web.inside == ["slow"])
        guard.pressure.pause()
        await asyncio.sleep(2.0)
        await stage.system.commit(submission(*others))
        before = stage.store.calls.count("claim")
        goes_on.set()
        assert (await stage.final(first.id)).status is Status.COMPLETED
        await asyncio.sleep(600.0)
        assert stage.store.calls.count("claim") == before
        guard.pressure.ease()
        for job in others:
            assert (await stage.final(job.id)).status is Status.COMPLETED


async def test_a_drain_does_not_wait_for_memory() -> None:
    guard = Guarding()
    async with on_stage(Troubled(), plain, guard=guard) as stage:
        guard.pressure.pause()
        await stage.system.commit(submission(*jobs("a")))
        await asyncio.sleep(5.0)
    assert stage.is_empty_handed
