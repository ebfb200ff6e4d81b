"""Of jobs that end without an outcome every JobStore tells who opened it: of each once, when it is written."""

from collections import Counter
from collections.abc import Awaitable, Callable, Mapping, Sequence

import pytest

from engine.errors import RefusedDataError
from engine.jobs.command import Cancel, CancelBatch, CancelMany, ClearQueue, DeleteMany, KeepChunk, Submit
from engine.jobs.job import Batch
from engine.jobs.lease import Lease
from engine.jobs.outcome import ErrorType
from engine.jobs.ports import Ends, JobStore
from tests.contracts.jobs import LEASE_S, claim, done, failed, new_job
from tests.contracts.stores import START, Hand

STOPS = Batch(id="batch_1", total=4, created_at=START, parallel_limit=1, stop_on_error=True)
ALL = tuple(f"job_{number:04}" for number in range(7))
LOST: Ends = {ErrorType.CONNECTION_LOST: 2, ErrorType.CANCELLED: 3}
Act = Callable[[JobStore, Sequence[Lease]], Awaitable[object]]
ACTS: Mapping[str, tuple[Act, Ends]] = {
    "cancelled": (
        lambda store, _: store.commit([Cancel(job_id=ALL[0]), Cancel(job_id=ALL[0]), Cancel(job_id="job_none")]),
        {ErrorType.CANCELLED: 1},
    ),
    "many cancelled": (
        lambda store, _: store.commit([CancelMany(job_ids=("job_none", *ALL[1:3], ALL[1]))]),
        {ErrorType.CANCELLED: 2},
    ),
    "a batch cancelled": (
        lambda store, _: store.commit([CancelBatch(batch_id=STOPS.id, limit=10)]),
        {ErrorType.CANCELLED: 4},
    ),
    "the queue cleared": (lambda store, _: store.commit([ClearQueue(limit=10)]), {ErrorType.CANCELLED: 4}),
    "deleted": (lambda store, _: store.commit([DeleteMany(job_ids=ALL)]), {}),
    "deleted by force": (
        lambda store, _: store.commit([DeleteMany(job_ids=ALL, force=True)]),
        {ErrorType.CANCELLED: 7},
    ),
    "given back": (lambda store, leases: store.give_back(leases), {}),
    "released": (lambda store, _: store.release("me"), {}),
    "lost": (lambda store, leases: store.give_back(leases, lost=True), LOST),
    "rescued": (lambda store, _: store.rescue(10), LOST),
    "failed": (
        lambda store, leases: store.settle([failed(each) for each in leases]),
        {ErrorType.CANCELLED: 3},
    ),
    "done": (lambda store, leases: store.settle([done(each) for each in leases]), {}),
}


async def _seven(store: JobStore) -> Sequence[Lease]:
    """A batch of four, one of which runs, that must not be sent again; two others that run, and one for later."""
    batch = tuple(new_job(number, method="GET" if number else "POST", batch_id=STOPS.id) for number in range(4))
    others = (new_job(4), new_job(5, method="POST"), new_job(6, due_at=START + 999))
    await store.commit([Submit(jobs=batch, batch=STOPS), Submit(jobs=others)])
    leases = await claim(store)
    assert {lease.job_id for lease in leases} == {ALL[0], ALL[4], ALL[5]}
    return leases


@pytest.mark.parametrize("how", ACTS)
async def test_each_end_without_an_outcome_is_told_of_once_however_often_it_is_asked_for(
    store: JobStore, hand: Hand, ends: Counter[ErrorType], how: str
) -> None:
    act, expected = ACTS[how]
    leases = await _seven(store)
    hand.turn(LEASE_S)
    for _ in range(2):
        await act(store, leases)
        assert ends == expected


async def test_of_what_was_not_written_nothing_is_told(store: JobStore, ends: Counter[ErrorType]) -> None:
    await _seven(store)
    with pytest.raises(RefusedDataError):
        await store.commit([Cancel(job_id=ALL[0]), KeepChunk(job_id="job_none", fence=1, seq=0, data=b"x")])
    assert ends == {}
