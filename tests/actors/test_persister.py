"""The persister over a store that fails: what is waited for, what is let go, and that nothing stays in hand."""

import asyncio
from collections.abc import Callable, Sequence

import pytest

from actors.persister import BATCH_BYTES, TRIES
from engine.errors import RefusedDataError, StoreDamagedError, StoreError, StoreFullError
from engine.jobs.command import Command, KeepChunk
from engine.jobs.losses import POISON_AFTER
from engine.jobs.outcome import ErrorType
from engine.jobs.ports import Answer
from engine.jobs.query import Settled
from engine.jobs.status import Status
from engine.jobs.verdict import Failed, Settlement
from tests.actors.stage import Stage, Troubled, Unmoved, jobs, on_stage, submission
from tests.contracts.jobs import LEASE_S, new_job, submit


def times(count: int, error: type[StoreError]) -> Callable[[], StoreError | None]:
    left = [error] * count
    return lambda: left.pop()() if left else None


class Slow(Troubled):
    """A commit takes its time, whatever is in it."""

    COMMIT_S = 0.01

    def __init__(self) -> None:
        super().__init__()
        self.sizes: list[int] = []

    async def commit(self, commands: Sequence[Command]) -> Sequence[Answer]:
        self.sizes.append(len(commands))
        await asyncio.sleep(self.COMMIT_S)
        return await super().commit(commands)


class Refusing(Troubled):
    """Refuses whatever is to be settled of some jobs, also that they failed."""

    def __init__(self, *job_ids: str) -> None:
        super().__init__()
        self._refused = frozenset(job_ids)

    async def settle(self, settlements: Sequence[Settlement]) -> Sequence[Settled]:
        ends = await super().settle([each for each in settlements if each.lease.job_id not in self._refused])
        if len(ends) < len(settlements):
            raise RefusedDataError
        return ends


class Remembering(Unmoved):
    """Of settlements that were not accepted: which, and why it is said that they failed."""

    def __init__(self) -> None:
        self.refused: list[tuple[str, str]] = []

    async def settled(self, settlements: Sequence[Settlement], ends: Sequence[Settled]) -> None:
        for each, end in zip(settlements, ends, strict=True):
            if not end.accepted and isinstance(each.verdict, Failed):
                self.refused.append((each.lease.job_id, each.verdict.message))


async def at_once(_: str) -> None:
    await asyncio.sleep(0.1)


async def test_outcomes_wait_for_others_no_longer_than_there_are_some_to_wait_for() -> None:
    async def one_after_the_other(name: str) -> None:
        await asyncio.sleep(0.1 + int(name) / 1000)

    store = Troubled()
    await submit(store, *jobs(*map(str, range(8))))
    async with on_stage(store, one_after_the_other, concurrency=8) as stage:
        began = asyncio.get_running_loop().time()
        for number in range(8):
            await stage.final(f"job_{number:04}")
        assert asyncio.get_running_loop().time() - began == pytest.approx(0.107)
        assert store.calls.count("settle") == 1


async def test_asks_over_which_persister_after_persister_dies_get_an_error_and_the_next_is_served() -> None:
    store = Troubled()
    store.fails["commit"] = times(TRIES + 1, StoreError)
    async with on_stage(store, at_once) as stage:
        with pytest.raises(StoreError, match="again and again"):
            await stage.system.commit(submission(*jobs("a")))
        assert await store.get("job_0000") is None
        await stage.system.commit(submission(*jobs("a")))
        assert (await stage.final("job_0000")).status is Status.COMPLETED
        assert (stage.restarts, stage.is_empty_handed) == (TRIES + 1, True)


async def test_asks_are_answered_when_a_successor_lives() -> None:
    store = Troubled()
    store.fails["commit"] = times(TRIES, StoreError)
    async with on_stage(store, at_once) as stage:
        await stage.system.commit(submission(*jobs("a")))
        assert (await stage.final("job_0000")).attempts == 1


