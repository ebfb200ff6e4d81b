"""Fetchers beside each other: who is alone, who waits, what is noted, and what a crash is held against."""

import asyncio
from dataclasses import replace

import pytest

from actors.fetcher import ChunkSink
from engine.errors import StoreAwayError, StoreBusyError, StoreFullError, TransientStoreError
from engine.jobs.command import BeginAlone, Cancel, KeepChunk
from engine.jobs.losses import SUSPECT_AFTER
from engine.jobs.outcome import ErrorType
from engine.jobs.status import Status
from engine.runtime import AskTimeout
from tests.actors.stage import Troubled, jobs, on_stage, submission, submit_suspect
from tests.contracts.jobs import LEASE_S, new_job, submit
from tests.engine.jobs.builders import a_failure
from tests.virtual_time import run_virtual

SUSPECT = new_job(9, host="suspect.test", path="suspect")


async def a_while(_: str) -> None:
    await asyncio.sleep(0.1)


async def test_a_suspect_is_fetched_alone_and_noted_as_that_and_all_others_in_company() -> None:
    store = Troubled()
    await submit_suspect(store, SUSPECT)
    names = [f"page{number}" for number in range(12)]
    await submit(store, *jobs(*names))
    async with on_stage(store, a_while) as stage:
        for number in range(12):
            await stage.final(f"job_{number:04}")
        job = await stage.final(SUSPECT.id)
        assert stage.web.beside.pop("suspect") == {"suspect"}
        assert any(len(beside) > 1 for beside in stage.web.beside.values())
        assert {job_id for job_id, alone in stage.notes.all if alone} == {SUSPECT.id}
        assert (job.attempts, job.losses) == (1, 0)


@pytest.mark.parametrize("trouble", [StoreFullError, StoreAwayError])
def test_a_suspect_is_not_fetched_before_that_is_written_down(trouble: type[TransientStoreError]) -> None:
    async def in_trouble() -> None:
        store, loop = Troubled(), asyncio.get_running_loop()
        fetched_at = list[float]()
        await submit_suspect(store, SUSPECT)
        store.fails["commit"] = lambda: trouble() if loop.time() < 20 else None

        async def play(_: str) -> None:
            fetched_at.append(loop.time())

        async with on_stage(store, play) as stage:
            assert (await stage.final(SUSPECT.id)).status is Status.COMPLETED
            assert stage.restarts == 0
        assert fetched_at[0] >= 20

    run_virtual(in_trouble())


async def test_a_suspect_is_not_starved_by_a_stream_of_others() -> None:
    store = Troubled()

    async def play(name: str) -> None:
        if name.startswith("page"):
            number = int(name.removeprefix("page"))
            await store.commit([submission(new_job(number + 100, path=f"page{number + 4}"))])
        await asyncio.sleep(0.1 + 0.01 * len(name))

    await submit(store, *(new_job(number + 96, path=f"page{number}") for number in range(4)))
    async with on_stage(store, play) as stage:
        await asyncio.sleep(1)
        await submit_suspect(store, replace(SUSPECT, created_at=0.0, updated_at=0.0))
        async with asyncio.timeout(10):
            await stage.final(SUSPECT.id)


async def test_a_wait_at_the_gate_uses_up_neither_the_lease_nor_the_time_of_a_job() -> None:
    store = Troubled()

    async def play(name: str) -> None:
        await asyncio.sleep(4 * LEASE_S if name == "long" else 0.1)

    await submit(store, *jobs("long"))
    async with on_stage(store, play) as stage:
        await asyncio.sleep(1)
        await submit_suspect(store, SUSPECT)
        job = await stage.final(SUSPECT.id)
        assert (job.status, job.attempts, job.fence) == (Status.COMPLETED, 1, SUSPECT_AFTER + 1)
        assert stage.web.timeouts["suspect"] == SUSPECT.request.options.timeout_s


async def test_a_suspect_that_is_cancelled_at_the_gate_holds_nobody_up() -> None:
    store = Troubled()

    async def play(name: str) -> None:
        await asyncio.sleep(1000 if name == "long" else 0.1)

    await submit(store, *jobs("long"))
    async with on_stage(store, play) as stage:
        await asyncio.sleep(1)
        await submit_suspect(store, SUSPECT)
        await asyncio.sleep(2)
        await store.commit([submission(new_job(1, path="later"))])
        await asyncio.sleep(2)
        assert (await stage.job("job_0001")).status is Status.RUNNING
        await stage.system.commit(Cancel(job_id=SUSPECT.id))
        await asyncio.sleep(1)
        assert (await stage.job("job_0001")).status is Status.COMPLETED
        assert "suspect" not in stage.web.beside
        await stage.system.commit(Cancel(job_id="job_0000"))


