"""The contract of retention: a result goes its time after its job's end, and nothing else goes with it."""

from engine.jobs.command import KeepChunk, Redrive
from engine.jobs.job import Job
from engine.jobs.outcome import Chunks, ErrorType
from engine.jobs.ports import JobStore
from engine.jobs.query import Result
from engine.jobs.stats import day_of
from engine.jobs.status import Status
from engine.jobs.verdict import Failed, Settlement
from tests.contracts.conftest import TTL_S
from tests.contracts.jobs import body_of, claim, claim_one, done, failed, new_job, now, page_with, settle, submit
from tests.contracts.stores import START, Hand

TODAY = day_of(START)


async def result_of(store: JobStore, job_id: str) -> Result:
    found = await store.result(job_id)
    assert found is not None
    return found


async def settled(store: JobStore, hand: Hand, jobs: int, *, every_s: float = 1.0) -> None:
    """Jobs end one after the other, the last submitted first."""
    await submit(store, *(new_job(number, priority=number) for number in range(jobs)))
    for lease in await claim(store, jobs):
        hand.turn(every_s)
        await settle(store, done(lease))


async def pruned(store: JobStore, jobs: int) -> list[int]:
    return [number for number in range(jobs) if (await result_of(store, f"job_{number:04}")).is_pruned]


async def test_a_result_goes_when_its_time_is_over_and_not_before(forgetful: JobStore, hand: Hand) -> None:
    lease = await claim_one(forgetful)
    hand.turn(5.0)
    await settle(forgetful, done(lease))
    hand.turn(TTL_S - 0.001)
    assert await forgetful.tidy(10) == 0
    before = await result_of(forgetful, lease.job_id)
    assert before.page is not None
    hand.turn(0.001)
    assert [await forgetful.tidy(10), await forgetful.tidy(10)] == [1, 0]
    after = await result_of(forgetful, lease.job_id)
    assert (after.page, after.is_pruned, after.job) == (None, True, before.job)
    assert await body_of(forgetful, lease.job_id) == []


async def test_results_are_kept_for_good_unless_it_is_said_how_long(store: JobStore, hand: Hand) -> None:
    lease = await claim_one(store)
    await settle(store, done(lease))
    hand.turn(10 * 365 * 86_400.0)
    assert await store.tidy(10) == 0
    assert (await result_of(store, lease.job_id)).page is not None


async def test_those_that_are_over_go_whenever_they_came_and_no_others(forgetful: JobStore, hand: Hand) -> None:
    await settled(forgetful, hand, 6)
    hand.turn(TTL_S - 2.0)
    assert await forgetful.tidy(2) == 2
    assert len(await pruned(forgetful, 6)) == 2
    assert await forgetful.tidy(10) == 2
    assert await pruned(forgetful, 6) == [2, 3, 4, 5]


async def test_more_than_one_step_goes_at_once_and_no_more_than_the_limit(forgetful: JobStore, hand: Hand) -> None:
    await submit(forgetful, *(new_job(number, created_at=START) for number in range(1200)))
    await forgetful.settle([done(lease) for lease in await claim(forgetful, 1200)])
    hand.turn(TTL_S)
    assert [await forgetful.tidy(1100) for _ in range(3)] == [1100, 100, 0]


async def test_the_pieces_of_a_large_body_go_too(forgetful: JobStore, hand: Hand) -> None:
    lease = await claim_one(forgetful)
    pieces = [KeepChunk(job_id=lease.job_id, fence=lease.fence, seq=seq, data=b"x") for seq in range(3)]
    await forgetful.commit(pieces)
    await settle(forgetful, done(lease, page_with(b"", chunks=Chunks(count=3, sha256="5f"))))
    hand.turn(TTL_S)
    assert [await forgetful.tidy(2) for _ in range(4)] == [3, 1, 0, 0]


async def test_many_pieces_go_at_once_and_no_more_than_the_limit(forgetful: JobStore) -> None:
    lease = await claim_one(forgetful)
    pieces = [KeepChunk(job_id=lease.job_id, fence=lease.fence, seq=seq, data=b"x") for seq in range(50)]
    await forgetful.commit(pieces)
    await settle(forgetful, failed(lease))
    assert [await forgetful.tidy(40) for _ in range(3)] == [40, 10, 0]


async def test_a_reader_whose_body_goes_meanwhile_gets_no_more_of_it(forgetful: JobStore, hand: Hand) -> None:
    lease = await claim_one(forgetful)
    pieces = [KeepChunk(job_id=lease.job_id, fence=lease.fence, seq=seq, data=b"x") for seq in range(3)]
    await forgetful.commit(pieces)
    await settle(forgetful, done(lease, page_with(b"", chunks=Chunks(count=3, sha256="5f"))))
    body = forgetful.body(lease.job_id)
    assert await anext(body) == b"x"
    hand.turn(TTL_S)
    await forgetful.tidy(10)
    assert [piece async for piece in body] == []


async def test_jobs_and_figures_stay(forgetful: JobStore, hand: Hand) -> None:
    await settled(forgetful, hand, 3)
    before = [await now(forgetful, f"job_{number:04}") for number in range(3)]
    counted = await forgetful.counts(), await forgetful.stats(TODAY, TODAY)
    hand.turn(TTL_S)
    assert await forgetful.tidy(10) == 3
    assert [await now(forgetful, f"job_{number:04}") for number in range(3)] == before
    assert (await forgetful.counts(), await forgetful.stats(TODAY, TODAY)) == counted


async def test_a_failed_job_is_pruned_only_if_it_had_a_page(forgetful: JobStore, hand: Hand) -> None:
    await submit(forgetful, *map(new_job, range(2)))
    with_page, without = await claim(forgetful)
    verdict = Failed(error_type=ErrorType.HTTP_5XX, message="the site answered 503")
    busy = Settlement(lease=with_page, outcome=page_with(b"busy", status_code=503), verdict=verdict)
    await forgetful.settle([busy, failed(without)])
    assert await pruned(forgetful, 2) == []
    hand.turn(TTL_S)
    assert await forgetful.tidy(10) == 1
    assert await pruned(forgetful, 2) == [0]
    assert (await now(forgetful, "job_0000")).error_message == "the site answered 503"


async def test_a_pruned_job_may_start_anew_and_its_new_result_has_its_own_time(forgetful: JobStore, hand: Hand) -> None:
    lease = await claim_one(forgetful)
    await settle(forgetful, failed(lease, page_with(status_code=500)))
    hand.turn(TTL_S)
    assert await forgetful.tidy(10) == 1
    await forgetful.commit([Redrive(job_ids=(lease.job_id,))])
    (again,) = await claim(forgetful)
    await settle(forgetful, done(again))
    hand.turn(TTL_S - 1)
    assert await forgetful.tidy(10) == 0
    assert await _status_and_page(forgetful, lease.job_id) == (Status.COMPLETED, True)


async def _status_and_page(store: JobStore, job_id: str) -> tuple[Status, bool]:
    found = await result_of(store, job_id)
    job: Job = found.job
    return job.status, found.page is not None