async def test_outcomes_over_which_persister_after_persister_dies_are_given_back_and_fetched_again() -> None:
    store = Troubled()
    store.fails["settle"] = times(TRIES + 1, StoreError)
    await submit(store, *jobs("a", "b"))
    async with on_stage(store, at_once) as stage:
        ended = [await stage.final(f"job_000{number}") for number in range(2)]
        assert [(job.status, job.attempts, job.fence, job.losses) for job in ended] == [(Status.COMPLETED, 1, 2, 0)] * 2
        assert (stage.restarts, stage.is_empty_handed) == (TRIES + 1, True)


async def test_an_outcome_that_is_let_go_is_not_asked_for_again_if_it_must_not_be() -> None:
    store = Troubled()
    store.fails["settle"] = times(TRIES + 1, StoreError)
    await submit(store, *jobs("a", method="POST"))
    async with on_stage(store, at_once) as stage:
        job = await stage.final("job_0000")
        assert (job.status, job.error_type) == (Status.FAILED, ErrorType.CONNECTION_LOST)
        assert [name for name, _ in stage.notes.all] == ["job_0000"]
        assert stage.is_empty_handed


async def test_an_outcome_that_is_refused_and_that_it_failed_too_is_let_go_and_told_of_once() -> None:
    store, told = Refusing("job_0001"), Remembering()
    await submit(store, *jobs("a", "b", "c"))
    async with on_stage(store, at_once, instruments=told) as stage:
        assert [(await stage.final(job_id)).attempts for job_id in ("job_0000", "job_0002")] == [1, 1]
        await asyncio.sleep(1)
        message = "the page cannot be stored: The database refuses a value."
        assert (told.refused, stage.restarts, stage.is_empty_handed) == ([("job_0001", message)], 0, True)
        assert (await stage.job("job_0001")).status is Status.RUNNING
        job = await stage.final("job_0001")
        assert (job.status, job.error_type) == (Status.FAILED, ErrorType.POISON)
        assert (len(told.refused), stage.restarts, stage.is_empty_handed) == (POISON_AFTER, 0, True)


async def test_what_is_let_go_so_and_was_sent_is_not_sent_again_whatever_else_befalls_its_batch() -> None:
    store = Refusing("job_0001")
    await submit(store, new_job(0), new_job(1, method="POST"), new_job(2))
    troubles = iter([None] * 5 + [StoreFullError()])
    store.fails["settle"] = lambda: next(troubles, None)
    async with on_stage(store, at_once) as stage:
        assert [(await stage.final(job_id)).attempts for job_id in ("job_0000", "job_0002")] == [1, 1]
        assert not list(troubles)
    assert (await stage.job("job_0001")).status is Status.RUNNING
    assert [job_id for job_id, _ in stage.notes.all].count("job_0001") == 1


async def test_a_full_disk_is_waited_for_past_all_leases_and_nothing_is_lost() -> None:
    store = Troubled()
    is_full = False
    for method in ("commit", "settle", "claim", "renew", "promote"):
        store.fails[method] = lambda: StoreFullError() if is_full else None
    await submit(store, *jobs("a", "b"), new_job(2, method="POST"))
    async with on_stage(store, at_once, concurrency=2) as stage:
        await asyncio.sleep(0.05)
        is_full = True
        store.calls.clear()
        waited_s = 5 * LEASE_S
        with pytest.raises(StoreFullError):
            await stage.system.commit(submission(*jobs("e")))
        await asyncio.sleep(waited_s)
        assert len(store.calls) < 10 * waited_s
        is_full = False
        for job_id in ("job_0000", "job_0001", "job_0002"):
            job = await stage.final(job_id)
            assert (job.status, job.attempts, job.losses, job.fence) == (Status.COMPLETED, 1, 0, 1)
        assert stage.restarts == 0
        await asyncio.sleep(1)
        assert stage.is_empty_handed


async def test_a_drain_on_a_full_disk_is_no_busy_loop_and_ends() -> None:
    store = Troubled()
    store.fails["settle"] = StoreFullError
    await submit(store, *jobs("a"))
    async with on_stage(store, at_once):
        await asyncio.sleep(1)
        store.calls.clear()
    assert store.calls.count("settle") < 40
    job = await store.get("job_0000")
    assert job is not None
    assert (job.status, job.losses) == (Status.QUEUED, 0)


