"""The rescuer's measure of work: what is left over goes at once, and no job waits for it."""

import asyncio
from contextlib import suppress

from actors.rescuer import LIMIT, PERIOD_S, Rescuer
from engine.errors import StoreAwayError
from engine.jobs.command import Submit
from engine.jobs.ledger import Ledger
from engine.jobs.ports import Heir
from engine.storage.memory import MemoryStore
from tests.contracts.jobs import claim, done, new_job
from tests.contracts.stores import START, Hand
from tests.virtual_time import run_virtual

TTL_S = 60.0


class Watched(MemoryStore):
    """Notes what each measure of tidying comes to; it takes a second."""

    def __init__(self, hand: Hand) -> None:
        super().__init__(clock=hand.clock(), result_ttl_s=TTL_S)
        self._hand = hand
        self.gone: list[int] = []
        self.gone_before: list[int] = []
        """How many measures had gone before each job that was promoted."""

    async def promote(self, limit: int) -> int:
        promoted = await super().promote(limit)
        self.gone_before += [len(self.gone)] * promoted
        return promoted

    async def tidy(self, limit: int) -> int:
        self.gone.append(await super().tidy(limit))
        self._hand.turn(1.0)
        return self.gone[-1]


class Away:
    """An heir whose server is away at first."""

    def __init__(self) -> None:
        self.asked = 0

    async def take_over(self) -> None:
        self.asked += 1
        if self.asked == 1:
            raise StoreAwayError


async def _ticks(store: MemoryStore, count: int, heir: Heir | None = None) -> None:
    task = asyncio.create_task(Rescuer(store=store, ledger=Ledger(), heir=heir).run())
    await asyncio.sleep((count + 0.5) * PERIOD_S)
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task


async def _with_results(hand: Hand, jobs: int) -> Watched:
    store = Watched(hand)
    await store.commit([Submit(jobs=tuple(map(new_job, range(jobs))))])
    await store.settle([done(lease) for lease in await claim(store, jobs)])
    hand.turn(TTL_S)
    return store


def test_a_backlog_of_results_goes_within_one_tick() -> None:
    async def story() -> None:
        store = await _with_results(Hand(), 2 * LIMIT + 1)
        await _ticks(store, 1)
        assert store.gone == [LIMIT, LIMIT, 1]

    run_virtual(story())


def test_a_job_that_comes_due_does_not_wait_for_a_backlog_to_go() -> None:
    async def story() -> None:
        hand = Hand()
        store = await _with_results(hand, 2 * LIMIT)
        due_at = START + TTL_S + 0.5  # after the first measure
        await store.commit([Submit(jobs=(new_job(9999, due_at=due_at),))])
        await _ticks(store, 1)
        assert (store.gone, store.gone_before) == ([LIMIT, LIMIT, 0], [1])

    run_virtual(story())


def test_what_the_dead_left_is_looked_for_at_each_tick_and_jobs_are_promoted_although_the_server_was_away() -> None:
    async def story() -> None:
        store, heir = Watched(hand := Hand()), Away()
        await store.commit([Submit(jobs=(new_job(0, due_at=START + 0.5),))])
        hand.turn(1.0)
        await _ticks(store, 3, heir)
        assert (heir.asked, len(store.gone_before)) == (3, 1)

    run_virtual(story())