async def test_what_waits_at_the_gate_when_a_drain_begins_goes_back_unharmed() -> None:
    store = Troubled()

    async def play(name: str) -> None:
        await asyncio.sleep(20 if name == "long" else 0.1)

    await submit(store, *jobs("long"))
    async with on_stage(store, play) as stage:
        await asyncio.sleep(1)
        await submit_suspect(store, SUSPECT)
        await asyncio.sleep(2)
        await submit(store, new_job(1, method="POST"))
        await asyncio.sleep(2)
    assert [(await stage.job(job_id)).status for job_id in ("job_0000", SUSPECT.id, "job_0001")] == [
        Status.COMPLETED,
        Status.QUEUED,
        Status.QUEUED,
    ]
    assert (await stage.job(SUSPECT.id)).losses == SUSPECT_AFTER
    assert stage.is_empty_handed


async def test_what_must_not_be_sent_again_stays_noted_until_it_is_settled() -> None:
    store = Troubled()
    is_noted = list[int]()

    def noted() -> None:
        is_noted.append(len(stage.notes.open))

    await submit(store, new_job(0, method="POST"), new_job(1))
    store.fails["settle"] = noted
    async with on_stage(store, a_while) as stage:
        await stage.final("job_0000")
        await stage.final("job_0001")
        await asyncio.sleep(1)
        assert (set(is_noted), stage.is_empty_handed) == ({1}, True)


async def test_a_page_may_crash_one_fetcher_and_not_two() -> None:
    store = Troubled()

    async def play(_: str) -> None:
        await asyncio.sleep(0.1)
        raise ZeroDivisionError

    await submit(store, *jobs("a"))
    async with on_stage(store, play) as stage:
        job = await stage.final("job_0000")
        assert (job.status, job.error_type) == (Status.FAILED, ErrorType.INTERNAL)
        await asyncio.sleep(1)
        assert (stage.restarts, stage.is_empty_handed) == (2, True)


async def test_a_crash_counts_once_whatever_losses_were_before_and_an_outcome_between_clears_it() -> None:
    store = Troubled()
    ends = iter([ZeroDivisionError(), a_failure(), ZeroDivisionError(), None])

    async def play(_: str) -> object:
        await asyncio.sleep(0.1)
        end = next(ends)
        if isinstance(end, ZeroDivisionError):
            raise end
        return end

    await submit_suspect(store, SUSPECT, losses=1)
    async with on_stage(store, play) as stage:  # type: ignore[arg-type]  # an outcome or None
        job = await stage.final(SUSPECT.id)
        assert (job.status, job.attempts, stage.restarts) == (Status.COMPLETED, 2, 2)


async def test_a_fetcher_that_crashes_before_its_fetch_has_begun_is_no_loss() -> None:
    store = Troubled()

    async def play(_: str) -> None:
        await asyncio.sleep(5)

    await submit(store, *jobs("long"))
    async with on_stage(store, play, concurrency=3) as stage:
        await asyncio.sleep(1)
        await submit_suspect(store, SUSPECT)
        await asyncio.sleep(1)
        await submit(store, new_job(1, method="POST"))
        await asyncio.sleep(1)
        for task in asyncio.all_tasks():
            if task.get_name() == "fetcher":
                task.cancel()
        found = [await stage.final(job_id) for job_id in ("job_0000", SUSPECT.id, "job_0001")]
        assert [job.status for job in found] == [Status.COMPLETED] * 3


@pytest.mark.parametrize("trouble", [StoreFullError, StoreAwayError, StoreBusyError, AskTimeout])
def test_a_piece_of_a_body_waits_for_a_trouble_to_pass(trouble: type[Exception]) -> None:
    async def in_trouble() -> None:
        store, kept = Troubled(), list[KeepChunk | BeginAlone]()
        await submit(store, new_job(0))
        (lease,) = await store.claim(1, owner="me", lease_s=LEASE_S)

        async def keep(chunk: KeepChunk | BeginAlone) -> None:
            if asyncio.get_running_loop().time() < 10:
                raise trouble
            kept.append(chunk)

        sink = ChunkSink(lease, keep)
        await sink(b"first")
        await sink(b"second")
        pieces = [(0, b"first"), (1, b"second")]
        assert kept == [KeepChunk(job_id=lease.job_id, fence=lease.fence, seq=seq, data=data) for seq, data in pieces]

    run_virtual(in_trouble())