async def test_a_drain_that_finds_the_persister_dead_has_its_successor_finish_what_there_is() -> None:
    store = Troubled()
    store.fails["settle"] = times(1, StoreError)
    await submit(store, *jobs("a"))
    async with on_stage(store, at_once, grace_s=1.0) as stage:
        await asyncio.sleep(0.11)
        assert (stage.restarts, store.calls.count("settle")) == (0, 1)
        store.fails["commit"] = times(1, StoreError)
        asked = asyncio.create_task(stage.system.commit(submission(new_job(1))))
        await asyncio.sleep(0)
        await stage.root.drain()
        assert asked.done()
        await asked
    done, new = [await stage.job(job_id) for job_id in ("job_0000", "job_0001")]
    assert (done.status, done.attempts, new.status) == (Status.COMPLETED, 1, Status.QUEUED)
    assert stage.is_empty_handed


async def test_a_persister_that_dies_during_a_drain_is_back_for_those_who_still_wait() -> None:
    async def play(_: str) -> None:
        await asyncio.sleep(10)

    store = Troubled()
    await submit(store, *jobs("long"))
    async with on_stage(store, play) as stage:
        await asyncio.sleep(1)
        draining = asyncio.create_task(stage.root.drain())
        await asyncio.sleep(1)
        store.fails["commit"] = times(1, StoreError)
        async with asyncio.timeout(1):
            await stage.system.commit(submission(new_job(1)))
        store.fails["settle"] = times(1, StoreError)
        await draining
    assert (await stage.job("job_0000")).status is Status.COMPLETED
    assert (stage.restarts, stage.is_empty_handed) == (2, True)


async def test_over_a_damaged_file_all_comes_to_rest_and_asks_are_told() -> None:
    store = Troubled()
    await submit(store, *jobs("a", "b", "c"))
    async with on_stage(store, at_once, concurrency=1) as stage:
        await asyncio.sleep(0.05)
        for method in ("commit", "settle", "claim", "renew", "promote"):
            store.fails[method] = StoreDamagedError
        await asyncio.sleep(5 * LEASE_S)
        with pytest.raises(StoreDamagedError):
            await stage.system.commit(submission(*jobs("d")))
        calls = len(store.calls)
        await asyncio.sleep(1000)
        assert (len(store.calls), stage.restarts) == (calls, 0)
        assert stage.is_empty_handed


async def test_those_who_ask_again_and_again_come_to_share_a_commit_and_who_asks_alone_waits_for_nobody() -> None:
    store = Slow()

    async def asks(stage: Stage, number: int, times: int) -> None:
        for each in range(times):
            await asyncio.sleep(0.001 * number)
            await stage.system.commit(submission(new_job(100 * number + each)))

    async with on_stage(store, at_once) as stage:
        await asyncio.gather(*(asks(stage, number, 10) for number in range(1, 7)))
        assert store.sizes.count(6) >= 8
        began = asyncio.get_running_loop().time()
        await asks(stage, 0, 10)
        waited_s = asyncio.get_running_loop().time() - began
        assert waited_s == pytest.approx(10 * Slow.COMMIT_S, abs=2 * Slow.COMMIT_S)


async def test_who_finds_a_batch_full_of_bytes_waits_for_nobody() -> None:
    store, a_batch = Slow(), 8
    piece = bytes(BATCH_BYTES // a_batch)

    async def keeps(stage: Stage, job_id: str, number: int) -> None:
        for each in range(5):
            seq = 5 * number + each
            await stage.system.commit(KeepChunk(job_id=job_id, fence=1, seq=seq, data=piece))
            await asyncio.sleep(2 * Slow.COMMIT_S)

    async with on_stage(store, at_once) as stage:
        job = new_job(1)
        await stage.system.commit(submission(job))
        store.sizes.clear()
        began = asyncio.get_running_loop().time()
        await asyncio.gather(*(keeps(stage, job.id, number) for number in range(5 * a_batch)))
        took_s = asyncio.get_running_loop().time() - began
        assert store.sizes == [a_batch] * 25
        assert took_s == pytest.approx(25 * Slow.COMMIT_S, abs=5 * Slow.COMMIT_S)
